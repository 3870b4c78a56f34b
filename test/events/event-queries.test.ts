import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'tap'
import type { EventFilters, Histogram } from '../../schemas/event-query.ts'
import type { NewEvent } from '../../schemas/event.ts'
import { LEVELS } from '../../schemas/words.ts'
import { EventQueries } from '../../src/events/event-queries.ts'
import type { Store } from '../../src/store/store.ts'
import { appendAll, cut, DAY_MS, HOUR_MS, MINUTE_MS, newEvent, newEvents, submission } from '../contract/given.ts'
import { buildStore } from '../helper.ts'

const START = Date.UTC(2026, 5, 1)
const DAYS = 2
/** Rows of the first step of a search: so many are counted, however late it is. */
const FIRST_STEP = 4_001
const { signal } = new AbortController()

const at = fc.oneof(
  fc.integer({ min: 0, max: DAYS * DAY_MS }),
  fc.integer({ min: 0, max: DAYS * 24 * 60 }).map((minute) => minute * MINUTE_MS),
  fc.tuple(fc.integer({ min: 1, max: DAYS * 24 - 1 }), fc.integer({ min: -1, max: 1 })).map(([hour, ms]) => hour * HOUR_MS + ms)
).map((ms) => START + ms)

const anyEvent = fc.record({
  time: at,
  level: fc.constantFrom(...LEVELS),
  service: fc.constantFrom(null, 'api', 'web'),
  host: fc.constantFrom(null, 'h1'),
  message: fc.constantFrom('request timed out', 'request done')
}).map(newEvent)

/** What kept counts know, and what only the rows do. */
const FILTERS: ReadonlyArray<[filters: EventFilters, accepts: (event: NewEvent) => boolean]> = [
  [{}, () => true],
  [{ level: 'error' }, ({ level }) => level === 'ERROR'],
  [{ service: 'api', level: 'warn,error' }, ({ service, level }) => service === 'api' && (level === 'WARN' || level === 'ERROR')],
  [{ q: '-service:api' }, ({ service }) => service !== 'api'],
  [{ q: 'timed' }, ({ message }) => message.includes('timed')],
  [{ q: 'request host:h1', service: 'web' }, ({ host, service }) => host === 'h1' && service === 'web'],
  [{ service: 'nobody' }, () => false]
]

test('histogram, list and facets count the same for any range and filter, and adjoining ranges add up', async (t) => {
  const events = fc.sample(anyEvent, { numRuns: 1_500, seed: 11 })
  const { store } = await buildStore(t, { partitionBytes: 1 })
  await appendAll(store, cut(events, 5))
  const counted = counting(store)
  const edges = fc.uniqueArray(fc.oneof(at, fc.constantFrom(...events.map(({ time }) => time))), { minLength: 2, maxLength: 5 }).map((times) => times.sort((a, b) => a - b))
  const field = fc.constantFrom('level', 'service', 'host', 'meta.none')

  await fc.assert(fc.asyncProperty(edges, fc.constantFrom(...FILTERS), fc.integer({ min: 1, max: 500 }), field, async (edges, [filters, accepts], bins, field) => {
    const ask = { ...filters, bins, field }
    const wantedIn = (from: number, to: number) => events.filter((event) => accepts(event) && event.time >= from && event.time < to).length
    const whole = { from: edges[0] ?? 0, to: edges.at(-1) ?? 0 }
    const ranges = edges.slice(1).map((to, index) => ({ from: edges[index] ?? 0, to }))

    const parts = await Promise.all(ranges.map((range) => counted(ask, range)))

    deepEqual(parts, ranges.map(({ from, to }) => alike(wantedIn(from, to))))
    deepEqual(await counted(ask, whole), alike(parts.reduce((sum, { list }) => sum + list, 0)))
  }), { numRuns: 80 })
  t.pass('held for all')
})

test('each bin holds what the list finds from its time to that of the next', async (t) => {
  const { store } = await buildStore(t, { partitionBytes: 1 })
  await appendAll(store, cut(fc.sample(anyEvent, { numRuns: 600, seed: 12 }), 3))
  const queries = queriesOf(store)

  await fc.assert(fc.asyncProperty(at, at, fc.integer({ min: 1, max: 12 }), async (a, b, most) => {
    const { bins, to } = await queries.histogram({ ...rangeOf(Math.min(a, b), Math.max(a, b)), bins: most }, signal)
    const ends = [...bins.slice(1).map(({ time }) => time), to]

    const totals = await Promise.all(bins.map(async ({ time }, index) => totalOf(store, { from: time, to: ends[index] ?? '' })))

    deepEqual(bins.map(({ total }) => total), totals)
  }), { numRuns: 30 })
  t.pass('held for all')
})

test('24 bins of a day are 24 hours, wherever it begins, and are read from kept counts', async (t) => {
  const { store } = await buildStore(t, { partitionBytes: 1 })
  const each10Minutes = newEvents(DAYS * 144, (index) => ({ time: START + index * 10 * MINUTE_MS }))
  await appendAll(store, cut(each10Minutes, 2))

  for (const offset of [0, HOUR_MS, 17 * MINUTE_MS, 10 * HOUR_MS + 12_345]) {
    const { bins, source, bin_ms: binMs } = await queriesOf(store).histogram({ ...rangeOf(START + offset, START + offset + DAY_MS), bins: 24 }, signal)

    t.same([binMs, source], [HOUR_MS, 'rollup'])
    t.same(bins, Array.from({ length: 24 }, (_, hour) => ({ time: new Date(START + offset + hour * HOUR_MS).toISOString(), total: 6, by_level: { INFO: 6 } })), `from ${offset}`)
  }
})

test('what came in this very millisecond came before now', async (t) => {
  const { store } = await buildStore(t)
  await store.append(submission([newEvent({ time: START })]))

  for (const range of [{}, { to: 'now' }, { from: '-24h' }, { from: '-24h', to: 'now' }]) {
    const histogram = await queriesOf(store).histogram({ ...range, bins: 24 }, signal)

    t.equal(sumOf(histogram), 1, JSON.stringify(range))
    t.same([histogram.bin_ms, histogram.bins.length], [HOUR_MS, 24], '24 hours up to now are 24 bins')
    t.equal(await totalOf(store, range), 1)
  }
})

test('a total is never less than what its page shows, however late it is and wherever the cursor stands', async (t) => {
  const { store } = await buildStore(t)
  await store.append(submission(newEvents(9_000, (index) => ({ time: START + index, message: index % 20 === 0 ? 'now and then' : 'otherwise' }))))

  for (const timeoutMs of [0, 60_000]) {
    for (const q of ['now', 'message~now', '']) {
      for (const order of ['asc', 'desc'] as const) {
        for (const total of ['none', 'capped', 'exact'] as const) await walk(queriesOf(store, timeoutMs), { q, order, total, limit: 150 })
      }
    }
  }
  const { total } = await queriesOf(store).page({ q: 'message~now', limit: 1_000 }, signal)
  t.same(total, { count: 450, capped: false }, 'a page that shows all knows the total')
})

test('what is out of time answers what was counted, and of which part: the newest', async (t) => {
  const { store } = await buildStore(t)
  await store.append(submission(newEvents(9_000, (index) => ({ time: START + index, service: index % 2 === 0 ? 'api' : null, message: 'common' }))))
  const late = queriesOf(store, 0)
  const range = rangeOf(START, START + 9_000)
  const partial = rangeOf(START + 9_000 - FIRST_STEP, START + 9_000)

  const histogram = await late.histogram({ ...range, q: 'common', bins: 9 }, signal)
  t.match(histogram, { ...range, partial, bin_ms: 1_000 })
  t.same(histogram.bins.map(({ time, total }) => [time, total]), [
    [partial.from, 1], ...[5_000, 6_000, 7_000, 8_000].map((ms) => [new Date(START + ms).toISOString(), 1_000])
  ], 'bins of what was counted, and no others')
  t.same(await late.facets({ ...range, q: 'common', field: 'service' }, signal), { field: 'service', values: [{ value: 'api', count: 2_000 }], other: 0, missing: 2_001, partial })
  t.same((await late.page({ ...range, q: 'common', limit: 10, total: 'exact' }, signal)).total, { count: FIRST_STEP, capped: true, partial })

  const whole = await queriesOf(store).histogram({ ...range, q: 'common', bins: 9 }, signal)
  t.equal(whole.partial, undefined, 'nothing of it is left for who has the time')
  t.equal(sumOf(whole), 9_000)
})

test('kept counts that are out of time are of the newest part, too', async (t) => {
  const { store } = await buildStore(t)
  await store.append(submission(newEvents(24 * 60, (index) => ({ time: START + index * MINUTE_MS }))))
  const range = rangeOf(START - 30_000, START + DAY_MS - 30_000)

  const { bins, source, partial } = await queriesOf(store, 0).histogram({ ...range, bins: 24 }, signal)

  t.same(partial, rangeOf(START + 16 * HOUR_MS, START + DAY_MS - 30_000))
  t.same([source, bins[0]?.time], ['rollup', partial?.from])
  t.equal(bins.reduce((sum, { total }) => sum + total, 0), await totalOf(store, partial ?? range))
})

function queriesOf (store: Store, timeoutMs = 60_000): EventQueries {
  return new EventQueries({ store, clock: { now: () => START }, timeoutMs })
}

/** Counts a range in three ways. */
function counting (store: Store): (ask: EventFilters & { bins: number, field: string }, range: { from: number, to: number }) => Promise<ReturnType<typeof alike>> {
  const queries = queriesOf(store)
  return async ({ bins, field, ...filters }, { from, to }) => {
    const asked = { ...filters, ...rangeOf(from, to) }
    const [list, histogram, facets] = await Promise.all([totalOf(store, asked), queries.histogram({ ...asked, bins }, signal), queries.facets({ ...asked, field }, signal)])
    return { list, histogram: sumOf(histogram), facets: facets.values.reduce((sum, { count }) => sum + count, facets.other + facets.missing) }
  }
}

function alike (count: number): { list: number, histogram: number, facets: number } {
  return { list: count, histogram: count, facets: count }
}

async function totalOf (store: Store, filters: EventFilters): Promise<number> {
  const { total } = await queriesOf(store).page({ ...filters, limit: 1, total: 'exact' }, signal)
  equal(total.capped, false)
  return total.count
}

/** Follows the cursors to the end and holds each total against its page. */
async function walk (queries: EventQueries, asked: Parameters<EventQueries['page']>[0]): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await queries.page(cursor === undefined ? asked : { ...asked, cursor }, signal)
    ok(page.total.count >= page.events.length, `${JSON.stringify(asked)}: ${page.total.count} of ${page.events.length}`)
    ok(page.total.capped || page.total.count >= page.events.length + (page.next === null ? 0 : 1))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}

function rangeOf (from: number, to: number): { from: string, to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

function sumOf ({ bins }: Histogram): number {
  return bins.reduce((sum, { total }) => sum + total, 0)
}
