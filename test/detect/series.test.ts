import { test } from 'tap'
import fc from 'fast-check'
import { ALARM, missingOf, observe, type Observation } from '../../src/detect/series/observe.ts'
import { newSeries, restoreSeries, type SeriesState } from '../../src/detect/series/state.ts'

const MINUTE = 60_000
const DAY = 1_440
const START = Date.UTC(2026, 0, 5)

interface Told extends Observation {
  row: number
}

/** Noise that is the same in each run: Park and Miller 1988, twelve of them summed, less 6. */
function noise (seed = 1): () => number {
  let state = seed
  const next = (): number => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647
  return () => Array.from({ length: 12 }, next).reduce((sum, x) => sum + x, -6)
}

/** Observes rows a minute apart; answers the alarms. */
function feed (state: SeriesState, rows: number, valueAt: (row: number) => number): Told[] {
  return Array.from({ length: rows }, (_, row) => ({ row, ...observe(state, START + row * MINUTE, valueAt(row)) })).filter(({ alarm }) => alarm !== undefined)
}

/** The alarms of noise around 100 with what is added, one value a minute for so many rows. */
function alarmsOf (rows: number, added: (row: number) => number): Told[] {
  const random = noise()
  return feed(newSeries(), rows, (row) => 100 + random() + added(row))
}

function since (from: number, told: readonly Told[]): Told[] {
  return told.filter(({ row }) => row >= from)
}

test('noise that stays as it is is told rarely, and less and less: six times in twenty days at most, once in the last ten', (t) => {
  const told = alarmsOf(20 * DAY, () => 0)

  t.ok(told.length <= 6)
  t.ok(told.filter(({ row }) => row >= 10 * DAY).length <= 1)
  t.end()
})

test('a spike is told at once, once, with how far it rose', (t) => {
  const at = 3 * DAY
  const told = since(at, alarmsOf(at + 60, (row) => row === at ? 41 : 0))

  t.same(told.map(({ row, alarm }) => ({ row, alarm })), [{ row: at, alarm: 'new' }])
  t.ok((told[0]?.score ?? 0) >= ALARM)
  t.match(told[0]?.reasons?.join('; '), /rose by [34]\d\.\d+ in 60 s, usually under 3\.\d+/)
  t.end()
})

test('a level shift is told where it begins, and neither while it lasts nor at its end', (t) => {
  const [from, to] = [3 * DAY, 3 * DAY + 45]
  const told = since(from, alarmsOf(to + 60, (row) => row >= from && row < to ? -40 : 0))

  t.same(told.map(({ row }) => row), [from])
  t.match(told[0]?.reasons?.[0], /fell|below|lowest/)
  t.end()
})

test('the same incident is told again when it gets worse', (t) => {
  const at = 3 * DAY
  const told = since(at, alarmsOf(at + 30, (row) => row === at ? 8 : row === at + 5 ? 60 : 0))

  t.same(told.map(({ row, alarm }) => [row, alarm]), [[at, 'new'], [at + 5, 'worse']])
  t.end()
})

test('a daily wave is usual, and a day without it is told by what is usual in the hour', (t) => {
  const wave = (row: number): number => 40 * Math.sin(2 * Math.PI * row / DAY)
  const random = noise()
  const state = newSeries()
  const flat = 9 * DAY
  const told = feed(state, flat + DAY / 2, (row) => 100 + random() + (row < flat ? wave(row) : -wave(row)))

  t.ok(told.filter(({ row }) => row >= 3 * DAY && row < flat).length <= 1)
  t.ok(told.some(({ row, reasons = [] }) => row >= flat && reasons.some((reason) => reason.includes('usual at'))))
  t.end()
})

test('a drift is told as the highest mean in so many days', (t) => {
  const from = 4 * DAY
  const told = alarmsOf(from + 2 * DAY, (row) => Math.max(0, row - from) / 60)

  t.ok(told.some(({ row, reasons = [] }) => row > from && reasons.some((reason) => /^highest (mean of 24 values|distance).* in \d(\.\d)? days: /.test(reason))))
  t.end()
})

test('a constant that changes is told, though nothing was usual but it', (t) => {
  const told = feed(newSeries(), 300, (row) => row < 200 ? 5 : 6)

  t.equal(told[0]?.row, 200)
  t.match(told[0]?.reasons?.[0], /value is 6, and was 5 for 3.3 h/)
  t.end()
})

test('a series says what it lacks until it is ready', (t) => {
  const state = newSeries()
  t.match(missingOf(state), [/^records: 150 more/, /^steps and means: 1440 more/, /^usual hours: 1440 more/])

  feed(state, 3 * DAY, (row) => row % 7)
  t.same(missingOf(state), [])
  t.end()
})

test('a state that was kept as JSON goes on to the bit', (t) => {
  const random = noise(7)
  const values = Array.from({ length: 4 * DAY }, (_, row) => row % 997 === 0 ? 60 : 100 + random())
  const state = newSeries()
  feed(state, 2 * DAY, (row) => values[row] ?? 0)
  const restored = restoreSeries(JSON.parse(JSON.stringify(state)))

  const goesOn = (from: SeriesState | undefined): Observation[] => values.slice(2 * DAY).map((value, row) => observe(from ?? newSeries(), START + (2 * DAY + row) * MINUTE, value))
  t.same(goesOn(restored), goesOn(state))
  t.strictSame(restored, state)
  t.end()
})

test('a state of another version, or that is none, is not taken up', (t) => {
  for (const kept of [undefined, null, {}, { ...newSeries(), version: 2 }, { ...newSeries(), fast: null }, { ...newSeries(), recent: [] }]) t.equal(restoreSeries(kept), undefined)
  t.end()
})

test('a state stays under 4 KB', (t) => {
  const random = noise()
  const state = newSeries()
  feed(state, 9 * DAY, () => random() * Math.PI * 1e-7)

  t.ok(JSON.stringify(state).length < 4_096)
  t.end()
})

test('whatever comes, in whatever order, scores from 0 to 100 and leaves a state that can be kept', (t) => {
  const time = fc.oneof(fc.integer({ min: -1e6, max: 1e6 }).map((s) => START + s * 1_000), fc.double())
  const value = fc.oneof(fc.double(), fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324))
  const rows = fc.array(fc.tuple(time, value), { minLength: 100, maxLength: 400 })

  fc.assert(fc.property(rows, fc.nat(3), (given, calm) => {
    const state = newSeries()
    feed(state, calm * 600, (row) => row % 5)
    const scores = given.map(([at, x]) => observe(state, at, x).score)
    return scores.every((score) => score >= 0 && score <= 100) && restoreSeries(JSON.parse(JSON.stringify(state))) !== undefined
  }), { numRuns: 50 })
  t.end()
})

test('a gap, a missing value and a clock that is set back are no news', (t) => {
  const random = noise()
  const state = newSeries()
  const wave = (row: number): number => 100 + random() + 30 * Math.sin(2 * Math.PI * row / DAY)
  feed(state, 3 * DAY, wave)
  const at = START + 3 * DAY * MINUTE

  t.same(observe(state, at, NaN), { score: 0 })
  t.equal(observe(state, at - 2 * MINUTE, wave(3 * DAY)).alarm, undefined)
  t.equal(observe(state, at + 6 * 60 * MINUTE, wave(3 * DAY + 360)).alarm, undefined)
  t.end()
})

test('one wild value does not deafen a series: what was told before it is told after it', (t) => {
  const [wild, next] = [3 * DAY, 4 * DAY]
  const told = since(wild, alarmsOf(next + 10, (row) => row === wild ? 1e9 : row === next ? 60 : 0))

  t.same(told.map(({ row }) => row), [wild, next])
  t.end()
})
