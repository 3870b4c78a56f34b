import { sql, type Kysely } from 'kysely'
import type { Receipt } from '../../../../schemas/submission.ts'
import type { Fault } from '../../../core/errors.ts'
import { parseJsonText } from '../../../core/text/json-text.ts'
import { IDS_PER_MS, receivedAt } from '../../../core/row-ids.ts'
import type { Tables } from '../tables.ts'

/** One item of the reject box. */
export interface RejectedItem {
  id: string
  receivedAt: number
  receipt: string | null
  /** Of whom it came. */
  tokenId: string
  index: number
  faults: Fault[]
  original: string
}

export interface StoredReceipt {
  receivedAt: number
  receipt: Receipt
}

const IDEMPOTENCY_MS = 24 * 3_600_000
const REJECT_BOX_ITEMS = 10_000

export async function findReceipt (db: Kysely<Tables>, id: string): Promise<StoredReceipt | undefined> {
  const row = await db.selectFrom('receipts').selectAll().where('id', '=', parseId(id)).executeTakeFirst()
  return row === undefined ? undefined : { receivedAt: receivedAt(row.id, row.lead_ms), receipt: parseJsonText(row.answer) }
}

/** Lists the reject box, newest first, from before the item `before`. */
export async function listRejected (db: Kysely<Tables>, { limit, before }: { limit: number, before: string | undefined }): Promise<RejectedItem[]> {
  const rows = await db.selectFrom('rejected').selectAll()
    .where('id', '<', before === undefined ? Number.MAX_SAFE_INTEGER : parseId(before))
    .orderBy('id', 'desc').limit(limit).execute()
  return rows.map(parseRejected)
}

export async function findRejected (db: Kysely<Tables>, id: string): Promise<RejectedItem | undefined> {
  const row = await db.selectFrom('rejected').selectAll().where('id', '=', parseId(id)).executeTakeFirst()
  return row === undefined ? undefined : parseRejected(row)
}

export async function deleteRejected (db: Kysely<Tables>, { id }: { id: string }): Promise<void> {
  await db.deleteFrom('rejected').where('id', '=', parseId(id)).execute()
}

/** Drops answers older than a day, receipts older than the events, and all but the newest of the reject box. */
export async function trimJournal (db: Kysely<Tables>, { now, oldest }: { now: number, oldest: number }): Promise<void> {
  await db.deleteFrom('idempotency').where('created_at', '<', now - IDEMPOTENCY_MS).execute()
  // The key finds those that may be older, among which few or none have a lead of their own.
  await db.deleteFrom('receipts')
    .where('id', '<', ({ selectFrom, fn }) => selectFrom('partitions').select(sql<number>`(${oldest} + coalesce(${fn.max('lead_ms')}, 0)) * ${sql.lit(IDS_PER_MS)}`.as('id')))
    .where(sql<number>`(id >> 10) - lead_ms`, '<', oldest).execute()
  await db.deleteFrom('rejected').where('id', '<=', (query) => query.selectFrom('rejected')
    .select('id').orderBy('id', 'desc').limit(1).offset(REJECT_BOX_ITEMS)).execute()
}

function parseId (id: string): number {
  return /^\d{1,16}$/.test(id) ? Number(id) : -1
}

function parseRejected (row: Tables['rejected']): RejectedItem {
  return {
    id: String(row.id),
    receivedAt: receivedAt(row.id, row.lead_ms),
    receipt: row.receipt_id === null ? null : String(row.receipt_id),
    tokenId: row.token_id,
    index: row.position,
    faults: parseJsonText(row.faults),
    original: row.original
  }
}
