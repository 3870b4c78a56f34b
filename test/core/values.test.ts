import fc from 'fast-check'
import { test } from 'tap'
import type { Level } from '../../schemas/event.ts'
import { LEVELS } from '../../schemas/words.ts'
import { levelNumber, parseLevel } from '../../src/core/levels.ts'
import { itemsOf, type Part } from '../../src/core/receipt-items.ts'
import { binOf, binStarts, cutBins, layBins } from '../../src/core/time-bins.ts'
import { parseTimeParam } from '../../src/core/time-range.ts'

const SPELLINGS: Record<Level, (string | number)[]> = {
  TRACE: ['trace', 'TRC', 'verbose', 'VRB', 'finest', 'silly', 'T', 'V', 'TRACE3', 10, '10'],
  DEBUG: ['debug', 'Debug', 'dbg', 'fine', 'D', 'DEBUG5', 'D2', 7, 8, '8', 20],
  INFO: ['info', 'INF', 'information', 'Informational', 'notice', 'log', 'I', 'INFO2', 5, 6, 9, 11, 12, 30, '30'],
  WARN: ['warn', 'WARNING', 'Wrn', 'w', 4, 13, 16, 40, '40'],
  ERROR: ['error', 'ERR', 'severe', 'E', 'eror', 'SEVERITY_NUMBER_ERROR2', 3, 17, 19, 50],
  FATAL: ['fatal', 'FTL', 'critical', 'Crit', 'alert', 'emerg', 'emergency', 'panic', 'PNC', 'F', 'c', 0, '0', 1, 2, 21, 24, 60]
}

for (const level of LEVELS) {
  test(`every usual spelling of ${level} is understood`, (t) => {
    for (const spelling of SPELLINGS[level]) t.equal(parseLevel(spelling), level, JSON.stringify(spelling))
    t.end()
  })
}

test('blanks around a level do not matter', (t) => {
  t.equal(parseLevel(' Warning\t'), 'WARN')
  t.end()
})

test('what is no level is not guessed', (t) => {
  const none = ['', ' ', 'success', 'warnings', 'errro', 'level', '-1', '30.0', '0x1e', '25', '70', 'constructor',
    '__proto__', 'info'.repeat(20), -1, 0.5, 25, 70, NaN, Infinity]

  for (const text of none) t.equal(parseLevel(text), undefined, String(text))
  t.end()
})

test('levels are numbered from 1 by weight', (t) => {
  t.same(LEVELS.map(levelNumber), [1, 2, 3, 4, 5, 6])
  t.end()
})

const part: Part = {
  appended: { ids: [10, 11, 12], duplicates: [1], conflicts: [], renamed: [] },
  clientId: (at) => at === 0 ? null : `id-${at}`,
  indexes: [0, 2, 5],
  rejections: [{ index: 3, faults: [{ path: '/3/message', message: 'is bad' }, { path: '/3', message: 'too' }], original: '{}' }],
  all: false
}

const duplicate = { index: 2, id: 'id-1', status: 'duplicate' }
const rejected = { index: 3, status: 'rejected', error: '/3/message: is bad; /3: too', errors: part.rejections[0]?.faults }

test('what was not accepted is listed in the order of the body', async (t) => {
  t.same(itemsOf(part), [duplicate, rejected])
})

test('all is listed when all was asked for', async (t) => {
  t.same(itemsOf({ ...part, all: true }), [
    { index: 0, id: '10', status: 'accepted' }, duplicate, rejected, { index: 5, id: 'id-2', status: 'accepted' }
  ])
})

test('a part in which all was accepted lists nothing', async (t) => {
  t.same(itemsOf({ ...part, appended: { ids: [10, 11, 12], duplicates: [], conflicts: [], renamed: [] }, rejections: [] }), [])
})

test('what cannot be answered by its own id is named by its row, and a conflict says so by the id that was sent', async (t) => {
  const appended = { ids: [10, 11, 0], duplicates: [], conflicts: [2], renamed: [1] }

  const items = itemsOf({ ...part, appended, rejections: [], all: true })

  t.match(items, [
    { index: 0, id: '10', status: 'accepted' }, { index: 2, id: '11', status: 'accepted' },
    { index: 5, id: 'id-2', status: 'conflict', error: /id-2.*another content/, errors: [{ path: '/event_id' }] }
  ])
})

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

const NOW = Date.UTC(2026, 5, 1, 12)
const END = Date.UTC(2201, 0, 1)

const times: ReadonlyArray<[text: string, ms: number]> = [
  ['now', NOW],
  ['-0s', NOW],
  ['-30s', NOW - 30_000],
  ['-15m', NOW - 900_000],
  ['-2h', NOW - 7_200_000],
  ['-7d', NOW - 604_800_000],
  ['-1w', NOW - 604_800_000],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2026-01-31T12:30', Date.UTC(2026, 0, 31, 12, 30)],
  ['2026-01-31 12:30:15', Date.UTC(2026, 0, 31, 12, 30, 15)],
  ['2026-01-31T12:30:15.250Z', Date.UTC(2026, 0, 31, 12, 30, 15, 250)],
  ['2026-01-31t12:30:15z', Date.UTC(2026, 0, 31, 12, 30, 15)],
  ['2026-01-31T12:30:15+02:00', Date.UTC(2026, 0, 31, 10, 30, 15)],
  ['2026-01-31T12:30:15 02:00', Date.UTC(2026, 0, 31, 10, 30, 15)],
  ['2026-01-31T12:30:15-0530', Date.UTC(2026, 0, 31, 18, 0, 15)],
  ['2024-02-29', Date.UTC(2024, 1, 29)],
  ['1767225600000', Date.UTC(2026, 0, 1)],
  ['1960-01-01', 0],
  ['-999999999w', 0],
  ['999999999999999', END],
  ['9999-12-31', END]
]
for (const [text, ms] of times) {
  test(`${text} is ${new Date(ms).toISOString()}`, async (t) => {
    t.equal(parseTimeParam('from', text, NOW), ms)
  })
}

test('what is no time is refused with the name of the parameter and what would do', async (t) => {
  const texts = ['', ' ', 'yesterday', '15m', '+15m', '-15', '-15y', '-1.5h', '2026', '2026-13-01', '2026-02-30', '2025-02-29', '2026-01-32', '2026-01-01T25:00',
    '2026-01-01T12:61', '2026-01-01T12', '1767225600', '1e12', 'NaN', '2026-01-01T00:00:00+25:00', '2026-01-01Z', '12:30', "2026-01-01' OR 1"]
  for (const text of texts) {
    t.throws(() => parseTimeParam('to', text, NOW), { code: 'invalid', faults: [{ path: 'to', message: /is no time: use ISO 8601/ }] }, text)
  }
})
