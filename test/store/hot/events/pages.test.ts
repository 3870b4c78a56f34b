import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'tap'
import type { ReadContext } from '../../../../src/store/hot/contexts.ts'
import { Guard } from '../../../../src/store/hot/guard.ts'
import { pageEvents, type PageRequest } from '../../../../src/store/hot/events/pages.ts'
import { FAR_MS, PARTITION_KINDS } from '../../../../src/store/hot/days/partitions.ts'
import { reads } from '../../../../src/store/hot/reads.ts'
import { DAY_MS, EVER, HOUR_MS, MINUTE_MS, newEvents, oldestFirst, pageArgs, wantedOf, type StoredEvent } from '../../../contract/given.ts'
import { NOON, openParts, patient, ticking, type Parts } from '../../support.ts'

/** More than are looked up one by one: the search goes by windows then. */
const MANY = 2_500
const NEAR_AND_FAR = [0, 1, -1, FAR_MS, FAR_MS + 1, -FAR_MS, -FAR_MS - 1, FAR_MS - 1, 1 - FAR_MS, DAY_MS, -400 * DAY_MS]

test('words are found in any range, however far the time of an event is from its receipt', async (t) => {
  const parts = await openParts(t, { partitionBytes: 60_000 })
  for (let ms = 0; ms < 50; ms++) {
    parts.clock.ms = NOON + ms * 7 * MINUTE_MS
    parts.store(newEvents(MANY / 50, (index) => ({ time: parts.clock.ms + (NEAR_AND_FAR[index % 11] ?? 0), message: index % 10 === 0 ? 'common rare' : 'common word' })))
  }
  const all = await everything(parts)
  const edge = fc.tuple(fc.integer({ min: -3, max: 52 }), fc.constantFrom(...NEAR_AND_FAR)).map(([at, offset]) => NOON + at * 7 * MINUTE_MS + offset)
  const q = fc.constantFrom('common', 'common -rare', '"common word"', 'common level:info', 'rare', 'commo*', 'rare OR word')

  await fc.assert(fc.asyncProperty(edge, edge, q, fc.constantFrom('asc', 'desc'), fc.integer({ min: 1, max: 3_000 }), async (a, b, q, order, limit) => {
    const range = { from: Math.min(a, b), to: Math.max(a, b) }
    const expected = wantedOf(all, q).filter(({ time }) => time >= range.from && time <= range.to)
    if (order === 'desc') expected.reverse()

    const page = await pageEvents(parts.reading(), pageArgs({ q, range, order, limit, total: 'exact' }))

    deepEqual(page.events.map(({ id }) => id), expected.slice(0, limit).map(({ id }) => id))
    deepEqual([page.total, page.next !== undefined], [{ count: expected.length, capped: false }, expected.length > limit])
  }), { numRuns: 60 })
  t.equal(all.length, MANY)
})

test('a capped total stops at 10,001, and an exact one goes on', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  parts.store(newEvents(6_000, () => ({ time: NOON })), newEvents(4_500, () => ({ time: NOON })))
  const total = async (kind: PageRequest['total'], range: PageRequest['range']) => (await pageEvents(parts.reading(), pageArgs({ limit: 1, range, total: kind }))).total

  t.same(await total('capped', EVER), { count: 10_001, capped: true })
  t.same(await total('exact', EVER), { count: 10_500, capped: false })
})

test('a count that takes long is left at what was counted by then, and the page is whole all the same', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(9_000, (index) => ({ time: NOON + index })))

  const page = await pageEvents(parts.reading(ticking(100)), pageArgs({ limit: 10, total: 'capped' }))

  t.equal(page.events.length, 10)
  t.equal(page.isCut, false)
  t.same(page.total, { count: 4_001, capped: true })
})

test('a query whose caller has left ends with an error, not with a cut page', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(9_000, (index) => ({ time: NOON + index })))
  const guard = patient()
  guard.cancel()

  await t.rejects(pageEvents(parts.reading(guard), pageArgs({ q: 'level:error' })), { code: 'timeout', message: /left/ })
})

test('a query goes on when retention drops a partition under its hands, as if it had come later', async (t) => {
  const range = { from: NOON, to: NOON + HOUR_MS - 1 }
  const queries: Record<string, (context: ReadContext) => Promise<unknown>> = {
    'a page': (context) => reads.pageEvents(context, pageArgs()),
    'rare words': (context) => reads.pageEvents(context, pageArgs({ q: 'happened' })),
    'events since': (context) => reads.eventsSince(context, { after: 0, where: undefined, limit: 100 }),
    'a histogram of rollups, in more than one go': (context) => reads.histogram(context, { where: undefined, range, binMs: 90_000, origin: NOON }),
    'a histogram of rows': (context) => reads.histogram(context, { where: undefined, range, binMs: 1_000, origin: NOON }),
    facets: (context) => reads.facets(context, { where: undefined, range, field: 'service', limit: 10 })
  }

  for (const [name, query] of Object.entries(queries)) {
    const parts = await openParts(t, { partitionBytes: 1 })
    parts.store(...['a', 'b', 'c'].map((service) => newEvents(3, () => ({ time: NOON, service }))))
    let isDropped = false
    const found = await query(parts.reading(new Guard(Infinity, () => {
      if (!isDropped) dropSecond(parts)
      isDropped = true
      return 0
    })))

    t.ok(isDropped)
    t.same(found, await query(parts.reading()), name)
    await parts.close()
  }
})

/** At once, as between two steps of a query. */
function dropSecond ({ writer }: Parts): void {
  writer.raw.exec(`BEGIN; ${PARTITION_KINDS.map((kind) => `DROP TABLE ${kind}_2;`).join('')} DELETE FROM partitions WHERE n = 2; COMMIT`)
}

async function everything (parts: Parts): Promise<StoredEvent[]> {
  const { events } = await pageEvents(parts.reading(), pageArgs({ limit: 1e6 }))
  return events.sort(oldestFirst)
}
