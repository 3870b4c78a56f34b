import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { FileSource, Time, TimeParam } from './common.ts'
import { Evidence } from './evidence.ts'
import { Attempt, NoticeType } from './notice.ts'
import { AlertLevel, Labels } from './rule.ts'

/** What the state machine knows. On the wire an inactive label set is no alert at all. */
export const ALERT_PHASES = ['inactive', 'pending', 'firing', 'resolved'] as const
export type AlertPhase = typeof ALERT_PHASES[number]

/**
 * Why an alert changed:
 * - crossed, recovered: the value went over the limit, came back;
 * - escalated, eased: it fires on, at a graver or a lighter level;
 * - no_data: as `no_data` of the rule says;
 * - flapping, calm: it fires on because it changed too often, and stops when it has been calm;
 * - operator: somebody resolved it; rule_off: its rule was removed or switched off.
 */
export const TRANSITION_REASONS = [
  'crossed', 'recovered', 'escalated', 'eased', 'no_data', 'flapping', 'calm', 'operator', 'rule_off'
] as const
export type TransitionReason = typeof TRANSITION_REASONS[number]

/** One change of the alert of one label set. `at` is ms since the epoch, `value` null when there was none. */
export interface Transition {
  from: AlertPhase
  to: AlertPhase
  /** The level it has now; when it ends, the one it had. Null for what never came to fire. */
  level: AlertLevel | null
  value: number | null
  at: number
  reason: TransitionReason
  isFlapping: boolean
  isDraft: boolean
}

const Until = Type.String({ description: 'ISO 8601, or from now: `30m`, `2h`, `7d`' })

/** Which alerts a silence or a maintenance is about: all that fit each member given; with none, every alert. */
export const MuteTarget = Type.Object({
  query: Type.Optional(Type.String({ maxLength: 4_000, description: 'in the query language; `meta.x` is the label x' })),
  rule: Type.Optional(Type.String({ maxLength: 200, description: 'id of a rule' })),
  labels: Type.Optional(Labels)
}, { additionalProperties: false })
export type MuteTarget = Static<typeof MuteTarget>

const silence = {
  ...MuteTarget.properties,
  until: Type.Optional(Until),
  until_recovered: Type.Optional(Type.Boolean({ description: 'it ends when no alert that it is about fires any more' })),
  reason: Type.Optional(Type.String({ maxLength: 1_000 }))
}

export const NewSilence = Type.Object(silence, { additionalProperties: false })
export type NewSilence = Static<typeof NewSilence>

export const Acknowledging = Type.Object({
  note: Type.Optional(Type.String({ maxLength: 1_000 })),
  until: Type.Optional(Until)
}, { additionalProperties: false })
export type Acknowledging = Static<typeof Acknowledging>

const closed = { additionalProperties: false } as const
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Figure = Nullable(Type.Number())
const STATES = ['pending', 'firing', 'resolved'] as const
const State = Type.Union(STATES.map((state) => Type.Literal(state)))
const Id = Type.String()

/** One firing of a rule for one set of labels. */
const alert = {
  id: Id,
  rule: Type.Object({ id: Id, name: Type.String(), version: Type.Integer({ description: 'that it began with' }) }),
  state: State,
  severity: Nullable(AlertLevel),
  value: Figure,
  limit: Figure,
  unit: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  flapping: Type.Boolean(),
  draft: Type.Boolean({ description: 'recorded, never announced' }),
  started_at: Type.String({ description: 'ISO 8601 in UTC: when its limit was first crossed, and `for` began to run' }),
  fired_at: Type.Union([Time, Type.Null()], { description: 'null while it is pending' }),
  ended_at: Nullable(Time),
  acknowledged_by: Nullable(Type.String()),
  acknowledged_at: Nullable(Time),
  acknowledged_until: Nullable(Time),
  note: Nullable(Type.String()),
  silenced_by: Nullable(Id)
}

export const Alert = Type.Object(alert)
export type Alert = Static<typeof Alert>

/** With everything that is known of it, each list oldest first. */
export const AlertFile = Type.Object({
  ...alert,
  annotations: Type.Record(Type.String(), Type.String(), { description: 'of the rule as it is now, with each `{field}` replaced, as notices have them' }),
  timeline: Type.Array(Type.Object({
    event_id: Id,
    sequence: Type.Integer(),
    time: Time,
    from: Type.Union([State, Type.Null()], { description: 'null where the alert begins' }),
    to: State,
    severity: Nullable(AlertLevel),
    value: Figure,
    reason: Type.String(),
    actor: Type.Optional(Type.String({ description: 'missing for the service itself' })),
    note: Type.Optional(Type.String()),
    rule_version: Type.Integer()
  })),
  evidence: Nullable(Evidence),
  deliveries: Type.Array(Type.Object({
    notice: Id,
    type: NoticeType,
    channel: Type.String({ description: 'its name' }),
    channel_id: Id,
    state: Type.String(),
    time: Time,
    attempts: Type.Array(Attempt)
  })),
  held_back: Type.Array(Type.Object({ time: Time, cause: Type.String(), id: Id, notices: Type.Integer() }), { description: 'notices that were not made, and why' })
})
export type AlertFile = Static<typeof AlertFile>

export const AlertsQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100, description: '`pending`, `firing`, `resolved`, or several with commas' })),
  rule: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'id of a rule' })),
  severity: Type.Optional(AlertLevel),
  from: Type.Optional(TimeParam),
  to: Type.Optional(TimeParam),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}\\.[\\w-]{1,100}$', description: '`next` of the page before' }))
}, closed)
export type AlertsQuery = Static<typeof AlertsQuery>

export const AlertsPage = Type.Object({ alerts: Type.Array(Alert), next: Nullable(Type.String()) })
export type AlertsPage = Static<typeof AlertsPage>

const mute = {
  id: Id,
  ...MuteTarget.properties,
  reason: Nullable(Type.String()),
  created_by: Nullable(Type.String()),
  created_at: Time,
  ended_at: Nullable(Time),
  held_back: Type.Integer({ description: 'notices that it has held back so far' }),
  would_have_held_back: Type.Optional(Type.Integer({ description: 'notices of the last 7 days that it would have held back' }))
}

export const Silence = Type.Object({ ...mute, until: Nullable(Time), until_recovered: Type.Boolean(), source: Type.Optional(FileSource) })
export type Silence = Static<typeof Silence>

/** A stretch of time in which nobody is told: once, from a time on, or again and again by a cron expression in a time zone. */
const maintenance = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  from: Type.Optional(Type.String({ maxLength: 64, description: 'when it begins; now, when neither it nor `cron` is given' })),
  cron: Type.Optional(Type.String({ maxLength: 200, description: 'minute, hour, day, month, weekday: `0 2 * * SUN`' })),
  time_zone: Type.Optional(Type.String({ maxLength: 100, description: 'of `cron`, like `Europe/Berlin`; UTC when left out' })),
  duration: Type.String({ pattern: '^[1-9]\\d{0,5}[smhd]$', description: 'like `2h`' })
}

export const NewMaintenance = Type.Object({ ...MuteTarget.properties, ...maintenance, reason: Type.Optional(Type.String({ maxLength: 1_000 })) }, closed)
export type NewMaintenance = Static<typeof NewMaintenance>

export const Maintenance = Type.Object({
  ...mute,
  ...maintenance,
  active: Type.Boolean(),
  next: Nullable(Time)
})
export type Maintenance = Static<typeof Maintenance>
