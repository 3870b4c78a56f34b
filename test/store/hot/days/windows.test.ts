import fc from 'fast-check'
import { test } from 'tap'
import { listPartitions } from '../../../../src/store/hot/days/partitions.ts'
import { windows, within, type Order, type Range, type Window } from '../../../../src/store/hot/days/windows.ts'
import { newEvents } from '../../../contract/given.ts'
import { NOON, openParts, patient, ticking, type Parts } from '../../support.ts'

const ROWS = 9_000
const FEWEST = 4_000
const SLOW_MS = 100

test('windows tile what there is of the range, once and in order, however fast the search is', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  const groups = [
    newEvents(ROWS, (index) => ({ time: NOON + Math.floor(index / 7) })),
    newEvents(ROWS, (index) => ({ time: NOON + 500 + (index % 3) * 400 })),
    newEvents(ROWS, (index) => ({ time: NOON + 1_000 + index }))
  ]
  parts.store(...groups)
  const times = groups.flat().map(({ time }) => time)
  const held = { from: Math.min(...times), to: Math.max(...times) }
  const bound = fc.oneof(fc.integer({ min: -10, max: 10_100 }).map((at) => NOON + at), fc.constantFrom(0, held.from, held.to, held.to + 1e9))

  await fc.assert(fc.asyncProperty(bound, bound, fc.constantFrom('asc', 'desc'), fc.boolean(), async (a, b, order, isSlow) => {
    const range = { from: Math.min(a, b), to: Math.max(a, b) }
    const found = await tile(parts, range, { order, isSlow })
    const ordered = order === 'asc' ? found : found.toReversed()
    const counts = found.map((window) => countIn(times, window))

    const isWhole = countIn(times, range) === counts.reduce((sum, count) => sum + count, 0)
    const isSeamless = ordered.every(({ from, to }, at) => from <= to && (at === 0 || from === (ordered[at - 1]?.to ?? 0) + 1))
    const isInside = ordered.every(({ from, to }) => from >= Math.max(range.from, held.from) && to <= Math.min(range.to, held.to))
    const namesAll = found.every((window) => groups.every((group, at) => countIn(group.map(({ time }) => time), window) === 0 || window.partitions.some(({ n }) => n === at + 1)))
    return isWhole && isSeamless && isInside && namesAll
  }), { numRuns: 40 })
})

test('a window holds the fewest rows while the search is slow, and more and more while it is quick', async (t) => {
  const parts = await openParts(t)
  const times = newEvents(10 * FEWEST, (index) => ({ time: NOON + index }))
  parts.store(times)
  const range = { from: 0, to: NOON + 1e9 }
  const sizes = async (isSlow: boolean): Promise<number[]> => (await tile(parts, range, { order: 'desc', isSlow })).map(({ from, to }) => to - from + 1)

  t.same(await sizes(true), [...Array.from({ length: 9 }, () => FEWEST + 1), 10 * FEWEST - 9 * (FEWEST + 1)])
  t.same(await sizes(false), [FEWEST + 1, 8 * FEWEST + 1, FEWEST - 2])
})

test('all events of one time are in one window', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(3 * FEWEST, () => ({ time: NOON })), newEvents(1, () => ({ time: NOON - 5 })))

  const found = await tile(parts, { from: 0, to: NOON + 5 }, { order: 'desc', isSlow: true })

  t.same(found.map(({ from, to }) => [from, to]), [[NOON, NOON], [NOON - 5, NOON - 1]])
})

test('without a partition in the range there is no window', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(3, () => ({ time: NOON })))

  for (const range of [{ from: NOON + 1, to: NOON + 2 }, { from: 0, to: NOON - 1 }, { from: NOON, to: NOON - 1 }]) {
    t.same(await tile(parts, range, { order: 'asc', isSlow: false }), [])
  }
})

test('a search that is late is cut between two windows, but not behind the last', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(FEWEST + 2, (index) => ({ time: NOON + index })))
  const { db } = parts.reading()
  const partitions = await listPartitions(db)
  const take = async (range: Range): Promise<number> => {
    let count = 0
    for await (const window of windows({ db, guard: ticking(1, 0), partitions, range, order: 'asc' })) count += window.partitions.length
    return count
  }

  await t.rejects(take({ from: NOON, to: NOON + FEWEST + 1 }), { code: 'timeout' })
  t.equal(await take({ from: NOON, to: NOON + FEWEST }), 1)
})

async function tile ({ reading }: Parts, range: Range, { order, isSlow }: { order: Order, isSlow: boolean }): Promise<Window[]> {
  const { db } = reading()
  const partitions = within(await listPartitions(db), range)
  const found: Window[] = []
  for await (const window of windows({ db, guard: isSlow ? ticking(SLOW_MS) : patient(), partitions, range, order })) found.push(window)
  return found
}

function countIn (times: readonly number[], { from, to }: Range): number {
  return times.filter((time) => time >= from && time <= to).length
}
