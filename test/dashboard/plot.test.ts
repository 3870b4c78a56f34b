import { test } from 'tap'
import { nearest, pathsOf, summaryOf, timeTicks, topOf } from '../../dashboard/ui/plot.ts'

const HOUR = 3_600_000
const PLANE = { from: 0, to: 100, most: 10, width: 100, height: 50 }

test('a line is drawn in its plane, with a gap where nothing was measured, and a point by itself is seen', (t) => {
  const { line, area } = pathsOf({ times: [0, 10, 20, 30, 40], values: [0, 10, null, 5, null] }, PLANE)

  t.equal(line, 'M0 50L10 0M30 25h0')
  t.equal(area, 'M0 50L10 0V50H0z', 'no area under a point')
  t.same(pathsOf({ times: [], values: [] }, PLANE), { line: '', area: '' })
  t.equal(pathsOf({ times: [-20, -10, 50, 110, 120], values: [1, 1, 20, 1, 1] }, PLANE).line, 'M-10 45L50 0L110 45', 'of what lies outside the nearest, and nothing above the top')
  t.end()
})

test('a hundred thousand points are at most two for each pixel, and none of the extremes is lost', (t) => {
  const times = Array.from({ length: 100_000 }, (_, at) => at)
  const values = times.map((at) => at === 54_321 ? 10 : at === 54_322 ? 0 : 5)
  const { line } = pathsOf({ times, values }, { ...PLANE, to: 100_000, width: 500 })

  const places = line.slice(1).split('L')
  t.ok(places.length <= 1_000, `${places.length}`)
  t.ok(places.includes('271.6 0'))
  t.ok(places.includes('271.6 50'))
  t.end()
})

test('times on the axis are round on the clock of the reader', (t) => {
  const at = (text: string): number => Date.parse(`2026-01-31T${text}Z`)
  const ticks = (from: string, to: string, width: number, offset = 0): string[] => timeTicks({ from: at(from), to: at(to), width }, offset).times.map((ms) => new Date(ms + offset).toISOString().slice(11, 16))

  t.same(ticks('13:32', '14:32', 450), ['13:45', '14:00', '14:15', '14:30'])
  t.same(ticks('13:32', '14:32', 200), ['14:00', '14:30'])
  t.same(ticks('00:00', '23:59', 450, 5.5 * HOUR), ['06:00', '12:00', '18:00', '00:00'])
  t.same(timeTicks({ from: 0, to: 400 * 24 * HOUR, width: 90 }, 0).times.length > 0, true)
  t.end()
})

test('the scale holds the data and its limits, and a little more', (t) => {
  const top = (values: Array<number | null>, limits: number[] = [], least = 0): number => topOf(Math.max(summaryOf({ times: values.map((_, at) => at), values })?.most ?? 0, 0), limits, least)

  t.same([top([]), top([0]), top([42]), top([42], [500]), top([null, 3], [], 100), top([0.02])], [1, 1, 50, 600, 100, 0.025])
  t.end()
})

test('the nearest point is one with a value', (t) => {
  const points = { times: [0, 10, 20], values: [1, null, 3] }

  t.same([nearest(points, 9), nearest(points, 12), nearest(points, 99), nearest({ times: [5], values: [null] }, 5)], [0, 2, 2, undefined])
  t.end()
})
