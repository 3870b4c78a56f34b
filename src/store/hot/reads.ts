import { alertReads } from './alerts/alert-calls.ts'
import { listAudit, type AuditFilter } from './access/audit.ts'
import type { Handlers } from './calls.ts'
import type { ReadContext } from './contexts.ts'
import { facets } from './events/facets.ts'
import { countByLevel, histogram } from './events/histogram.ts'
import { findInvitation, listInvitations } from './access/invitations.ts'
import { eventContext, eventsSince, getEvent, getRow } from './events/lookup.ts'
import { pageEvents } from './events/pages.ts'
import { listPartitions, type Partition } from './days/partitions.ts'
import { countByService } from './events/service-counts.ts'
import { findReceipt, findRejected, listRejected } from './events/receipts.ts'
import { listSeries, seriesPoints } from './series/series.ts'
import { seriesValues } from './series/series-values.ts'
import { findSession, findSessionByCookie, listSessions } from './access/sessions.ts'
import { listSettings } from './settings.ts'
import { steady } from './steady.ts'
import { partitionToThin, type EventKind } from './days/thinning.ts'
import { findToken, getToken, listTokens } from './access/tokens.ts'
import { findUserByName, getUser, hasUsers, listUsers } from './access/users.ts'

const all = {
  ...alertReads,
  pageEvents: steady(pageEvents),
  getEvent: steady(getEvent),
  getRow: steady(getRow),
  eventContext: steady(eventContext),
  eventsSince: steady(eventsSince),
  histogram: steady(histogram),
  facets: steady(facets),
  countByLevel: steady(countByLevel),
  countByService: steady(countByService),
  findReceipt: ({ db }: ReadContext, id: string) => findReceipt(db, id),
  listRejected: ({ db }: ReadContext, args: { limit: number, before: string | undefined }) => listRejected(db, args),
  findRejected: ({ db }: ReadContext, id: string) => findRejected(db, id),
  findToken: ({ db }: ReadContext, hash: string) => findToken(db, hash),
  listTokens: ({ db }: ReadContext, _: undefined) => listTokens(db),
  listSeries,
  seriesPoints,
  seriesValues,
  partitions: ({ db }: ReadContext, _: undefined): Promise<Partition[]> => listPartitions(db),
  partitionToThin: ({ db }: ReadContext, args: EventKind & { before: number }) => partitionToThin(db, args),
  getToken: ({ db }: ReadContext, id: string) => getToken(db, id),
  getUser: ({ db }: ReadContext, id: string) => getUser(db, id),
  findUserByName: ({ db }: ReadContext, usernameKey: string) => findUserByName(db, usernameKey),
  listUsers: ({ db }: ReadContext, _: undefined) => listUsers(db),
  hasUsers: ({ db }: ReadContext, _: undefined) => hasUsers(db),
  findSession: ({ db }: ReadContext, id: string) => findSession(db, id),
  listSessions: ({ db }: ReadContext, args: { userId: string, now: number }) => listSessions(db, args),
  findSessionByCookie: ({ db }: ReadContext, cookieHash: string) => findSessionByCookie(db, cookieHash),
  findInvitation: ({ db }: ReadContext, hash: string) => findInvitation(db, hash),
  listInvitations: ({ db }: ReadContext, now: number) => listInvitations(db, now),
  listAudit: ({ db }: ReadContext, filter: AuditFilter) => listAudit(db, filter),
  listSettings: ({ db }: ReadContext, _: undefined) => listSettings(db)
} satisfies Record<string, (context: ReadContext, args: never) => Promise<unknown>>

export type Reads = typeof all

/** What a reader thread answers, by name. Long ones pause between slices, so that one connection serves many at once. */
export const reads: Handlers<ReadContext, Reads> = all
