import { Type, type Static } from '@sinclair/typebox'
import { Level } from './event.ts'
import type { Role } from './user.ts'
import { SCOPES } from './words.ts'

export type Scope = typeof SCOPES[number]
export const Scope = Type.Union(SCOPES.map((scope) => Type.Literal(scope)))

/** What a route asks of its caller. `signed-in` is a person of any role, never an API token. */
export const ACCESS = ['open', 'ingest', 'read', 'metrics', 'operator', 'admin', 'signed-in'] as const
export type Access = typeof ACCESS[number]

/** What an API token says of every event that is sent with it, whatever the event says itself. */
export interface TokenStamp {
  service?: string
  env?: string
}

/** What holds for every event of a token, beside its stamp: those below the level are refused. */
export interface TokenRules extends TokenStamp {
  minLevel?: Level
}

interface Identified {
  id: string
  name: string
  scopes: readonly Scope[]
  /** Whose receipts, keys and share of the queue these are. */
  tokenId: string
}

export interface TokenCaller extends Identified {
  kind: 'token'
  stamp?: TokenStamp
  /** Events below it are refused. */
  minLevel?: Level
}

export interface UserCaller extends Identified {
  kind: 'user'
  role: Role
  sessionId: string
}

/** Who is asking: an API token, or a person through a session. */
export type Caller = TokenCaller | UserCaller

/** Who is asking, and from which address: what the audit is told. */
export interface Requester {
  caller: Caller | undefined
  from: string
}

const Name = Type.String({ minLength: 1, maxLength: 255 })
const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })

const stamp = {
  service: Type.Optional(Name),
  env: Type.Optional(Name),
  min_level: Type.Optional(Level)
}

export const NewApiToken = Type.Object({
  name: Name,
  scopes: Type.Array(Scope, { minItems: 1, uniqueItems: true }),
  expires_at: Type.Optional(Type.String({ maxLength: 64, description: 'ISO 8601; without it the token does not expire' })),
  ...stamp
}, { additionalProperties: false })
export type NewApiToken = Static<typeof NewApiToken>

export const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  prefix: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'what its secret begins with; null of one that was made before this was kept' }),
  created_by: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'the name of who made it, as it was then' }),
  scopes: Type.Array(Scope),
  service: NullableText,
  env: NullableText,
  min_level: Type.Union([Level, Type.Null()]),
  created_at: Type.String(),
  expires_at: NullableText,
  last_used_at: NullableText,
  revoked_at: NullableText
})
export type ApiToken = Static<typeof ApiToken>

export const MadeApiToken = Type.Intersect([ApiToken, Type.Object({ secret: Type.String({ description: 'shown this once' }) })])
