import type { WriteContext } from './contexts.ts'
import type { Space } from './free-space.ts'
import { deleteRejected } from './receipts.ts'
import { retain } from './retention.ts'
import { retainSamples } from './sample-retention.ts'
import { appendSamples } from './samples.ts'
import { insertToken, revokeToken, touchTokens, type TokenRecord } from './tokens.ts'

/** What the writer thread does besides taking events, by name; each runs alone, between two commits. */
export const writes = {
  retain,
  appendSamples,
  retainSamples,
  insertToken: ({ db }: WriteContext, token: TokenRecord) => insertToken(db, token),
  revokeToken: ({ db }: WriteContext, args: { id: string, now: number }) => revokeToken(db, args),
  touchTokens: ({ db }: WriteContext, uses: ReadonlyArray<{ id: string, at: number }>) => touchTokens(db, uses),
  deleteRejected: ({ db }: WriteContext, id: string) => deleteRejected(db, id),
  space: async ({ space }: WriteContext, _: undefined): Promise<Space> => space.look(),
  takeCommitTimes: async ({ commits }: WriteContext, _: undefined): Promise<number[]> => commits.take()
} satisfies Record<string, (context: WriteContext, args: never) => Promise<unknown>>

export type Writes = typeof writes
