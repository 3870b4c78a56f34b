import { Type, type Static, type TObject, type TProperties } from '@sinclair/typebox'
import { LOG_LEVELS } from './env.ts'

const closed = { additionalProperties: false } as const

const Duration = Type.String({ pattern: '^(0s|[1-9]\\d{0,4}s|[1-9]\\d{0,3}m|[1-9]\\d?h|[1-7]d)$', description: 'like `30s`, `5m`, `2h`, up to `7d`; `0s` is at once' })

const limits = (most: number, unit: string) => ({
  warning: Type.Number({ minimum: 0, maximum: most, description: unit }),
  critical: Type.Number({ minimum: 0, maximum: most, description: `${unit}; not under \`warning\`` }),
  for: Duration
})

const percent = limits(100, '%')
const milliseconds = limits(3_600_000, 'ms')

export const Threshold = Type.Object(percent, closed)
export type Threshold = Static<typeof Threshold>

export const Thresholds = Type.Object({
  cpu_percent: Threshold,
  memory_percent: Threshold,
  latency_p95_ms: Type.Object(milliseconds, closed)
}, closed)
export type Thresholds = Static<typeof Thresholds>

export const DEFAULT_THRESHOLDS: Readonly<Thresholds> = {
  cpu_percent: { warning: 80, critical: 95, for: '1m' },
  memory_percent: { warning: 85, critical: 95, for: '1m' },
  latency_p95_ms: { warning: 100, critical: 500, for: '1m' }
}

/** What may change while the service runs. The bounds are those of the settings of the same name in capitals. */
export const RunTimeValues = Type.Object({
  retention_days: Type.Integer({ minimum: 1, maximum: 36_500, description: 'admin' }),
  retention_bytes: Type.Integer({ minimum: 1e6, maximum: 1e15, description: 'admin' }),
  log_level: Type.Union(LOG_LEVELS.map((level) => Type.Literal(level)))
}, closed)
export type RunTimeValues = Static<typeof RunTimeValues>

/** Where a value comes from: what stands further left goes before what stands further right. */
export const SOURCES = ['flag', 'environment', 'file', 'stored', 'default'] as const
export type Source = typeof SOURCES[number]

export const ConfigView = Type.Object({
  thresholds: Thresholds,
  settings: RunTimeValues,
  sources: Type.Record(Type.String(), Type.Union(SOURCES.map((source) => Type.Literal(source))), { description: 'by JSON pointer' }),
  read_only: Type.Array(Type.String(), { description: 'JSON pointers of what was set at the start: only there it can be changed' })
})
export type ConfigView = Static<typeof ConfigView>

const some = <P extends TProperties>({ properties }: TObject<P>) => Type.Partial(Type.Object(properties), { ...closed, minProperties: 1 })

/** All thresholds anew; settings that are not named stay. */
export const ConfigReplacement = Type.Object({
  thresholds: Thresholds,
  settings: Type.Optional(some(RunTimeValues))
}, closed)

/** What is named changes, the rest stays. */
export const ConfigChange = Type.Object({
  thresholds: Type.Optional(Type.Object({
    cpu_percent: Type.Optional(some(Thresholds.properties.cpu_percent)),
    memory_percent: Type.Optional(some(Thresholds.properties.memory_percent)),
    latency_p95_ms: Type.Optional(some(Thresholds.properties.latency_p95_ms))
  }, { ...closed, minProperties: 1 })),
  settings: Type.Optional(some(RunTimeValues))
}, { ...closed, minProperties: 1 })
export type ConfigChange = Static<typeof ConfigChange>
