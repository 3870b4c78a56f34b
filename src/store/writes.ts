import { withActs } from './acts.ts'
import { alertWrites } from './alert-calls.ts'
import { appendAudit, type NewAuditRecord } from './audit.ts'
import { keepBudget } from './budget.ts'
import type { WriteContext } from './contexts.ts'
import type { Space } from './free-space.ts'
import { deleteInvitation, insertInvitation } from './invitations.ts'
import { deleteRejected } from './receipts.ts'
import { retain } from './retention.ts'
import { retainSamples } from './sample-retention.ts'
import { appendSamples } from './samples.ts'
import { deleteSession, insertSession, rotateSession, touchSessions } from './sessions.ts'
import { saveSettings } from './settings.ts'
import { thin, type ThinSlice } from './thinning.ts'
import { insertToken, revokeToken, touchTokens } from './tokens.ts'
import { deleteUser, insertUser, replaceHash, updateUser } from './users.ts'

/** What the writer thread does besides taking events, by name; each runs alone, between two commits. */
export const writes = {
  ...alertWrites,
  retain,
  keepBudget,
  thin: (context: WriteContext, slice: ThinSlice) => thin(context, slice),
  appendSamples,
  retainSamples,
  takeCommitTimes: async ({ commits }: WriteContext, _: undefined): Promise<number[]> => commits.take(),
  insertToken: withActs(insertToken),
  revokeToken: withActs(revokeToken),
  touchTokens: ({ db }: WriteContext, uses: ReadonlyArray<{ id: string, at: number }>) => touchTokens(db, uses),
  deleteRejected: withActs(deleteRejected),
  space: async ({ space }: WriteContext, _: undefined): Promise<Space> => space.look(),
  insertUser: withActs(insertUser),
  updateUser: withActs(updateUser),
  deleteUser: withActs(deleteUser),
  replaceHash: ({ db }: WriteContext, args: { id: string, from: string, to: string }) => replaceHash(db, args),
  insertSession: withActs(insertSession),
  rotateSession: ({ db }: WriteContext, args: { id: string, from: string, to: string, now: number }) => rotateSession(db, args),
  deleteSession: withActs(deleteSession),
  touchSessions: ({ db }: WriteContext, uses: ReadonlyArray<{ id: string, at: number }>) => touchSessions(db, uses),
  insertInvitation: withActs(insertInvitation),
  deleteInvitation: withActs(deleteInvitation),
  appendAudit: (context: WriteContext, records: readonly NewAuditRecord[]) => appendAudit(context, records),
  saveSettings: withActs(saveSettings)
} satisfies Record<string, (context: WriteContext, args: never) => Promise<unknown>>

export type Writes = typeof writes
