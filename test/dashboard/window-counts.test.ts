import { test } from 'tap'
import { countsOf } from '../../dashboard/pages/alerts/window-counts.ts'

const MINUTE = 60_000

/** Bins of a minute with so many events each. */
function counted (...totals: number[]) {
  return { bin_ms: MINUTE, bins: totals.map((total, at) => ({ time: new Date(at * MINUTE).toISOString(), total })) }
}

test('a count is that of the window before, as the rule compares it', (t) => {
  const { times, values, unit } = countsOf(counted(9, 0, 1, 2, 3, 0, 0), { windowMs: 3 * MINUTE, from: 3 * MINUTE, isRate: false })

  t.same(times, [3, 4, 5, 6, 7].map((at) => at * MINUTE), 'nothing before the range, and each at the end of its bin')
  t.same(values, [10, 3, 6, 5, 3])
  t.equal(unit, null)
  t.end()
})

test('a rate is a second of the window', (t) => {
  const { values, unit } = countsOf(counted(60, 60, 0), { windowMs: 2 * MINUTE, from: 2 * MINUTE, isRate: true })

  t.same(values, [1, 0.5])
  t.equal(unit, '/s')
  t.end()
})

test('where bins are wider than the window, a count is the mean of the windows in it', (t) => {
  t.same(countsOf(counted(60, 120), { windowMs: MINUTE / 6, from: 0, isRate: false }).values, [10, 20])
  t.end()
})
