import { withActs } from './access/acts.ts'
import { alertWrites } from './alerts/alert-calls.ts'
import { appendAudit, type NewAuditRecord } from './access/audit.ts'
import { keepBudget } from './days/budget.ts'
import type { Handlers } from './calls.ts'
import type { WriteContext } from './contexts.ts'
import type { Space } from './files/free-space.ts'
import { deleteInvitation, insertInvitation } from './access/invitations.ts'
import { deleteRejected } from './events/receipts.ts'
import { retain } from './days/retention.ts'
import { retainSamples } from './series/sample-retention.ts'
import { appendSamples } from './series/samples.ts'
import { deleteSession, insertSession, rotateSession, touchSessions } from './access/sessions.ts'
import { forgetSampleEvents, forgetSampleSeries } from './days/sample-data.ts'
import { saveSettings } from './settings.ts'
import { thin, type ThinSlice } from './days/thinning.ts'
import { insertToken, revokeToken, touchTokens } from './access/tokens.ts'
import { deleteUser, endSessions, insertUser, replaceHash, updateUser } from './access/users.ts'

const all = {
  ...alertWrites,
  retain,
  keepBudget,
  thin: (context: WriteContext, slice: ThinSlice) => thin(context, slice),
  appendSamples,
  retainSamples,
  forgetSampleEvents,
  forgetSampleSeries,
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
  endSessions: withActs(endSessions),
  touchSessions: ({ db }: WriteContext, uses: ReadonlyArray<{ id: string, at: number }>) => touchSessions(db, uses),
  insertInvitation: withActs(insertInvitation),
  deleteInvitation: withActs(deleteInvitation),
  appendAudit: (context: WriteContext, records: readonly NewAuditRecord[]) => appendAudit(context, records),
  saveSettings: withActs(saveSettings)
} satisfies Record<string, (context: WriteContext, args: never) => Promise<unknown>>

export type Writes = typeof all

/** What the writer thread does besides taking events, by name; each runs alone, between two commits. */
export const writes: Handlers<WriteContext, Writes> = all
