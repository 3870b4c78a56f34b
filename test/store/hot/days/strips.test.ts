import fc from 'fast-check'
import { test } from 'tap'
import { binOf } from '../../../../src/core/time-bins.ts'
import { stripsOf } from '../../../../src/store/hot/days/strips.ts'
import { HOUR_MS, MINUTE_MS } from '../../../contract/given.ts'
import { NOON } from '../../support.ts'

const WIDTHS = { hours: HOUR_MS, minutes: MINUTE_MS, rows: 1 }
const ms = fc.oneof(fc.nat(6 * HOUR_MS), fc.nat(360).map((minute) => minute * MINUTE_MS), fc.nat(6).map((hour) => hour * HOUR_MS))
const binMs = fc.oneof(fc.constantFrom(1_000, 90_000, MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS), fc.integer({ min: 1_000, max: 9 * HOUR_MS }))

test('strips tile a range, newest first, in whole units of which each lies in one bin', async (t) => {
  fc.assert(fc.property(ms, ms, ms, binMs, (a, b, c, binMs) => {
    const [offset = 0, from = 0, to = 0] = [a, b, c].sort((a, b) => a - b)
    const range = { from: NOON + from, to: NOON + to }
    const grid = { origin: NOON + offset, binMs }
    const strips = stripsOf(range, grid)

    const isTiled = strips[0]?.to === range.to && strips.at(-1)?.from === range.from && strips.every((strip, at) => at === 0 || strip.to + 1 === strips[at - 1]?.from)
    const isWhole = strips.every(({ kind, from, to }) => from % WIDTHS[kind] === 0 && (to + 1) % WIDTHS[kind] === 0 && from <= to)
    const isInBins = strips.every(({ kind, from, to }) => edges(grid, from, to).every((edge) => edge % WIDTHS[kind] === 0))
    return isTiled && isWhole && isInBins
  }), { numRuns: 300 })
  t.same(stripsOf({ from: NOON, to: NOON - 1 }, { origin: NOON, binMs: 1_000 }), [], 'an empty range has none')
})

test('rows are counted in the minutes alone that an edge cuts, minutes in the hours alone', async (t) => {
  const cut = { from: NOON + HOUR_MS - 90_000, to: NOON + 3 * HOUR_MS + 90_000 - 1 }

  t.same(stripsOf(cut, { origin: NOON, binMs: HOUR_MS }), [
    { kind: 'rows', from: NOON + 3 * HOUR_MS + MINUTE_MS, to: cut.to },
    { kind: 'minutes', from: NOON + 3 * HOUR_MS, to: NOON + 3 * HOUR_MS + MINUTE_MS - 1 },
    { kind: 'hours', from: NOON + HOUR_MS, to: NOON + 3 * HOUR_MS - 1 },
    { kind: 'minutes', from: NOON + HOUR_MS - MINUTE_MS, to: NOON + HOUR_MS - 1 },
    { kind: 'rows', from: cut.from, to: NOON + HOUR_MS - MINUTE_MS - 1 }
  ])
})

/** The starts of bins within a strip; its own is one of its edges anyway. */
function edges (grid: { origin: number, binMs: number }, from: number, to: number): number[] {
  const found: number[] = []
  for (let edge = binOf(grid, from) + grid.binMs; edge <= to; edge += grid.binMs) found.push(edge)
  return found
}
