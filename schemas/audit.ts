import { Type, type Static } from '@sinclair/typebox'
import { Time, TimeParam } from './common.ts'
import { ACTOR_KINDS } from './words.ts'

/**
 * Every action that is written down, with the details that an entry of it may hold. What is not named here is never kept,
 * so that no entry can hold a secret: a new detail is a decision.
 */
export const AUDIT_DETAILS = {
  'user.register': ['role', 'via'],
  'user.create': ['role'],
  'user.update': ['role', 'disabled', 'password'],
  'user.delete': ['role'],
  'user.password': [],
  'session.login': ['session'],
  'session.failed': ['reason'],
  'session.refresh_reused': ['session'],
  'session.logout': ['session'],
  'session.end': ['session'],
  'token.create': ['name', 'scopes', 'expires_at', 'service', 'env', 'min_level'],
  'token.revoke': ['name'],
  'invitation.create': ['role', 'expires_at'],
  'invitation.revoke': [],
  'setting.update': ['from', 'to'],
  'threshold.update': ['from', 'to'],
  'config.reload': ['result', 'reason', 'rules', 'channels', 'silences'],
  'rejected.retry': ['event'],
  'store.recover': ['events', 'holes'],
  'channel.create': ['name', 'kind', 'host'],
  'channel.update': ['name', 'host', 'enabled', 'ack_links', 'fallback', 'signing'],
  'channel.delete': ['name'],
  'channel.test': ['name', 'result'],
  'notification.redeliver': ['channel'],
  'rule.create': ['name', 'version'],
  'rule.update': ['name', 'version'],
  'rule.delete': ['name'],
  'pipeline.update': ['processors', 'enabled'],
  'pipeline.delete': [],
  'alert.acknowledge': ['rule', 'until'],
  'alert.unacknowledge': ['rule'],
  'alert.resolve': ['rule'],
  'silence.create': ['until', 'until_recovered'],
  'silence.end': [],
  'maintenance.create': ['name'],
  'maintenance.end': ['name'],
  'sample-data.load': ['events', 'series'],
  'sample-data.remove': ['events', 'series']
} as const satisfies Record<string, readonly string[]>

export type AuditAction = keyof typeof AUDIT_DETAILS
type DetailName<A extends AuditAction> = typeof AUDIT_DETAILS[A][number]
/** Of an action without details nothing: the empty object type would take anything. */
export type AuditDetail<A extends AuditAction> = [DetailName<A>] extends [never] ? Readonly<Record<string, never>> : { readonly [K in DetailName<A>]?: unknown }

export const Actor = Type.Object({
  kind: Type.Union(ACTOR_KINDS.map((kind) => Type.Literal(kind))),
  id: Type.String(),
  name: Type.String({ description: 'as it was at that time' })
})
export type Actor = Static<typeof Actor>

const NullableText = (description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], description })

/** One entry as it is answered. */
export const AuditEntry = Type.Object({
  id: Type.String({ description: 'counts from 1 without a hole' }),
  time: Time,
  action: Type.String(),
  actor: Type.Union([Actor, Type.Null()], { description: 'null for somebody who was not signed in' }),
  from: NullableText('the address; null for the command line'),
  target: NullableText('the id or name of what was acted on'),
  detail: Type.Record(Type.String(), Type.Unknown()),
  hash: Type.String({ description: 'SHA-256 of this entry and the hash of the one before' })
})
export type AuditEntry = Static<typeof AuditEntry>

export const AuditQuery = Type.Object({
  from: Type.Optional(TimeParam),
  to: Type.Optional(TimeParam),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'id or name' })),
  action: Type.Optional(Type.String({ maxLength: 2_000, description: 'one action or several with commas' })),
  cursor: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$', description: '`next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }))
}, { additionalProperties: false })
export type AuditQuery = Static<typeof AuditQuery>

export const AuditPage = Type.Object({ entries: Type.Array(AuditEntry), next: NullableText('the cursor of the next page') })
export type AuditPage = Static<typeof AuditPage>
