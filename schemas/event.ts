import { Type, type Static } from '@sinclair/typebox'
import { Fault, Time } from './common.ts'
import { LEVELS, SEVERITIES } from './words.ts'

export type Level = typeof LEVELS[number]
export type Severity = typeof SEVERITIES[number]

export const Level = Type.Union(LEVELS.map((level) => Type.Literal(level)))
export const Severity = Type.Union(SEVERITIES.map((severity) => Type.Literal(severity)))

/** Bounds of one event. Text is counted in bytes of UTF-8, names in characters. */
export const EVENT_LIMITS = {
  messageBytes: 65_536,
  metaBytes: 32_768,
  metaDepth: 32,
  metaKeys: 256,
  nameLength: 255,
  idLength: 128,
  /** Of one event's JSON text: a message and a meta at their limits, each letter written as an escape, fit well. */
  jsonBytes: 1_048_576
} as const

/** What an event says. `time` is ms since the epoch, `meta` the text of a JSON object, `clientId` the sender's id for it. */
export interface EventFields {
  time: number
  level: Level
  severity: Severity
  service: string | null
  type: string | null
  host: string | null
  traceId: string | null
  clientId: string | null
  message: string
  meta: string | null
}

/** An event as ingest hands it to the store: decoded, named, bounded, well-formed. */
export interface NewEvent extends EventFields {
  /** The JSON text of an `id` that a logger wrote, which is no promise that it is unique. Null for `event_id`, which is one. */
  idHint: string | null
  /** The sender gave the time; else it is that of the receipt, and sending the event again would change it. */
  isTimed: boolean
}

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })

export const Anomaly = Type.Object({
  score: Type.Number(),
  flagged: Type.Boolean(),
  reasons: Type.Array(Type.String())
})

/** An event as it is answered. */
export const Event = Type.Object({
  id: Type.String(),
  time: Time,
  received_at: Time,
  level: Level,
  severity: Severity,
  service: NullableText,
  type: NullableText,
  host: NullableText,
  trace_id: NullableText,
  message: Type.String(),
  meta: Type.Record(Type.String(), Type.Unknown()),
  pattern_id: NullableText,
  anomaly: Anomaly,
  notes: Type.Optional(Type.Array(Fault, { description: 'in the answer to who sent it alone: what was not understood, and is kept nevertheless' }))
})
export type Event = Static<typeof Event>
