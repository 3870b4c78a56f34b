import { sql } from 'kysely'
import type { WriteContext } from '../contexts.ts'
import { TIERS } from '../series/tiers.ts'
import { atomically } from '../transaction.ts'
import { listPartitions, parseTable } from './partitions.ts'
import { deleteEvents } from './thinning.ts'

/** So many in one go: events that come meanwhile wait so long. */
const SLICE_ROWS = 1_000
const MARKED = sql<boolean>`labels ->> '$.sample' = 'true' AND name LIKE 'shop\\_%' ESCAPE '\\'`

/** Deletes the next of the events of sample data, whose rows lie from `first` to `last`, and says how many: 0 when there are no more. */
export async function forgetSampleEvents ({ raw, db, appender }: WriteContext, { first, last }: { first: number, last: number }): Promise<number> {
  const deleted = await atomically({ raw }, async () => {
    const partitions = await listPartitions(db)
    const open = partitions.at(-1)?.n
    for (const partition of partitions) {
      if (partition.last_id < first || partition.first_id > last) continue
      const { n } = partition
      const { rows: [row] } = await sql<{ count: number, upTo: number | null }>`
        SELECT count(*) AS count, max(id) AS "upTo" FROM (SELECT id FROM ${sql.table(parseTable('events', n))} WHERE id BETWEEN ${first} AND ${last} AND meta ->> '$.sample' = 1 ORDER BY id LIMIT ${SLICE_ROWS})`.execute(db)
      if (row === undefined || row.upTo === null) continue
      await deleteEvents(db, { partition, which: sql`id BETWEEN ${first} AND ${row.upTo} AND meta ->> '$.sample' = 1`, isOpen: n === open })
      return row.count
    }
    return 0
  })
  // It has its own count of what it holds.
  appender.reopen()
  return deleted
}

/** Deletes the series of sample data with all that was measured, and says how many they were. */
export function forgetSampleSeries ({ raw, db }: WriteContext, _: undefined): Promise<number> {
  return atomically({ raw }, async () => {
    const series = await db.selectFrom('series').select(['id', 'first_seen', 'last_seen']).where(MARKED).execute()
    for (const { id, first_seen: first, last_seen: last } of series) {
      for (const { table, blockMs } of Object.values(TIERS)) {
        await db.deleteFrom(table).where('block', '>=', first - first % blockMs).where('block', '<=', last).where('series_id', '=', id).execute()
      }
    }
    await db.deleteFrom('series').where(MARKED).execute()
    return series.length
  })
}
