import fc from 'fast-check'
import { sql } from 'kysely'
import { test } from 'tap'
import { matcher } from '../../../../src/query/match.ts'
import { parseQuery } from '../../../../src/query/parse.ts'
import { eventColumns, fetchEvents } from '../../../../src/store/hot/events/event-rows.ts'
import { condition } from '../../../../src/store/hot/events/filter.ts'
import { someEvents } from '../../../contract/random.ts'
import { openParts } from '../../support.ts'

const LEAVES = ['pattern:1', 'pattern:17', 'pattern:1*', 'pattern~7', 'pattern:01', 'pattern:1.0', 'pattern:*', 'pattern:2,17', 'anomaly:true', 'anomaly:false', 'anomaly:*',
  'anomaly:1', 'anomaly:0', 'anomaly>=0.5', 'anomaly<1', 'anomaly<=1', 'anomaly>1', 'anomaly>-1', 'level>=warn', 'timeout']

/** Ingest sets neither column yet, so that they are set here. */
test('patterns and anomalies are found by the condition as by the matcher', async (t) => {
  const parts = await openParts(t)
  parts.store(someEvents(100, 23))
  parts.writer.raw.exec(`UPDATE events_1 SET
    pattern_id = CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN 1 WHEN 2 THEN 17 WHEN 3 THEN 117 ELSE 2 END,
    anomaly = CASE id % 7 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 0.5 WHEN 3 THEN 0.999 WHEN 4 THEN 1 WHEN 5 THEN 1.5 ELSE -1 END`)
  const { db } = parts.reading()
  const all = await fetchEvents(db, sql`SELECT ${eventColumns({ lead_ms: 0 })} FROM events_1 AS e`)
  const leaf = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...LEAVES)).map((parts) => parts.join(''))

  await fc.assert(fc.asyncProperty(leaf, leaf, fc.constantFrom(' ', ' OR '), async (a, b, join) => {
    const where = parseQuery(`-(${a}${join}${b})`)
    if (where === undefined) return false
    const expected = all.filter(matcher(where)).map(({ id }) => id)
    const found = await fetchEvents(db, sql`SELECT ${eventColumns({ lead_ms: 0 })} FROM events_1 AS e WHERE ${condition(where)}`)
    return found.map(({ id }) => id).join() === expected.join()
  }), { numRuns: 300 })
  t.equal(all.filter(({ anomaly, patternId }) => anomaly === null && patternId === null).length > 0, true)
})
