import { sql } from 'kysely'
import type { ReadContext } from '../contexts.ts'
import { TIERS } from './tiers.ts'
import type { Range } from '../days/windows.ts'

export interface SampleRow {
  /** Of the series. */
  id: number
  time: number
  value: number
}

/** A series is looked for once in each block: some 2 us, and as much for each five samples. */
const LOOKS_IN_SLICE = 2_000

/** Reads the samples of several series in a range, so many at a time, in no order. */
export async function * readSamples ({ db, guard }: ReadContext, ids: readonly number[], { from, to }: Range): AsyncGenerator<SampleRow[]> {
  const { blockMs } = TIERS.samples
  const first = from - from % blockMs
  const inSlice = Math.max(1, Math.floor(LOOKS_IN_SLICE / ((to - first) / blockMs + 1)))
  for (let at = 0; at < ids.length; at += inSlice) {
    const { rows } = await sql<SampleRow>`
      WITH RECURSIVE blocks (block) AS (SELECT ${first} UNION ALL SELECT block + ${blockMs} FROM blocks WHERE block + ${blockMs} <= ${to})
      SELECT s.series_id AS id, s.time, s.value
      FROM blocks CROSS JOIN samples AS s
        ON s.block = blocks.block AND s.series_id IN (${sql.join(ids.slice(at, at + inSlice))}) AND s.time BETWEEN ${from} AND ${to}`.execute(db)
    yield rows
    await guard.pause()
  }
}
