import fc from 'fast-check'
import { test } from 'tap'
import { binStarts, layBins } from '../../src/core/time-bins.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

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
  test(`${name}: a width that people read at a glance`, async (t) => {
    t.equal(layBins(START, START + span, most).binMs, binMs)
  })
}

test('bins cover the range, whole, dense, on multiples of their width, and are never more than asked for', async (t) => {
  const time = fc.integer({ min: 0, max: Date.UTC(2201, 0, 1) })
  fc.assert(fc.property(time, time, fc.integer({ min: 2, max: 500 }), (a, b, most) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const bins = layBins(from, to, most)
    const starts = binStarts(bins)

    const isCovered = bins.from <= from && bins.to >= to && from - bins.from < bins.binMs && bins.to - to < bins.binMs
    const isDense = starts.every((start, at) => start === bins.from + at * bins.binMs && start % bins.binMs === 0)
    return isCovered && isDense && starts.length <= most && starts.length * bins.binMs === bins.to - bins.from + 1
  }))
  t.pass('held for all')
})
