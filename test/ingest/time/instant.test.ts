import { test } from 'tap'
import fc from 'fast-check'
import { parseInstant, parseTime } from '../../../src/ingest/time/instant.ts'

const BASE = Date.UTC(2026, 0, 31, 12, 30, 45, 678)
const SECOND = Date.UTC(2026, 0, 31, 12, 30, 45)
const MINUTE = Date.UTC(2026, 0, 31, 12, 30)
const DAY = Date.UTC(2026, 0, 31)

test('ISO 8601 and its relatives are read', async (t) => {
  const table: Array<[string, number]> = [
    ['2026-01-31T12:30:45.678Z', BASE],
    ['2026-01-31t12:30:45.678z', BASE],
    ['2026-01-31 12:30:45.678Z', BASE],
    ['2026-01-31T12:30:45.678', BASE],
    ['2026-01-31 12:30:45,678', BASE],
    ['2026-01-31T14:30:45.678+02:00', BASE],
    ['2026-01-31T14:30:45.678+0200', BASE],
    ['2026-01-31T14:30:45.678+02', BASE],
    ['2026-01-31 07:00:45.678 -05:30', BASE],
    ['2026-01-31T12:30:45Z', SECOND],
    ['2026-01-31T12:30:45.6Z', SECOND + 600],
    ['2026-01-31T12:30:45.6789999Z', BASE],
    ['2026-01-31T12:30Z', MINUTE],
    ['20260131T123045Z', SECOND],
    ['20260131T123045.678+0000', BASE],
    ['2026-01-31', DAY],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['1969-12-31T23:30:00-01:00', 1_800_000]
  ]

  for (const [text, ms] of table) t.equal(parseTime(text), ms, text)
})

test('RFC 2822 is read when it tells its zone', async (t) => {
  t.equal(parseTime('Sat, 31 Jan 2026 12:30:45 GMT'), SECOND)
  t.equal(parseTime('31 Jan 2026 14:30:45 +0200'), SECOND)
  t.equal(parseTime('Sat, 31 Jan 2026 12:30:45'), undefined)
  t.equal(parseTime('Sat, 31 Jan 2026 12:30:45 EST'), undefined)
  t.equal(parseTime('31 Foo 2026 12:30:45 GMT'), undefined)
  t.equal(parseTime('31 Feb 2026 12:30:45 GMT'), undefined)
})

test('an epoch is read in the unit of its size, as number and as text', async (t) => {
  const table: Array<[string, number]> = [
    ['0', 0],
    ['1769862645', SECOND],
    ['1769862645.678', BASE],
    ['1769862645.6789', BASE],
    ['1769862645678', BASE],
    ['1769862645678.9', BASE],
    ['1769862645678000', BASE],
    ['1769862645678999', BASE],
    ['1769862645678000000', BASE],
    ['7289653', 7_289_653_000],
    ['99999999999', Number.NaN],
    ['100000000000', 100_000_000_000],
    ['99999999999999', Number.NaN],
    ['100000000000000', 100_000_000_000],
    ['99999999999999984', Number.NaN],
    ['100000000000000000', 100_000_000_000]
  ]

  for (const [text, ms] of table) {
    const expected = Number.isNaN(ms) ? undefined : ms
    t.equal(parseTime(text), expected, text)
    t.equal(parseTime(Number(text)), expected, `${text} as number`)
  }
  t.equal(parseTime('1769862645678999999'), BASE)
})

test('what is no time, or could be two, is none', async (t) => {
  const table = [
    'banana', '', ' ', 'now', '01/02/2026', '1/2/26', 'Jan 31 2026', 'Jan 31 12:30:45', '31.01.2026', '12:30:45', 'Saturday',
    '2026', '202601', '20260131', '202601311230', '20260131123045',
    '2026-13-01', '2026-00-01', '2026-01-00', '2026-01-32', '2026-02-29', '2026-04-31', '2026-1-1',
    '2026-01-31T24:00:00Z', '2026-01-31T12:60:00Z', '2026-01-31T12:30:61Z', '2026-01-31T12', '2026-01-31T12:30:45+24:00',
    '2026-01-31T12:30:45+02:60', '2026-01-31T12:30:45.Z', '2026-01-31Tx', ' 2026-01-31', '+002026-01-31T12:30:45Z',
    '-1', '1e9', '0x10', '1769862645.', '.5', 'NaN', 'Infinity', `2026-01-31T12:30:45.${'0'.repeat(100)}Z`, '9'.repeat(21)
  ]

  for (const text of table) t.equal(parseTime(text), undefined, text)
  for (const value of [-1, -0.5, NaN, Infinity, -Infinity, 1e21]) t.equal(parseTime(value), undefined, String(value))
})

test('only the years 1970 to 2200 are times', async (t) => {
  t.equal(parseTime('1969-12-31T23:59:59.999Z'), undefined)
  t.equal(parseTime('1970-01-01T00:00:00Z'), 0)
  t.equal(parseTime('2200-12-31T23:59:59.999Z'), Date.UTC(2201, 0, 1) - 1)
  t.equal(parseTime('2201-01-01T00:00:00Z'), undefined)
  t.equal(parseTime(Date.UTC(2201, 0, 1) / 1000), undefined)
  t.equal(parseTime('0050-01-01'), undefined)
})

test('what is finer than ms is noticed', async (t) => {
  const finer = ['2026-01-31T12:30:45.6789Z', '1769862645.6789', '1769862645678.9', '1769862645678001', '1769862645678000001', '0.0000001']
  const plain = ['2026-01-31T12:30:45.678000Z', '1769862645.67800', '1769862645678.0', '1769862645678000', '1769862645678000000', '1769862645', '0']

  for (const text of finer) t.ok(parseInstant(text)?.isFinerThanMs, text)
  for (const text of plain) t.equal(parseInstant(text)?.isFinerThanMs, false, text)
  t.ok(parseInstant(1769862645.6789)?.isFinerThanMs)
  t.same(parseInstant(1e-7), { ms: 0, isFinerThanMs: true })
  t.same(parseInstant(0), { ms: 0, isFinerThanMs: false })
})

test('every ms from 1970 to 2200 is read back from ISO text, and as seconds with a fraction', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: Date.UTC(2201, 0, 1) - 1 }), (ms) => {
    return parseTime(new Date(ms).toISOString()) === ms && parseTime(ms / 1000) === ms
  }))
  t.pass('on 100 times')
})
