import { Type, type Static } from '@sinclair/typebox'
import { Time } from './common.ts'
import { Evidence } from './evidence.ts'
import { AlertLevel } from './rule.ts'

export const NOTICE_TYPES = ['alert.firing', 'alert.resolved', 'alert.escalated', 'test'] as const
export type NoticeType = typeof NOTICE_TYPES[number]
export const NoticeType = Type.Union(NOTICE_TYPES.map((type) => Type.Literal(type)))

const NullableNumber = Type.Union([Type.Number(), Type.Null()])
const Texts = Type.Record(Type.String(), Type.String())

/** What a notice says, and the JSON body of a webhook. */
export const NoticeBody = Type.Object({
  type: NoticeType,
  event_id: Type.String({ description: 'id of the transition; the same on every channel' }),
  alert_id: Type.String(),
  sequence: Type.Integer({ description: 'counts the transitions of one alert, from 1' }),
  rule: Type.Object({ id: Type.String(), name: Type.String() }),
  state: Type.Union([Type.Literal('firing'), Type.Literal('resolved')]),
  severity: AlertLevel,
  value: NullableNumber,
  limit: NullableNumber,
  unit: Type.String({ description: 'of value and limit; empty for a plain count' }),
  labels: Texts,
  annotations: Texts,
  started_at: Type.String({ description: 'ISO 8601 in UTC: when its limit was first crossed, and `for` began to run; as at /alerts' }),
  fired_at: Type.Optional(Time),
  ended_at: Type.Optional(Time),
  late: Type.Optional(Type.Object({ from: Time, to: Time }, { description: 'there only when it is told late: between these times no rule was evaluated, since the service was down or held up' })),
  evidence: Evidence,
  url: Type.String({ description: 'page of the alert' }),
  ack_url: Type.Optional(Type.String({ description: 'page that acknowledges the alert, once and without signing in, for 24 hours; there while it fires, on channels with `ack_links`' }))
})
export type NoticeBody = Static<typeof NoticeBody>

const ATTEMPT_RESULTS = ['delivered', 'retry', 'failed', 'gone'] as const

/** One attempt to send a notice, as the ledger keeps it. Holds no address and no secret. */
export const Attempt = Type.Object({
  channel: Type.String({ description: 'id of the channel that was used; the fallback has another' }),
  time: Time,
  ms: Type.Integer(),
  grouped: Type.Optional(Type.Integer({ description: 'so many notices were told with this one request; left out when it was told alone' })),
  result: Type.Union(ATTEMPT_RESULTS.map((result) => Type.Literal(result))),
  status: Type.Optional(Type.Integer({ description: 'status of the reply' })),
  reason: Type.Optional(Type.String({ description: 'why there was no reply: timeout, dns, refused_address ...' })),
  detail: Type.Optional(Type.String()),
  reply: Type.Optional(Type.String({ description: 'first 1 KB of the reply' }))
})
export type Attempt = Static<typeof Attempt>

/** A notice as it waits in the outbox. Times are ms since the epoch. */
export interface Notice {
  /** The same over all attempts, on the fallback channel too: receivers know a repeat by it. */
  id: string
  alertId: string
  /** The channel it was made for; order is kept for each alert and channel. */
  channelId: string
  /** The channel it goes to now: another one after a fallback. */
  via: string
  sequence: number
  /** Attempts made so far: the next one gets the number after. */
  attempts: number
  /** Of these, those since it was put into the outbox last: its place in the table of retries. */
  tries: number
  /** It was delivered before, and is told again because its receiver forgets. */
  isRepeat: boolean
  /** When it was made, in ms since the epoch. */
  createdAt: number
  body: NoticeBody
}
