import { test } from 'tap'
import { bytesText, countText, figureText, numberWord, spanText } from '../../dashboard/core/format.ts'
import { readTimeText } from '../../dashboard/core/time-text.ts'
import { maintenanceOf } from '../../dashboard/pages/alerts/mutes.ts'
import { SseReader } from '../../dashboard/stream/sse.ts'
import { nearest, pathsOf, summaryOf, timeTicks, topOf } from '../../dashboard/ui/plot.ts'

test('counts have separators up to 99,999, and marks above', async (t) => {
  t.same([0, 999, 42_047, 99_999, 100_000, 1_200_000, 4_182_906, 2.5e9].map(countText), ['0', '999', '42,047', '99,999', '100k', '1.20M', '4.18M', '2.50B'])
})

test('spans, bytes and figures are told in the unit that a person would choose', async (t) => {
  t.same([0, 212, 999, 2_100, 42_000, 480_000, 7_200_000, 3 * 86_400_000].map(spanText), ['0 ms', '212 ms', '999 ms', '2.1 s', '42 s', '8 min', '2 h', '3 d'])
  t.same([0, 612, 1_500, 612e6, 4.9e9].map(bytesText), ['0 B', '612 B', '1.5 KB', '612 MB', '4.9 GB'])
  t.same([figureText(46.4, 'percent'), figureText(0, 'percent'), figureText(4.13, 'percent'), figureText(2_100, 'ms'), figureText(null, 'ms'), figureText(0.25, null), figureText(318, '/s')],
    ['46%', '0%', '4.1%', '2.1 s', '–', '0.25', '318 /s'])
  t.same([1, 2, 10, 11].map(numberWord), ['One', 'Two', 'Ten', '11'])
})

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

test('events are read whole, wherever the text breaks', async (t) => {
  const text = ': open\n\nid: 7\nevent: events\ndata: [{"message":"a: b"}]\n\n: still here\n\nevent: gap\ndata: {"missed":null}\n\nid: 8\nevent: events\ndata: []'
  const want = [
    { id: '7', event: 'events', data: '[{"message":"a: b"}]' },
    { id: undefined, event: 'gap', data: '{"missed":null}' }
  ]
  for (let size = 1; size <= text.length; size++) {
    const reader = new SseReader()
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
    t.same(pieces.flatMap((piece) => reader.read(piece)), want, `in pieces of ${size}`)
    t.same(reader.read('\n\n'), [{ id: '8', event: 'events', data: '[]' }], 'the last one when it is complete')
  }
})

const NOW = Date.UTC(2026, 0, 31, 15, 30)

test('a time is read as a person writes it, in UTC where that is shown', async (t) => {
  const read = (text: string): string | undefined => {
    const ms = readTimeText(text, { now: NOW, isUtc: true })
    return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 19)
  }

  for (const [text, wanted] of [
    ['now', '2026-01-31T15:30:00'], ['-90m', '2026-01-31T14:00:00'], ['yesterday 14:00', '2026-01-30T14:00:00'], ['Yesterday', '2026-01-30T00:00:00'],
    [' today 9:05 ', '2026-01-31T09:05:00'], ['14:00', '2026-01-31T14:00:00'], ['2026-01-31 14:00', '2026-01-31T14:00:00'], ['2026-01-31', '2026-01-31T00:00:00'],
    ['2026-01-31T14:00:00+02:00', '2026-01-31T12:00:00'], ['25:00', undefined], ['yesterday 14:60', undefined], ['2026-02-30 10:00', undefined], ['soon', undefined], ['', undefined]
  ] as const) t.equal(read(text), wanted, text)
})

test('without a zone a time is that of the clock of the reader', async (t) => {
  const read = (text: string): number | undefined => readTimeText(text, { now: NOW, isUtc: false })
  const day = new Date(NOW)

  t.equal(read('2026-07-01 14:00'), new Date(2026, 6, 1, 14, 0).getTime())
  t.equal(read('yesterday 14:00'), new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1, 14, 0).getTime())
  t.equal(read('2026-07-01T14:00Z'), Date.UTC(2026, 6, 1, 14, 0), 'a zone is kept')
  t.equal(read('2026-02-30 10:00'), undefined)
})

test('a maintenance is what its form says, and no more', async (t) => {
  const read = (fields: Record<string, string>) => maintenanceOf((name) => fields[name] ?? '', (text) => readTimeText(text, { now: NOW, isUtc: true }))

  t.same(read({ name: 'Backup', duration: '1h', when: 'now', cron: '0 2 * * *', rule: '' }), { name: 'Backup', duration: '1h' })
  t.same(read({ name: 'Backup', duration: '1h', when: 'cron', cron: '0 2 * * *', time_zone: 'Europe/Berlin', query: 'service:api' }), { name: 'Backup', duration: '1h', query: 'service:api', cron: '0 2 * * *', time_zone: 'Europe/Berlin' })
  t.same(read({ name: 'Move', duration: '2h', when: 'time', from: 'today 22:00', reason: 'new disks' }), { name: 'Move', duration: '2h', from: '2026-01-31T22:00:00.000Z', reason: 'new disks' })
  t.match(read({ name: 'Move', duration: '2h', when: 'time', from: 'soon' }), /A time is like/)
})
