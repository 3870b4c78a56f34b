import { Type, type Static } from '@sinclair/typebox'

export const SCOPES = ['ingest', 'read', 'metrics', 'admin'] as const
export type Scope = typeof SCOPES[number]
export const Scope = Type.Union(SCOPES.map((scope) => Type.Literal(scope)))

/** What a route asks of its caller: nothing at all, or a scope. */
export const ACCESS = ['open', ...SCOPES] as const
export type Access = typeof ACCESS[number]

/** Who is asking. */
export const Caller = Type.Object({
  tokenId: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Scope)
})
export type Caller = Static<typeof Caller>
