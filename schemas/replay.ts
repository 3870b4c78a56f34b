import { Type, type Static } from '@sinclair/typebox'
import { Time, TimeParam } from './common.ts'
import { AlertLevel, Labels, NewRule } from './rule.ts'

const closed = { additionalProperties: false } as const
const MOST_SWEPT = 20

/** Most firings that are answered, and most evaluations of one replay. */
export const REPLAY_LIMITS = { firings: 1_000, ticks: 500_000 } as const

const Sweep = Type.Union([
  Type.Object({
    level: AlertLevel,
    values: Type.Array(Type.Number(), { minItems: 1, maxItems: MOST_SWEPT })
  }, closed),
  Type.Object({
    for: Type.Array(Type.String({ pattern: '^\\d{1,6}[smhd]$' }), { minItems: 1, maxItems: MOST_SWEPT })
  }, closed)
], { description: 'other values of one level, or other times of `for`' })
export type Sweep = Static<typeof Sweep>

export const ReplayRequest = Type.Object({
  rule: Type.Union([
    Type.String({ minLength: 1, maxLength: 200 }),
    Type.Object({ id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), ...NewRule.properties }, closed)
  ], { description: 'the id of a rule, or a rule; one with the id of a rule that there is, is compared with it' }),
  from: Type.Optional(TimeParam),
  to: Type.Optional(TimeParam),
  sweep: Type.Optional(Sweep)
}, closed)
export type ReplayRequest = Static<typeof ReplayRequest>

export const ReplayAnswer = Type.Object({
  from: Time,
  to: Time,
  step_ms: Type.Integer({ description: 'between two evaluations: longer than live where numbers are kept by the minute or hour only' }),
  judged: Type.Integer({ description: 'evaluations that had data; with 0 the firings say nothing: there is no such series, or nobody listened yet' }),
  firings: Type.Array(Type.Object({
    from: Time,
    to: Type.Union([Time, Type.Null()]),
    peak: Type.Union([Type.Number(), Type.Null()]),
    level: AlertLevel,
    labels: Labels
  }), { description: `oldest first, at most ${REPLAY_LIMITS.firings}` }),
  total: Type.Integer({ description: 'firings, also those beyond the most that are answered' }),
  pages: Type.Integer({ description: 'times that somebody would have been called' }),
  firing_seconds: Type.Number(),
  sweep: Type.Optional(Type.Array(Type.Object({
    value: Type.Union([Type.Number(), Type.String()]),
    firings: Type.Integer(),
    pages: Type.Integer()
  }))),
  compared: Type.Optional(Type.Object({
    added: Type.Integer(),
    removed: Type.Integer(),
    acked_removed: Type.Integer({ description: 'of the removed: those that somebody had acknowledged' })
  })),
  hints: Type.Optional(Type.Array(Type.String(), { description: 'what the queries of the rule may not have meant' }))
})
export type ReplayAnswer = Static<typeof ReplayAnswer>
