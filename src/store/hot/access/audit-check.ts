import type { Kysely, Selectable } from 'kysely'
import { hashOf, NO_ENTRY } from './audit.ts'
import type { Anchor } from './audit-anchor.ts'
import type { AuditTable, Tables } from '../tables.ts'

export interface AuditCheck {
  entries: number
  /** The newest entry. */
  head: Anchor
  /** What is wrong first; undefined when the chain is whole. */
  fault: AuditFault | undefined
}

/** `broken`: what stands there is not what was written. `missing`: what stands there is whole, but there was more. */
export interface AuditFault {
  kind: 'broken' | 'missing'
  text: string
}

type Row = Selectable<AuditTable>

const ROWS_AT_ONCE = 1_000

/**
 * Computes the whole chain again, oldest first, and looks whether it holds every anchor. Read the anchors before: then
 * what a running service adds meanwhile stands behind them.
 */
export async function checkAudit (db: Kysely<Tables>, anchors: readonly Anchor[]): Promise<AuditCheck> {
  let head: Anchor = NO_ENTRY
  for await (const row of rowsOf(db)) {
    const text = faultOf(row, head) ?? anchorFault(row, anchors)
    if (text !== undefined) return { entries: head.id, head, fault: { kind: 'broken', text } }
    head = { id: row.id, hash: row.hash }
  }
  const missing = anchors.find(({ id }) => id > head.id)
  return { entries: head.id, head, fault: missing === undefined ? undefined : { kind: 'missing', text: goneText(head.id + 1, missing.id) } }
}

function goneText (first: number, last: number): string {
  return first === last ? `entry ${first} was written and is not there` : `entries ${first} to ${last} were written and are not there`
}

async function * rowsOf (db: Kysely<Tables>): AsyncGenerator<Row> {
  const rows = db.selectFrom('audit').selectAll().orderBy('id').limit(ROWS_AT_ONCE)
  let page = await rows.execute()
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    yield * page
    page = await rows.where('id', '>', last.id).execute()
  }
}

function faultOf (row: Row, before: Anchor): string | undefined {
  if (row.id > before.id + 1) return `entry ${before.id + 1} is missing: after ${before.id} comes ${row.id}`
  if (row.id !== before.id + 1) return `entry ${row.id} was put in before the first`
  return row.hash === hashOf(before.hash, row) ? undefined : `entry ${row.id} was changed, or put in place of another`
}

function anchorFault (row: Row, anchors: readonly Anchor[]): string | undefined {
  const isOther = anchors.some(({ id, hash }) => id === row.id && hash !== row.hash)
  return isOther ? `entry ${row.id} is not the one that was written: it, or one before it, was written anew` : undefined
}
