import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import type { Test } from 'tap'
import type { ReadArgs, Store } from '../../src/store/store.ts'
import {
  allEvents, allPages, appendAll, countBy, cut, DAY_MS, EVER, everyEvent, HOUR, HOUR_MS, idsOf, MINUTE_MS, oldestFirst, page, pageArgs, wantedOf,
  type Group, type StoredEvent
} from './given.ts'
import { anyQuery, FEW_QUERIES, someEvents } from './random.ts'

const QUERIES = 400
const COUNTED = ['', 'level:error', 'level>=warn', '-level:info', 'service:api', '-service:api', 'service:api,API level<error',
  '-(service:api OR level:fatal)', 'service:nobody', '-service:nobody', 'timeout', 'service:a*', 'host:api', 'level>=warn "timed out"', '-meta.a:*']
const LAYOUTS = [
  { name: 'seconds', binMs: 1_000, from: HOUR, bins: 60 },
  { name: 'minutes', binMs: MINUTE_MS, from: HOUR - 60 * MINUTE_MS, bins: 120 },
  { name: 'quarters of an hour', binMs: 15 * MINUTE_MS, from: HOUR - HOUR_MS, bins: 8 },
  { name: 'hours', binMs: HOUR_MS, from: HOUR - 2 * HOUR_MS, bins: 4 },
  { name: 'days', binMs: DAY_MS, from: HOUR - HOUR % DAY_MS - 401 * DAY_MS, bins: 450 }
]

/** Queries over random events in several partitions, many of one time, some late and early. What is expected is plain JavaScript. */
export const queryGroup: Group = {
  partitionBytes: 1,
  given: (store) => appendAll(store, cut(someEvents(200), 8)),
  cases: {
    'a query finds exactly the events that the matcher accepts': async (t, store) => {
      const all = await everyEvent(store)
      let hits = 0

      for (const q of FEW_QUERIES) t.same(await differences(store, q, wantedOf(all, q)), [], `"${q}"`)
      await fc.assert(fc.asyncProperty(anyQuery(all), async (q) => {
        const wanted = wantedOf(all, q)
        if (wanted.length > 0 && wanted.length < all.length) hits++
        const wrong = await differences(store, q, wanted)
        if (wrong.length > 0) throw new Error(`${q}\n${wrong.slice(0, 3).join('\n')}`)
      }), { numRuns: QUERIES })

      t.equal(all.length, 200)
      t.ok(hits > QUERIES / 4, `queries that find some and not all: ${hits}`)
    },

    'the pages of any range, order and size joined are the sorted list, without a hole or a repeat': async (t, store) => {
      const all = (await everyEvent(store)).sort(oldestFirst)
      const bound = fc.constantFrom(...all.flatMap(({ time }) => [time - 1, time, time + 1]).filter((time) => time >= 0), EVER.to)
      const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 210 }))

      await fc.assert(fc.asyncProperty(fc.constantFrom('asc', 'desc'), size, bound, bound, async (order, limit, a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) }
        const expected = all.filter(({ time }) => time >= range.from && time <= range.to)
        if (order === 'desc') expected.reverse()

        const pages = await allPages(store, { order, limit, range })

        deepEqual(pages.flatMap(({ events }) => events), expected)
        deepEqual(pages.map(({ events }) => events.length), sizesOf(expected.length, limit))
      }), { numRuns: 30 })
      t.equal(all.length, 200)
    },

    'the events of each service are counted, by whole minutes or of a long range by whole hours': async (t, store) => {
      const all = await everyEvent(store)
      const wanted = (from: number, to: number) => Array.from(Map.groupBy(all.filter(({ time }) => time >= from && time <= to), ({ service }) => service ?? ''), ([service, events]) => ({
        service, total: events.length, errors: events.filter(({ level }) => level === 'ERROR' || level === 'FATAL').length
      })).sort((a, b) => b.total - a.total || (a.service < b.service ? -1 : 1))
      const minute = HOUR - HOUR % MINUTE_MS - 30 * MINUTE_MS

      t.same(await store.read('countByService', EVER), wanted(EVER.from, EVER.to))
      t.same(await store.read('countByService', { from: minute, to: minute + 60 * MINUTE_MS - 1 }), wanted(minute, minute + 60 * MINUTE_MS - 1))
      t.same(await store.read('countByService', { from: 0, to: 1 }), wanted(0, 1))
    },

    'a cursor need not stand on an event: all beyond it come, and nothing else': async (t, store) => {
      const all = (await everyEvent(store)).sort(oldestFirst)
      const near = all.flatMap(({ time, id }) => [{ time, id }, { time, id: 0 }, { time, id: id - 1 }, { time, id: Number.MAX_SAFE_INTEGER }, { time: time + 1, id }])
      const cursor = fc.constantFrom(...near, { time: 0, id: 0 }, { time: EVER.to, id: 0 })

      await fc.assert(fc.asyncProperty(cursor, fc.constantFrom('', 'out', 'service:api'), async (cursor, q) => {
        const wanted = wantedOf(all, q)
        const [asc, desc] = await Promise.all([page(store, { q, order: 'asc', cursor }), page(store, { q, order: 'desc', cursor })])
        deepEqual(asc.events, wanted.filter((event) => oldestFirst(event, cursor) > 0))
        deepEqual(desc.events, wanted.filter((event) => oldestFirst(event, cursor) < 0).reverse())
      }), { numRuns: 50 })
      t.equal(all.length, 200)
    },

    'an empty range answers an empty page': async (t, store) => {
      const nothing = { events: [], next: undefined, isCut: false, total: { count: 0, capped: false } }

      for (const range of [{ from: EVER.to - 1, to: EVER.to }, { from: HOUR - 300 * DAY_MS, to: HOUR - 200 * DAY_MS }, { from: HOUR + 1, to: HOUR - 1 }]) {
        for (const q of ['', 'out', 'service:api']) t.same(await page(store, { q, range, total: 'capped' }), nothing, `"${q}" ${JSON.stringify(range)}`)
      }
    },

    'a histogram counts as one counts by hand, from rollups and from rows': async (t, store) => {
      await compareHistograms(t, store)
    },

    'a histogram reads rollups where they know enough, and rows else': async (t, store) => {
      const sourceOf = async (q: string, binMs: number) => (await store.read('histogram', histogramArgs(q, { binMs, from: HOUR, bins: 1 }))).source

      t.equal(await sourceOf('level:error service:api', MINUTE_MS), 'rollup')
      t.equal(await sourceOf('', HOUR_MS), 'rollup')
      t.equal(await sourceOf('', 1_000), 'rows')
      for (const q of ['timeout', 'service:a*', 'level:info host:x', '-(level:info OR type:x)']) t.equal(await sourceOf(q, MINUTE_MS), 'rows', q)
    },

    'facets count the values of a field, the most common first, and add up what is beyond the limit, and events without any': async (t, store) => {
      const all = await everyEvent(store)
      const range = { from: 1, to: HOUR + 10 }
      const inRange = all.filter(({ time }) => time >= range.from && time <= range.to)

      for (const field of ['level', 'severity', 'service', 'type', 'host'] as const) {
        for (const q of ['', 'level>=warn', 'out']) {
          const wanted = wantedOf(inRange, q)
          const expected = countBy(wanted.filter((event) => event[field] !== null), (event) => String(event[field]))
          const counts = Object.values(expected).sort((a, b) => b - a)
          const { values, other, missing } = await store.read('facets', { where: pageArgs({ q }).where, range, field, limit: 1_000 })
          const first = await store.read('facets', { where: pageArgs({ q }).where, range, field, limit: 2 })

          t.same(Object.fromEntries(values.map(({ value, count }) => [value, count])), expected, `${field} of "${q}"`)
          t.same([values.map(({ count }) => count), other, missing], [counts, 0, wanted.length - sum(counts)])
          t.same([first.values, first.other, first.missing], [values.slice(0, 2), sum(counts.slice(2)), missing])
        }
      }
    },

    'events since a place come in order of receipt, filtered and limited': async (t, store) => {
      const all = (await allEvents(store)).sort((a, b) => a.id - b.id)

      for (const q of ['', 'level>=warn', 'out', 'service:api OR timeout', '-meta.a:*']) {
        for (const at of [0, 1, 90, 199]) {
          for (const limit of [1, 17, 1_000]) {
            const after = at === 0 ? 0 : all[at]?.id ?? 0
            const found = await store.read('eventsSince', { after, where: pageArgs({ q }).where, limit })
            t.same(found, wantedOf(all, q).filter(({ id }) => id > after).slice(0, limit), `"${q}" after ${at}, ${limit}`)
          }
        }
      }
    }
  }
}

/** Holds histograms of all layouts against counts in JavaScript over the same events. */
export async function compareHistograms (t: Test, store: Store): Promise<void> {
  const all = await everyEvent(store)
  for (const layout of LAYOUTS) {
    for (const q of COUNTED) {
      const args = histogramArgs(q, layout)
      const { bins, source } = await store.read('histogram', args)
      const found = Array.from(bins).flatMap(([bin, byLevel]) => Object.entries(byLevel).map(([level, count]) => [`${bin} ${level}`, count]))
      t.same(Object.fromEntries(found), countByHand(wantedOf(all, q), args), `${layout.name} of "${q}" from ${source}`)
    }
  }
}

export function histogramArgs (q: string, { from, binMs, bins }: { from: number, binMs: number, bins: number }): ReadArgs<'histogram'> {
  return { where: pageArgs({ q }).where, range: { from, to: from + bins * binMs - 1 }, binMs, origin: from }
}

function countByHand (events: readonly StoredEvent[], { range, binMs }: ReadArgs<'histogram'>): Record<string, number> {
  const inRange = events.filter(({ time }) => time >= range.from && time <= range.to)
  return countBy(inRange, ({ time, level }) => `${Math.floor(time / binMs) * binMs} ${level}`)
}

/** Holds what the store finds for a query against what it should. */
async function differences (store: Store, q: string, wanted: readonly StoredEvent[]): Promise<string[]> {
  const found = await allEvents(store, { q })
  const foundIds = new Set(idsOf(found))
  const wantedIds = new Set(idsOf(wanted))
  return [
    ...found.filter(({ id }) => !wantedIds.has(id)).map((event) => `found, but should not be: ${JSON.stringify(event)}`),
    ...wanted.filter(({ id }) => !foundIds.has(id)).map((event) => `not found: ${JSON.stringify(event)}`)
  ]
}

/** What full pages, but the last, hold; one empty page when there is nothing. */
function sizesOf (count: number, limit: number): number[] {
  const pages = Math.max(1, Math.ceil(count / limit))
  return Array.from({ length: pages }, (_, at) => Math.min(limit, count - at * limit))
}

function sum (counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
