import fc from 'fast-check'
import { test } from 'tap'
import { binOf, binStarts, cutBins, layBins } from '../../src/core/time-bins.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)
const time = fc.integer({ min: 0, max: Date.UTC(2201, 0, 1) })

const widths: ReadonlyArray<[name: string, span: number, most: number, binMs: number]> = [
  ['a moment', 0, 60, 1_000],
  ['a minute in 60 bins', 60_000, 60, 2_000],
  ['a minute in 61 bins', 60_000, 61, 1_000],
  ['a day in 60 bins', DAY, 60, HOUR / 2],
  ['a day in 24 bins', DAY, 24, 2 * HOUR],
  ['a week in 60 bins', 7 * DAY, 60, 3 * HOUR],
  ['a year in 100 bins', 365 * DAY, 100, 7 * DAY],
  ['a year in one bin', 365 * DAY, 1, 365 * DAY],
  ['100 years in 11 bins', 36_500 * DAY, 11, 3_650 * DAY]
]
for (const [name, span, most, binMs] of widths) {
  test(`${name}: points of a width that people read at a glance`, async (t) => {
    t.equal(layBins(START, START + span, most).binMs, binMs)
  })
}

test('points cover the range, whole, on multiples of their width, and are never more than asked for', async (t) => {
  fc.assert(fc.property(time, time, fc.integer({ min: 2, max: 500 }), (a, b, most) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const bins = layBins(from, to, most)
    const count = (bins.to - bins.from + 1) / bins.binMs

    const isCovered = bins.from <= from && bins.to >= to && from - bins.from < bins.binMs && bins.to - to < bins.binMs
    return isCovered && bins.from % bins.binMs === 0 && Number.isInteger(count) && count <= most
  }))
  t.pass('held for all')
})

const cuts: ReadonlyArray<[name: string, from: number, span: number, most: number, binMs: number, count: number]> = [
  ['a day in 24 bins is 24 hours', START, DAY, 24, HOUR, 24],
  ['so is one that begins anywhere', START + 37 * 60_123, DAY, 24, HOUR, 24],
  ['a day but a ms in 24 bins', START, DAY - 1, 24, HOUR, 24],
  ['a day and a ms in 24 bins', START, DAY + 1, 24, 2 * HOUR, 13],
  ['a day in one bin', START, DAY, 1, DAY, 1],
  ['a day that begins anywhere in one bin', START + 1, DAY, 1, DAY, 1],
  ['a day in 6 bins', START, DAY, 6, 4 * HOUR, 6],
  ['a day in 60 bins', START, DAY, 60, HOUR / 2, 48],
  ['a day that begins anywhere in 60 bins', START + 1, DAY, 60, HOUR / 2, 49],
  ['an hour in 60 bins', START, HOUR, 60, 60_000, 60],
  ['a week in 7 bins', START, 7 * DAY, 7, DAY, 7],
  ['100 years in one bin', START, 36_500 * DAY, 1, 36_500 * DAY, 1],
  ['a ms', START, 1, 60, 1_000, 1]
]
for (const [name, from, span, most, binMs, count] of cuts) {
  test(`${name}: as many bins as that takes, of a round width`, async (t) => {
    const range = { from, to: from + span - 1 }
    const grid = cutBins(range.from, range.to, most)

    t.same([grid.binMs, binStarts(grid, range).length], [binMs, count])
  })
}

test('bins tile the range, are of one width but for the first and last, and never more than asked for', async (t) => {
  fc.assert(fc.property(time, time, fc.integer({ min: 1, max: 500 }), (a, b, most) => {
    const range = { from: Math.min(a, b), to: Math.max(a, b) }
    const grid = cutBins(range.from, range.to, most)
    const starts = binStarts(grid, range)
    const ends = [...starts.slice(1), range.to + 1]
    const widths = starts.map((start, at) => (ends[at] ?? 0) - start)

    const isEven = widths.slice(1, -1).every((width) => width === grid.binMs) && widths.every((width) => width > 0 && width <= grid.binMs)
    const isRound = starts.slice(1).every((start) => start % grid.binMs === grid.origin % grid.binMs) && (grid.origin % grid.binMs === 0 || grid.origin === range.from)
    return starts[0] === range.from && isEven && isRound && starts.length <= most && starts.every((start) => binOf(grid, start) <= start)
  }))
  t.same(binStarts(cutBins(START, START - 1, 10), { from: START, to: START - 1 }), [], 'an empty range has none')
})
