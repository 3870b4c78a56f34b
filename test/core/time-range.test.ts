import { test } from 'tap'
import { parseTimeParam } from '../../src/core/time-range.ts'

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
