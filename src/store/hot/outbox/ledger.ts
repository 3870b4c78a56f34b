import { sql, type Kysely, type Selectable } from 'kysely'
import type { Attempt, NoticeBody } from '../../../../schemas/notice.ts'
import { parseJsonText } from '../../../core/text/json-text.ts'
import type { DeliveriesTable, NoticesTable, NoticeState } from '../alerts/alert-tables.ts'
import { countPending, isPending, isTold } from './notices.ts'
import type { Tables } from '../tables.ts'
import { pieces } from '../transaction.ts'

/** A notice with all that was done to deliver it. Times are ms since the epoch. */
export interface LedgerEntry {
  /** Place in the order of making. */
  n: number
  id: string
  alertId: string
  /** The channel it was made for; each attempt tells the one that was used. */
  channelId: string
  state: NoticeState
  body: NoticeBody
  createdAt: number
  doneAt: number | null
  /** When it is tried next, as far as that is known. */
  nextAt: number | null
  attempts: Attempt[]
  /** The newest time that it was told again after its delivery. */
  repeat: Attempt | null
}

/** `before` is the `n` of an entry; the next page begins behind it. */
export interface LedgerQuestion {
  limit: number
  before: number | undefined
  state: NoticeState | undefined
  channelId: string | undefined
  alertId: string | undefined
}

/** What waits in the outbox, by the channel it was made for, and since when. */
export interface Backlog {
  channelId: string
  pending: number
  oldestAt: number
}

type Row = Selectable<NoticesTable>
type Delivery = Pick<DeliveriesTable, 'attempt' | 'body'>

/** Lists the ledger, newest first. */
export async function listNotices (db: Kysely<Tables>, { limit, before, state, channelId, alertId }: LedgerQuestion): Promise<LedgerEntry[]> {
  const rows = await db.selectFrom('notices').selectAll().where(isTold)
    .$if(before !== undefined, (query) => query.where('n', '<', before ?? 0))
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'pending'))
    .$if(channelId !== undefined, (query) => query.where('channel_id', '=', channelId ?? ''))
    .$if(alertId !== undefined, (query) => query.where('alert_id', '=', alertId ?? ''))
    .orderBy('n', 'desc').limit(limit).execute()
  return withAttempts(db, rows)
}

export async function getNotice (db: Kysely<Tables>, id: string): Promise<LedgerEntry | undefined> {
  const rows = await db.selectFrom('notices').selectAll().where('id', '=', id).where(isTold).execute()
  const [entry] = await withAttempts(db, rows)
  return entry
}

/** Lists all notices of an alert, oldest first. */
export async function noticesOf (db: Kysely<Tables>, alertId: string): Promise<LedgerEntry[]> {
  return withAttempts(db, await db.selectFrom('notices').selectAll().where('alert_id', '=', alertId).orderBy('n').execute())
}

/** Counts what is pending: in all, and for each channel that something waits for. */
export async function outboxBacklog (db: Kysely<Tables>): Promise<{ pending: number, channels: Backlog[] }> {
  const channels = await db.selectFrom('notices')
    .select(['channel_id as channelId', sql<number>`count(*)`.as('pending'), sql<number>`min(queued_at)`.as('oldestAt')])
    .where(isPending).where(isTold).groupBy('channel_id').orderBy('channel_id').execute()
  return { pending: await countPending(db), channels }
}

async function withAttempts (db: Kysely<Tables>, rows: readonly Row[]): Promise<LedgerEntry[]> {
  const attempts = new Map<string, Delivery[]>()
  for (const piece of pieces(rows.map(({ id }) => id))) {
    const found = await db.selectFrom('deliveries').selectAll().where('notice_id', 'in', piece).orderBy('notice_id').orderBy('attempt').execute()
    for (const [id, group] of Map.groupBy(found, ({ notice_id: id }) => id)) attempts.set(id, group)
  }
  return rows.map((row) => parseEntry(row, attempts.get(row.id) ?? []))
}

function parseEntry (row: Row, deliveries: readonly Delivery[]): LedgerEntry {
  const repeat = deliveries.find(({ attempt }) => attempt === 0)
  return {
    n: row.n,
    id: row.id,
    alertId: row.alert_id,
    channelId: row.channel_id,
    state: row.state,
    body: parseJsonText(row.body),
    createdAt: row.created_at,
    doneAt: row.done_at,
    nextAt: row.next_at,
    attempts: deliveries.filter(({ attempt }) => attempt > 0).map(({ body }) => parseJsonText(body)),
    repeat: repeat === undefined ? null : parseJsonText(repeat.body)
  }
}
