import { test } from 'tap'
import { barsOf, highestOf, matchedIn, pathOf, snap } from '../../dashboard/pages/events/histogram-bars.ts'
import type { Level } from '../../schemas/event.ts'
import type { Histogram } from '../../schemas/event-query.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
const ms = (second: number): number => Date.parse(at(second))
const bins = (...counts: Array<Partial<Record<Level, number>>>): Histogram => ({
  from: at(0),
  to: at(25),
  bin_ms: 10_000,
  source: 'rows',
  bins: counts.map((byLevel, index) => ({ time: at(index * 10), by_level: byLevel, total: Object.values(byLevel).reduce((sum, count) => sum + count, 0) }))
})

const matched = bins({ WARN: 2, ERROR: 1, FATAL: 1 }, {}, { INFO: 3, DEBUG: 1 })
const bars = barsOf(matched, bins({ WARN: 2, ERROR: 1, FATAL: 1, INFO: 6 }, { INFO: 5 }, { INFO: 3, DEBUG: 1 }))

test('bars are stacked by level over what the filter hides, and end where the next begins', async (t) => {
  t.same(bars.map(({ parts }) => parts), [
    { unmatched: 6, ordinary: 0, warning: 2, critical: 2 }, { unmatched: 5, ordinary: 0, warning: 0, critical: 0 }, { unmatched: 0, ordinary: 4, warning: 0, critical: 0 }
  ])
  t.same(bars.map(({ from, to }) => [from, to]), [[ms(0), ms(10)], [ms(10), ms(20)], [ms(20), ms(25)]])
  t.equal(highestOf(bars), 10)
  t.equal(barsOf(matched, undefined)[0]?.parts.unmatched, 0, 'without a filter nothing is hidden')
})

test('a tone is one path, each part of it upon those below', async (t) => {
  const plane = { from: ms(0), to: ms(25), width: 250, height: 100, most: 10 }

  t.equal(pathOf(bars, 'unmatched', plane), 'M0 100v-60h86v60zM100 100v-50h86v50z')
  t.equal(pathOf(bars, 'critical', plane), 'M0 20v-20h86v20z')
  t.equal(pathOf(bars, 'ordinary', plane), 'M200 100v-40h43v40z')
})

test('a selection is made of whole bars, whichever way it is drawn', async (t) => {
  t.same(snap(bars, ms(4), ms(12)), { from: ms(0), to: ms(20) })
  t.same(snap(bars, ms(21), ms(10)), { from: ms(10), to: ms(25) })
  t.same(snap(bars, ms(13), ms(13)), { from: ms(10), to: ms(20) })
  t.equal(snap([], 1, 2), undefined)
  t.equal(matchedIn(bars, { from: ms(10), to: ms(25) }), 4)
})
