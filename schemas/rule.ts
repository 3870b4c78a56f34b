import { Type, type Static } from '@sinclair/typebox'
import { FileSource, Time } from './common.ts'
import { ALERT_LEVELS, LIMIT_OPS } from './words.ts'

export type AlertLevel = typeof ALERT_LEVELS[number]
export const AlertLevel = Type.Union(ALERT_LEVELS.map((level) => Type.Literal(level)))

export type LimitOp = typeof LIMIT_OPS[number]

export const SERIES_AGGREGATES = ['avg', 'min', 'max', 'sum', 'last'] as const
export type SeriesAggregate = typeof SERIES_AGGREGATES[number]
export const COUNT_AGGREGATES = ['count', 'rate'] as const
export type CountAggregate = typeof COUNT_AGGREGATES[number]

export const NO_DATA = ['hold', 'alert', 'ok'] as const
export type NoData = typeof NO_DATA[number]

/** Bounds of one rule; `groups` is the most label sets of it that may be in trouble at once. */
export const RULE_LIMITS = { groups: 100, groupNames: 4, labels: 20, channels: 20, dependencies: 20, longest: '30d' } as const

const LABEL_NAME = '^[A-Za-z_][A-Za-z0-9_]{0,99}$'

const duration = (description: string) => Type.String({ pattern: '^\\d{1,6}[smhd]$', description })
const texts = (maxLength: number, notes: { description?: string } = {}) => Type.Record(Type.String({ pattern: LABEL_NAME }), Type.String({ maxLength }), {
  additionalProperties: false, maxProperties: RULE_LIMITS.labels, ...notes
})
export const Labels = texts(1_000)
export type Labels = Readonly<Record<string, string>>

const Query = Type.String({ maxLength: 4_000, description: 'in the query language; empty for every event' })
const Name = Type.String({ minLength: 1, maxLength: 200 })
const Channels = Type.Array(Name, { maxItems: RULE_LIMITS.channels, uniqueItems: true, description: 'names or ids of channels' })
const strict = { additionalProperties: false }

export const MetricSignal = Type.Object({
  metric: Type.String({ pattern: '^[A-Za-z_:][A-Za-z0-9_:]{0,199}$' }),
  labels: Type.Optional(Labels)
}, { ...strict, description: 'a series, over the window; a label with an empty value asks for series without it' })
export type MetricSignal = Static<typeof MetricSignal>

export const EventsSignal = Type.Object({ events: Query }, { ...strict, description: 'events that match, received in the window: their count, or their rate a second' })
export type EventsSignal = Static<typeof EventsSignal>

export const AbsentSignal = Type.Object({ absent: Query }, {
  ...strict,
  description: 'events that should keep coming: their count in the window, also for a group that came once and comes no more'
})
export type AbsentSignal = Static<typeof AbsentSignal>

export const RatioSignal = Type.Object({
  ratio: Type.Object({ good: Query, total: Query }, strict),
  objective: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'share of the total that should be good, like 0.999' }),
  windows: Type.Array(duration('like `5m`'), { minItems: 2, maxItems: 2, description: 'long and short; the value is the lower of both burn rates' })
}, { ...strict, description: 'how many times faster than allowed the error budget burns' })
export type RatioSignal = Static<typeof RatioSignal>

/** What a rule looks at. A member more is a case more in `compileSignal`. */
export const Signal = Type.Union([MetricSignal, EventsSignal, AbsentSignal, RatioSignal])
export type Signal = Static<typeof Signal>

export const RuleLevel = Type.Object({
  op: Type.Union(LIMIT_OPS.map((op) => Type.Literal(op))),
  value: Type.Number(),
  recover: Type.Optional(Type.Number({ description: 'once over the limit, it is over until it is back behind this value' })),
  channels: Type.Optional(Channels)
}, strict)
export type RuleLevel = Static<typeof RuleLevel>

export const Flap = Type.Object({
  transitions: Type.Integer({ minimum: 2, maximum: 100 }),
  window: duration('like `30m`')
}, { ...strict, description: 'so many changes of level in the window are flapping: the alert then stays firing until a whole window was calm' })
export type Flap = Static<typeof Flap>

const Escalate = Type.Object({
  after: duration('how long after somebody was told something new'),
  channels: Type.Array(Name, { minItems: 1, maxItems: RULE_LIMITS.channels, uniqueItems: true, description: 'names or ids of channels' })
}, { ...strict, description: 'who is told as well when nobody has acknowledged the alert' })

const fields = {
  name: Type.String({ minLength: 1, maxLength: 200, description: 'what notices call it' }),
  signal: Type.Union(Signal.anyOf, { description: 'what it looks at: a metric, events, an absence, a ratio' }),
  levels: Type.Object({ warning: Type.Optional(RuleLevel), critical: Type.Optional(RuleLevel) }, {
    ...strict, description: 'its limits, one or both: `op`, `value`, and if wanted `recover` and `channels` of its own'
  }),
  window: duration('over how long the signal is measured: `30s`, `5m`, `2h`, `7d`'),
  aggregate: Type.Union([...SERIES_AGGREGATES, ...COUNT_AGGREGATES].map((name) => Type.Literal(name)), {
    description: `of the window: ${SERIES_AGGREGATES.join(', ')} of a metric, ${COUNT_AGGREGATES.join(' or ')} (a second) of events`
  }),
  for: duration('how long a limit must be crossed before the alert fires'),
  keep_firing_for: duration('how long it must be well again before the alert is resolved'),
  no_data: Type.Union(NO_DATA.map((then) => Type.Literal(then)), {
    description: 'hold: stay as it is; alert: fire at the lightest level of the rule; ok: as if all were well'
  }),
  no_data_for: duration('how long data must be missing before no_data applies; the window when left out'),
  labels: texts(1_000, { description: 'of all its alerts, beside those of group_by' }),
  annotations: texts(4_000, { description: 'texts for notices, with `{field}` replaced; `summary` is the first line of a chat message, `description` the second' }),
  group_by: Type.Array(Name, { maxItems: RULE_LIMITS.groupNames, uniqueItems: true, description: 'one alert for each set of these labels, or of these fields of events' }),
  channels: Type.Array(Name, { maxItems: RULE_LIMITS.channels, uniqueItems: true, description: 'who is told, by names or ids of channels; none is the channel `default`, where there is one' }),
  enabled: Type.Boolean({ description: 'switched off, its alerts are resolved' }),
  draft: Type.Boolean({ description: 'evaluated and recorded, never announced' }),
  flap: Type.Union([Flap, Type.Null()], { description: 'null switches the detection of flapping off' }),
  depends_on: Type.Array(Name, { maxItems: RULE_LIMITS.dependencies, uniqueItems: true, description: 'ids of rules: while one fires, this one is not announced' }),
  renotify: duration('while it fires and nobody has acknowledged it, its channels are told again so often; never when left out'),
  escalate: Escalate
}

/** A rule as it is sent. `completeRule` fills in what was left out. */
export const NewRule = Type.Object({
  name: fields.name,
  signal: fields.signal,
  levels: fields.levels,
  ...Type.Partial(Type.Omit(Type.Object(fields), ['name', 'signal', 'levels'])).properties
}, strict)
export type NewRule = Static<typeof NewRule>

/** A rule as it is kept and answered. Only what a signal has no use for may be missing. */
export const Rule = Type.Object({
  id: Type.String(),
  ...fields,
  window: Type.Optional(fields.window),
  aggregate: Type.Optional(fields.aggregate),
  no_data_for: Type.Optional(fields.no_data_for),
  group_by: Type.Optional(fields.group_by),
  depends_on: Type.Optional(fields.depends_on),
  renotify: Type.Optional(fields.renotify),
  escalate: Type.Optional(fields.escalate)
}, strict)
export type Rule = Static<typeof Rule>

/** What is named changes; null takes away what may be missing. */
export const RuleChange = Type.Partial(Type.Object({
  ...fields,
  no_data_for: Type.Union([fields.no_data_for, Type.Null()]),
  group_by: Type.Union([fields.group_by, Type.Null()]),
  depends_on: Type.Union([fields.depends_on, Type.Null()]),
  renotify: Type.Union([fields.renotify, Type.Null()]),
  escalate: Type.Union([fields.escalate, Type.Null()])
}), { ...strict, minProperties: 1 })
export type RuleChange = Static<typeof RuleChange>

/** A rule with where it comes from. What comes from a file is changed there. */
export const RuleView = Type.Object({
  ...Rule.properties,
  version: Type.Integer({ description: 'counts its changes from 1; timelines name it' }),
  origin: Type.Union([Type.Literal('api'), Type.Literal('builtin'), Type.Literal('file')]),
  source: Type.Optional(FileSource),
  created_at: Time,
  updated_at: Time,
  hints: Type.Optional(Type.Array(Type.String(), { description: 'what its queries may not have meant' }))
}, strict)
export type RuleView = Static<typeof RuleView>
