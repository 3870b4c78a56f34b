import { hash } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { Actor } from '../../../../schemas/audit.ts'
import { ACTOR_KINDS } from '../../../../schemas/words.ts'
import { parseJsonText, toJsonText } from '../../../core/text/json-text.ts'
import { anchorFile, readAnchor, writeAnchor, type Anchor } from './audit-anchor.ts'
import type { Connection } from '../database.ts'
import { storeFault } from '../store-fault.ts'
import type { AuditTable, Tables } from '../tables.ts'

export interface NewAuditRecord {
  /** ms since the epoch. */
  time: number
  action: string
  actor: Actor | null
  from: string | null
  target: string | null
  detail: Record<string, unknown>
}

/** `id` counts from 1 without a hole; `hash` is over the record and the hash of the one before. */
export interface AuditRecord extends NewAuditRecord {
  id: number
  hash: string
}

export interface AuditFilter {
  from: number | undefined
  to: number | undefined
  /** Id or name. */
  actor: string | undefined
  actions: readonly string[] | undefined
  before: number | undefined
  limit: number
}

type Row = Selectable<AuditTable>
type Link = Pick<Row, 'id' | 'hash'>

/** What stands before the first entry. */
export const NO_ENTRY: Link = { id: 0, hash: '0'.repeat(64) }

/** Makes a change and writes down its entries, which it may add to, in one transaction: both are stored, or neither is. */
export async function audited<T> ({ raw, db }: Pick<Connection, 'raw' | 'db'>, records: readonly NewAuditRecord[], change: () => Promise<T>): Promise<T> {
  const file = anchorFile(raw.name)
  // A deferred transaction that reads before it writes is refused when the command line wrote in between.
  raw.exec('BEGIN IMMEDIATE')
  try {
    const value = await change()
    const isAnchored = await holdsAnchor(db, anchorOf(file, await headOf(db)))
    const head = await appendRecords(db, records)
    raw.exec('COMMIT')
    // After the commit, so that the anchor never names an entry that is not stored.
    if (isAnchored && head !== undefined) follow(file, head)
    return value
  } catch (error) {
    if (raw.inTransaction) raw.exec('ROLLBACK')
    throw error
  }
}

/** Writes down what was done already. */
export function appendAudit (connection: Pick<Connection, 'raw' | 'db'>, records: readonly NewAuditRecord[]): Promise<void> {
  return audited(connection, records, async () => {})
}

/** Lists entries, newest first. */
export async function listAudit (db: Kysely<Tables>, { from, to, actor, actions, before, limit }: AuditFilter): Promise<AuditRecord[]> {
  const rows = await db.selectFrom('audit').selectAll()
    .$if(from !== undefined, (query) => query.where('time', '>=', from ?? 0))
    .$if(to !== undefined, (query) => query.where('time', '<=', to ?? 0))
    .$if(actor !== undefined, (query) => query.where((eb) => eb.or([eb('actor_id', '=', actor ?? ''), eb('actor_name', '=', actor ?? '')])))
    .$if(actions !== undefined, (query) => query.where('action', 'in', actions ?? []))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc').limit(limit).execute()
  return rows.map(parseRecord)
}

/** The hash of an entry: SHA-256 in hex over the hash before it and every column, as a JSON array in the order of the table. */
export function hashOf (before: string, { id, time, action, actor_kind: kind, actor_id: actor, actor_name: name, source, target, detail }: Omit<Row, 'hash'>): string {
  return hash('sha256', JSON.stringify([before, id, time, action, kind, actor, name, source, target, detail]))
}

async function headOf (db: Kysely<Tables>): Promise<Link> {
  return await db.selectFrom('audit').select(['id', 'hash']).orderBy('id', 'desc').limit(1).executeTakeFirst() ?? NO_ENTRY
}

/** The anchor of an audit without entries is laid before the first one, so that a power cut after that never finds none. */
function anchorOf (file: string, head: Link): Anchor | undefined {
  const anchor = readAnchor(file)
  if (anchor === undefined && head.id === NO_ENTRY.id) writeAnchor(file, NO_ENTRY)
  return anchor
}

/** The change is stored by now and must not be called a failure: an anchor that stays behind still names an entry that is there. */
function follow (file: string, head: Anchor): void {
  try {
    writeAnchor(file, head)
  } catch (error) {
    if (storeFault(error) === undefined) throw error
  }
}

async function appendRecords (db: Kysely<Tables>, records: readonly NewAuditRecord[]): Promise<Anchor | undefined> {
  if (records.length === 0) return undefined
  let last = await headOf(db)
  for (const record of records) {
    const row = rowOf(record, last.id + 1)
    const link = { ...row, hash: hashOf(last.hash, row) }
    await db.insertInto('audit').values(link).execute()
    last = link
  }
  return { id: last.id, hash: last.hash }
}

/** An anchor that the chain does not hold is evidence: it stays as it is. */
async function holdsAnchor (db: Kysely<Tables>, anchor: Anchor | undefined): Promise<boolean> {
  if (anchor === undefined || anchor.id === NO_ENTRY.id) return true
  const row = await db.selectFrom('audit').select('hash').where('id', '=', anchor.id).executeTakeFirst()
  return row?.hash === anchor.hash
}

function rowOf ({ time, action, actor, from, target, detail }: NewAuditRecord, id: number): Omit<Row, 'hash'> {
  return {
    id,
    time,
    action,
    actor_kind: actor?.kind ?? null,
    actor_id: actor?.id ?? null,
    actor_name: actor?.name ?? null,
    source: from,
    target,
    detail: toJsonText(detail)
  }
}

function parseRecord ({ id, time, action, actor_kind: kind, actor_id: actor, actor_name: name, source, target, detail, hash }: Row): AuditRecord {
  return { id, time, action, actor: parseActor(kind, actor, name), from: source, target, detail: parseJsonText(detail), hash }
}

/** A kind that a newer program may have stored is told as a token. */
function parseActor (kind: string | null, id: string | null, name: string | null): Actor | null {
  if (kind === null) return null
  return { kind: ACTOR_KINDS.find((known) => known === kind) ?? 'token', id: id ?? '', name: name ?? '' }
}
