import { test } from 'tap'
import { runningSince } from '../../src/alerting/mute-book.ts'

const HOUR = 3_600_000
const NIGHTLY = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }

test('a recurring maintenance lasts from each of its times on, in its time zone', async (t) => {
  const cases: Array<[now: string, since: string | undefined]> = [
    ['2026-01-10T01:29:59Z', undefined],
    ['2026-01-10T01:30:00Z', '2026-01-10T01:30:00.000Z'],
    ['2026-01-10T03:29:59Z', '2026-01-10T01:30:00.000Z'],
    ['2026-01-10T03:30:00Z', undefined],
    ['2026-07-10T00:30:00Z', '2026-07-10T00:30:00.000Z'],
    ['2026-07-10T02:30:00Z', undefined]
  ]
  for (const [now, since] of cases) {
    const found = runningSince(NIGHTLY, 2 * HOUR, Date.parse(now))
    t.equal(found === undefined ? undefined : new Date(found).toISOString(), since, now)
  }
})
