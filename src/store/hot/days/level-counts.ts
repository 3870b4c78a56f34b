import { sql } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { ReadContext } from '../contexts.ts'
import { listPartitions, parseTable } from './partitions.ts'
import { MINUTE_MS } from './rollups.ts'
import { within, type Range } from './windows.ts'

/** Counts the events of a range by level, from the counts kept beside them: whole minutes, that of its beginning included. */
export async function countByLevel ({ db, guard }: ReadContext, range: Range): Promise<Partial<Record<Level, number>>> {
  const from = range.from - range.from % MINUTE_MS
  const counts: Partial<Record<Level, number>> = {}
  for (const { n } of within(await listPartitions(db), { from, to: range.to })) {
    const { rows } = await sql<{ level: number, count: number }>`
      SELECT level, sum(count) AS count FROM ${sql.table(parseTable('minutes', n))}
      WHERE bucket BETWEEN ${from} AND ${range.to} GROUP BY level`.execute(db)
    for (const { level, count } of rows) {
      const name = LEVELS[level - 1]
      if (name !== undefined) counts[name] = (counts[name] ?? 0) + count
    }
    await guard.pause()
  }
  return counts
}
