import { Type, type Static } from '@sinclair/typebox'
import { FileSource } from './common.ts'
import { Attempt } from './notice.ts'
import { CHANNEL_KINDS } from './words.ts'

export type ChannelKind = typeof CHANNEL_KINDS[number]
export const ChannelKind = Type.Union(CHANNEL_KINDS.map((kind) => Type.Literal(kind)), { description: CHANNEL_KINDS.join(', ') })

const fields = {
  name: Type.String({ minLength: 1, maxLength: 100, description: 'what rules call it' }),
  kind: ChannelKind,
  url: Type.String({ minLength: 1, maxLength: 2_048, description: 'http or https address; a public one, unless WEBHOOK_ALLOW names it' }),
  enabled: Type.Boolean({ default: true, description: 'switched off, it keeps what waits for it for a week' }),
  ack_links: Type.Boolean({ default: true, description: 'whether what it tells of an alert that fires carries a link that acknowledges, once and without signing in' }),
  fallback: Type.String({ minLength: 1, maxLength: 100, description: 'name or id of the channel that takes over when this one is broken' }),
  secret: Type.String({
    maxLength: 1_024,
    description: 'key that signs a webhook: `whsec_` and base64 of 24 to 64 bytes, or any other text of 8 to 512 visible ASCII characters, ' +
      'used as it is and, where it is base64, decoded too; two with a blank between them sign both while one is replaced. Never answered'
  })
}

export const NewChannel = Type.Object({
  name: fields.name,
  kind: fields.kind,
  url: fields.url,
  enabled: Type.Optional(fields.enabled),
  ack_links: Type.Optional(fields.ack_links),
  fallback: Type.Optional(fields.fallback),
  secret: Type.Optional(fields.secret)
}, { additionalProperties: false })
export type NewChannel = Static<typeof NewChannel>

/** Null takes the fallback or the secret away. The kind stays: another kind is another channel. */
export const ChannelPatch = Type.Partial(Type.Object({
  name: fields.name,
  url: fields.url,
  enabled: fields.enabled,
  ack_links: fields.ack_links,
  fallback: Type.Union([fields.fallback, Type.Null()]),
  secret: Type.Union([fields.secret, Type.Null()])
}), { additionalProperties: false })
export type ChannelPatch = Static<typeof ChannelPatch>

/** Where a channel is set that cannot be changed at run time. */
export const ChannelSource = Type.Union([FileSource, Type.Object({ setting: Type.String() })], { description: 'read-only: it is set there' })
export type ChannelSource = Static<typeof ChannelSource>

/** A channel as it is answered. */
export const Channel = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: ChannelKind,
  url: Type.String(),
  enabled: Type.Boolean(),
  ack_links: Type.Boolean(),
  fallback: Type.Union([Type.String(), Type.Null()], { description: 'id of another channel' }),
  signed: Type.Boolean({ description: 'there is a secret' }),
  failures: Type.Integer({ description: 'failed attempts since the last one that succeeded' }),
  broken: Type.Boolean({ description: 'it failed so often in a row that its fallback takes over' }),
  disabled_reason: Type.Union([Type.String(), Type.Null()], { description: 'why the service switched it off' }),
  source: Type.Optional(ChannelSource)
})
export type Channel = Static<typeof Channel>

/** What a test of a channel answers: the request as it was sent, and what came of it. */
export const ChannelTest = Type.Object({
  request: Type.Object({
    url: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.String()
  }),
  attempt: Attempt
})
export type ChannelTest = Static<typeof ChannelTest>

/** A channel as deliveries need it: with its secret and its health. */
export interface DeliveryChannel {
  id: string
  name: string
  kind: ChannelKind | 'canary'
  url: string
  /** One secret or two with a blank between them. */
  secret: string | null
  /** Id of the channel that takes over while this one is broken. */
  fallback: string | null
  /** False when a person or the receiver (410) switched it off. */
  enabled: boolean
  /** Whether its notices carry links that acknowledge. */
  ackLinks: boolean
  /** Failed attempts since the last one that succeeded. */
  failures: number
  /** Nothing is sent before this time, in ms since the epoch; 0 when it is not held. */
  heldUntil: number
}
