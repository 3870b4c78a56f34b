import { Type, type Static } from '@sinclair/typebox'

const SETTING_TYPES = ['text', 'number', 'checkbox', 'dropdown', 'multi-select'] as const

/** A setting as Telex shows it. */
export const IntegrationSetting = Type.Object({
  label: Type.String(),
  type: Type.Union(SETTING_TYPES.map((type) => Type.Literal(type))),
  required: Type.Boolean(),
  default: Type.Union([Type.String(), Type.Number()]),
  description: Type.Optional(Type.String())
})
export type IntegrationSetting = Static<typeof IntegrationSetting>

/** What Telex reads to install the integration. */
export const Integration = Type.Object({
  data: Type.Object({
    date: Type.Object({ created_at: Type.String(), updated_at: Type.String() }),
    descriptions: Type.Object({
      app_name: Type.String(),
      app_description: Type.String(),
      app_logo: Type.String(),
      app_url: Type.String(),
      background_color: Type.String()
    }),
    is_active: Type.Boolean(),
    integration_category: Type.String(),
    integration_type: Type.Literal('interval'),
    key_features: Type.Array(Type.String()),
    author: Type.String(),
    website: Type.String(),
    settings: Type.Array(IntegrationSetting),
    target_url: Type.String(),
    tick_url: Type.String()
  })
})
export type Integration = Static<typeof Integration>

/** A setting as Telex sends it: what the user chose stands in `default`. Anything else in it is Telex's own. */
export const TickSetting = Type.Object({
  label: Type.String({ maxLength: 200 }),
  default: Type.Optional(Type.Unknown())
})
export type TickSetting = Static<typeof TickSetting>

/** Other members may come with a version of Telex; they are not ours to refuse. */
export const Tick = Type.Object({
  channel_id: Type.String({ minLength: 1, maxLength: 200 }),
  return_url: Type.String({ minLength: 1, maxLength: 2_048 }),
  settings: Type.Array(TickSetting, { maxItems: 100 })
})
export type Tick = Static<typeof Tick>

export const TickAccepted = Type.Object({
  status: Type.Literal('accepted'),
  result: Type.Object({
    message: Type.Literal('request received'),
    status: Type.Literal('success'),
    status_code: Type.Literal(202),
    task_id: Type.String()
  })
})
export type TickAccepted = Static<typeof TickAccepted>

export const TickTask = Type.Object({
  task_id: Type.String(),
  state: Type.Union([Type.Literal('queued'), Type.Literal('delivered'), Type.Literal('failed')]),
  attempts: Type.Integer(),
  error: Type.Optional(Type.String())
})
export type TickTask = Static<typeof TickTask>

/** What Telex takes, as the answer to a tick and as a notice. */
export const TelexMessage = Type.Object({
  event_name: Type.String(),
  message: Type.String(),
  status: Type.Union([Type.Literal('success'), Type.Literal('warning'), Type.Literal('error')]),
  username: Type.String()
})
export type TelexMessage = Static<typeof TelexMessage>

export const THRESHOLD_NAMES = ['cpu_percent', 'memory_percent', 'latency_p95_ms'] as const
export type ThresholdName = typeof THRESHOLD_NAMES[number]

/** What a tick judges by. */
export type TickThresholds = Readonly<Record<ThresholdName, Readonly<{ warning: number, critical: number }>>>
