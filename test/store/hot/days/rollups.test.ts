import fc from 'fast-check'
import { test } from 'tap'
import { LEVELS } from '../../../../schemas/words.ts'
import { closeHours } from '../../../../src/store/hot/days/rollups.ts'
import { countBy, HOUR_MS, MINUTE_MS, newEvent, type StoredEvent } from '../../../contract/given.ts'
import { NOON, openParts, type Parts } from '../../support.ts'

test('minutes count every event of every commit once, by level and service; hours too when the partition is closed', async (t) => {
  const parts = await openParts(t)
  const event = fc.record({
    time: fc.oneof(fc.integer({ min: NOON - 2 * HOUR_MS, max: NOON + HOUR_MS }), fc.constantFrom(0, NOON - 1, NOON, NOON + MINUTE_MS - 1)),
    level: fc.constantFrom(...LEVELS),
    service: fc.constantFrom(null, 'a', 'b', 'c')
  }).map(newEvent)
  parts.store(...fc.sample(fc.array(event, { minLength: 1, maxLength: 40 }), { numRuns: 30, seed: 1 }))
  const all: StoredEvent[] = parts.writer.raw.prepare<[], StoredEvent>('SELECT time, level, service_id AS service FROM events_1').all()

  closeHours(parts.writer.raw, 1)

  for (const [table, width] of [['minutes_1', MINUTE_MS], ['hours_1', HOUR_MS]] as const) {
    const expected = countBy(all, ({ time, level, service }) => `${time - time % width} ${level} ${service ?? 0}`)
    t.same(rollup(parts, table), expected, table)
  }
  t.ok(all.length > 100, `${all.length} events`)
})

function rollup ({ writer }: Parts, table: string): Record<string, number> {
  return Object.fromEntries(writer.raw.prepare<[], [string, number]>(`SELECT bucket || ' ' || level || ' ' || service_id, count FROM ${table}`).raw().all())
}
