import { Type } from '@sinclair/typebox'
import { Time } from './common.ts'

const open = { additionalProperties: true } as const
const Nullable = Type.Union([Type.Number(), Type.Null()])

/** Why a part of the evidence is not there. */
export const MISSING_WHYS = ['timeout', 'error', 'too_many_alerts'] as const
export type MissingWhy = typeof MISSING_WHYS[number]

const event = {
  id: Type.String(),
  time: Time,
  received_at: Time,
  level: Type.String(),
  message: Type.String({ description: 'the first 1,000 characters' }),
  meta: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'as much of it as fits into 2 KB' }))
}
const Events = (description: string) => Type.Array(Type.Object(event, open), { description })

/** What was going on when an alert crossed its limit. What cannot be had is left out, and named in `missing`. */
export const Evidence = Type.Unsafe<Record<string, unknown>>(Type.Object({
  compared: Type.Optional(Type.Object({
    value: Nullable,
    limit: Nullable,
    counted_by: Type.Optional(Type.Literal('received_at', { description: 'events count by their receipt, whatever time they bear' })),
    points: Type.Optional(Type.Array(Type.Object({ time: Time, value: Type.Number() }), { description: 'of the window, oldest first' }))
  }, open)),
  events: Type.Optional(Events('the newest that match, newest first')),
  processes: Type.Optional(Type.Array(Type.Object({
    pid: Type.Integer(),
    name: Type.String({ description: 'without arguments, which may hold secrets' }),
    cpu_percent: Type.Number({ description: 'of one core, since the last look or its start, a minute at most: a process that fills two cores has 200' }),
    rss_bytes: Nullable,
    started_at: Type.Optional(Time),
    parent: Type.Optional(Type.Object({ pid: Type.Integer(), name: Type.String() }))
  }), { description: 'the five busiest of the machine, busiest first' })),
  restarts: Type.Optional(Type.Array(Type.Object({ time: Time }, open), { description: 'of the hour before, oldest first' })),
  deploys: Type.Optional(Events('of the hour before, oldest first')),
  changes: Type.Optional(Type.Array(Type.Object({
    time: Time,
    action: Type.String(),
    actor: Type.Union([Type.String(), Type.Null()])
  }, open), { description: 'of rules and settings in the hour before, oldest first' })),
  missing: Type.Optional(Type.Array(Type.Object({
    part: Type.String(),
    why: Type.Union(MISSING_WHYS.map((why) => Type.Literal(why)))
  }), { description: 'parts that are left out, and why: they took more than a second, could not be read, or more than 50 alerts began to fire at once' })),
  truncated: Type.Optional(Type.Literal(true, { description: 'in notices: it was shortened, so that the body stays under 20 KB' }))
}, { ...open, description: 'frozen when the limit was crossed; secrets are replaced by `[redacted]`' }))
