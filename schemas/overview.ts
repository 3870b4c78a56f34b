import { Type, type Static } from '@sinclair/typebox'
import { Alert } from './alert.ts'
import { EndParam, Time, TimeParam } from './common.ts'
import { Event } from './event.ts'
import { RuleView } from './rule.ts'
import { SampleData } from './sample-data.ts'
import { SeriesData } from './sample.ts'
import { CHANGE_KINDS, LANE_STATES } from './words.ts'

export const OverviewQuery = Type.Object({
  from: Type.Optional(TimeParam),
  to: Type.Optional(EndParam),
  bins: Type.Optional(Type.Integer({ minimum: 8, maximum: 200, default: 72, description: 'bars of a lane, at most: they are of a round width' })),
  max_points: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000, default: 240, description: 'of a chart' }))
}, { additionalProperties: false })
export type OverviewQuery = Static<typeof OverviewQuery>

const Nullable = <T extends typeof Time | ReturnType<typeof Type.Number>>(schema: T) => Type.Union([schema, Type.Null()])

/** Is something wrong, and since when. */
export const Verdict = Type.Object({
  waiting: Type.Integer({ description: 'things that fire, and that nobody acknowledged or silenced; alerts of one rule that began together are one thing' }),
  attended: Type.Integer({ description: 'things that fire, and are acknowledged or silenced' }),
  first_at: Type.Union([Time, Type.Null()], { description: 'when the first thing that waits began to fire' }),
  last_at: Type.Union([Time, Type.Null()], { description: 'and the last' }),
  rules: Type.Object({ critical: Type.Integer(), warning: Type.Integer(), healthy: Type.Integer() }, { description: 'by the worst that they fire at' })
})
export type Verdict = Static<typeof Verdict>

const LaneState = Type.Union(LANE_STATES.map((state) => Type.Literal(state)))

/** A figure over the range in bars: how high each is, and how that is to be judged. */
export const Lane = Type.Object({
  name: Type.String(),
  unit: Type.Union([Type.String(), Type.Null()]),
  query: Type.Optional(Type.String({ description: 'the events that it counts' })),
  told: Type.Union([Type.Number(), Type.Null()], { description: 'the sum of what is counted, the newest of what is measured' }),
  usual: Type.Union([Type.Number(), Type.Null()], { description: 'the median of a bar of the same length before; null when nothing is known of that' }),
  bars: Type.Array(Type.Object({ time: Time, value: Nullable(Type.Number()), state: LaneState }), { description: 'they tile the range, each begins at its time; null where nothing was measured' })
})
export type Lane = Static<typeof Lane>

/** What is otherwise than in the stretch of the same length before, and what happened. */
export const Change = Type.Object({
  kind: Type.Union(CHANGE_KINDS.map((kind) => Type.Literal(kind))),
  time: Type.Optional(Time),
  subject: Type.String({ description: 'a service, an event, or what was set' }),
  what: Type.Optional(Type.Union([Type.Literal('events'), Type.Literal('errors')], { description: 'of the service' })),
  now: Type.Optional(Type.Integer()),
  before: Type.Optional(Type.Integer()),
  actor: Type.Optional(Type.String()),
  query: Type.Optional(Type.String({ description: 'finds its events' }))
})
export type Change = Static<typeof Change>

/** What is known of a thing that fires, beside its alert. */
export const Incident = Type.Object({
  alert: Type.String({ description: 'id of the first alert of it' }),
  alerts: Type.Integer({ description: 'how many it is made of' }),
  query: Type.Optional(Type.String({ description: 'the events that its rule counts' })),
  count: Type.Optional(Type.Integer({ description: 'of them, in the last half hour' })),
  message: Type.Optional(Type.String({ description: 'of the newest of them' })),
  route: Type.Optional(Type.Object({ method: Type.String(), route: Type.String(), share: Type.Number() }, { description: 'the one that spends the most time above the limit, and its share of that time' })),
  before: Type.Optional(Type.Array(Change, { description: 'what happened in the hour before it began, newest first' })),
  together: Type.Array(Type.String(), { description: 'names of rules that began to fire within two minutes of it' }),
  bars: Type.Array(Nullable(Type.Number()), { description: 'of the last half hour' }),
  bars_from: Time,
  bars_to: Time
})
export type Incident = Static<typeof Incident>

export const Stored = Type.Object({
  events: Type.Integer(),
  services: Type.Integer({ description: 'that sent any of them' }),
  bytes: Type.Integer({ description: 'of the store' })
})
export type Stored = Static<typeof Stored>

/** All that the first page shows, in one answer. */
export const Overview = Type.Object({
  from: Time,
  to: Time,
  verdict: Verdict,
  alerts: Type.Array(Alert, { description: 'pending and firing, the gravest first' }),
  last: Type.Union([Alert, Type.Null()], { description: 'the alert that ended last' }),
  incidents: Type.Array(Incident, { description: 'the four gravest' }),
  rules: Type.Array(RuleView),
  lanes: Type.Array(Lane),
  charts: Type.Array(Type.Object({ rule: Type.String(), ...SeriesData.properties }), { description: 'of host CPU, host memory and latency p95; what was never measured is left out' }),
  events: Type.Object({
    bin_ms: Type.Integer(),
    bins: Type.Array(Type.Object({ time: Time, total: Type.Integer() })),
    total: Type.Integer(),
    errors: Type.Integer(),
    before: Type.Object({ total: Type.Integer(), errors: Type.Integer() }, { description: 'in the stretch of the same length before' })
  }),
  newest: Type.Array(Event),
  changes: Type.Array(Change),
  stored: Stored,
  sample_data: SampleData
})
export type Overview = Static<typeof Overview>
