import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { Connection } from '../database.ts'
import { LAYOUT, listPartitions, parseTable, receivedUntil, type Partition } from './partitions.ts'
import { HOUR_MS, MINUTE_MS } from './rollups.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** Events of a level, of a service, or both. */
export interface EventKind {
  level?: Level
  service?: string
}

export interface ThinSlice extends EventKind {
  /** The partition. */
  n: number
  /** Rows up to this id are done. */
  after: number
}

/** Rows looked at in one go: events that come meanwhile wait so long. */
const SLICE_ROWS = 1_000

/** Finds a closed partition, the oldest first, of which all was received before a time and which still holds events of the kind. */
export async function partitionToThin (db: Kysely<Tables>, { before, ...kind }: EventKind & { before: number }): Promise<number | undefined> {
  const partitions = await listPartitions(db)
  const until = receivedUntil(partitions)
  for (const [at, { n }] of partitions.slice(0, -1).entries()) {
    if ((until[at] ?? before) >= before) return undefined
    const { rows } = await sql`SELECT 1 FROM ${sql.table(parseTable('hours', n))} WHERE ${isOf(kind)} LIMIT 1`.execute(db)
    if (rows.length > 0) return n
  }
  return undefined
}

/**
 * Deletes the events of a kind from the next rows of a closed partition: with their words, ids and counts, in one transaction. Gives
 * the row to go on after; undefined when the partition holds no more of them, or is gone itself.
 */
export function thin (connection: Pick<Connection, 'raw' | 'db'>, { n, after, ...kind }: ThinSlice): Promise<number | undefined> {
  const { db } = connection
  return atomically(connection, async () => {
    const partition = (await listPartitions(db)).find((one) => one.n === n)
    if (partition === undefined) return undefined
    const upTo = await endOfSlice(db, n, after)
    if (upTo === undefined) {
      for (const counts of ['minutes', 'hours'] as const) await sql`DELETE FROM ${sql.table(parseTable(counts, n))} WHERE ${isOf(kind)}`.execute(db)
      return undefined
    }
    await deleteEvents(db, { partition, which: sql`id > ${after} AND id <= ${upTo} AND ${isOf(kind)}`, isOpen: false })
    return upTo
  })
}

async function endOfSlice (db: Kysely<Tables>, n: number, after: number): Promise<number | undefined> {
  const { rows: [row] } = await sql<{ upTo: number | null }>`
    SELECT max(id) AS upTo FROM (SELECT id FROM ${sql.table(parseTable('events', n))} WHERE id > ${after} ORDER BY id LIMIT ${SLICE_ROWS})`.execute(db)
  return row?.upTo ?? undefined
}

interface Deletion {
  partition: Partition
  which: RawBuilder<unknown>
  /** It takes new events: its hours are not summed up yet. */
  isOpen: boolean
}

/**
 * Deletes events with their words, ids and counts, inside the transaction of the caller. The events go last, since all else is found by
 * them. Counts that come to 0 stay until the partition is done.
 */
export async function deleteEvents (db: Kysely<Tables>, { partition: { n, layout }, which, isOpen }: Deletion): Promise<void> {
  const events = sql.table(parseTable('events', n))
  const words = sql.table(parseTable('words', n))
  // FTS5 must be given what it was given when the event came.
  const indexed = layout < LAYOUT ? sql`message` : sql`index_text(message)`
  await sql`INSERT INTO ${words} (${words}, rowid, message) SELECT 'delete', id, ${indexed} FROM ${events} WHERE ${which}`.execute(db)
  // Keys of events that are not answered by their id stay until the partition goes: they are found by no index.
  await sql`DELETE FROM ${sql.table(parseTable('keys', n))} WHERE is_other = 0 AND client_id IN (SELECT client_id FROM ${events} WHERE ${which})`.execute(db)
  for (const [counts, widthMs] of [['minutes', MINUTE_MS], ['hours', HOUR_MS]] as const) {
    if (isOpen && counts === 'hours') continue
    await sql`
      INSERT INTO ${sql.table(parseTable(counts, n))} (bucket, level, service_id, count)
      SELECT time - time % ${sql.lit(widthMs)}, level, coalesce(service_id, 0), -count(*) FROM ${events} WHERE ${which} GROUP BY 1, 2, 3
      ON CONFLICT (bucket, level, service_id) DO UPDATE SET count = count + excluded.count`.execute(db)
  }
  await sql`
    UPDATE partitions SET rows = partitions.rows - gone.rows, bytes = partitions.bytes - gone.bytes FROM (
      SELECT count(*) AS rows, coalesce(sum(length(message) + coalesce(length(meta), 0)), 0) AS bytes FROM ${events} WHERE ${which}) AS gone
    WHERE n = ${n}`.execute(db)
  await sql`DELETE FROM ${events} WHERE ${which}`.execute(db)
}

/** Asks the same of a row of events and of one of counts. */
function isOf ({ level, service }: EventKind): RawBuilder<unknown> {
  const terms = [
    ...level === undefined ? [] : [sql`level = ${LEVELS.indexOf(level) + 1}`],
    ...service === undefined ? [] : [sql`service_id = (SELECT id FROM names WHERE name = ${service})`]
  ]
  return sql`(${sql.join(terms, sql` AND `)})`
}
