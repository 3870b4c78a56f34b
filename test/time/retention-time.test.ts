import { pino } from 'pino'
import { test, type Test } from 'tap'
import { followClock, RetentionTime } from '../../src/time/retention-time.ts'
import type { Store } from '../../src/store/store.ts'
import { buildStore } from '../helper.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
const MINUTE = 60_000
const DAY = 86_400_000
const OK = { status: 'ok' as const, detail: 'the clock goes evenly' }

test('ages are judged by the clock, and by the time that passes when that is days away', (t) => {
  const cases: ReadonlyArray<[away: number, passedMs: number, expected: number]> = [
    [0, 0, 0], [MINUTE, MINUTE, MINUTE], [3 * DAY, 0, 3 * DAY], [3 * DAY + 1, 0, 0], [400 * DAY, MINUTE, 3 * MINUTE], [400 * DAY, DAY, 3 * DAY],
    [4 * DAY, 2 * DAY, 4 * DAY], [-2 * DAY, MINUTE, -2 * DAY], [-400 * DAY, MINUTE, -3 * MINUTE]
  ]
  for (const [away, passedMs, expected] of cases) t.equal(followClock(NOON, { now: NOON + away, passedMs }) - NOON, expected, `${away} ms away, ${passedMs} ms passed`)
  t.end()
})

async function opened (t: Test, store: Store, time: { now: number, passed: number }) {
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { logged.push(line) } })
  return { retention: await RetentionTime.open({ store, clock: { now: () => time.now, steady: () => time.passed }, log }), logged }
}

test('a clock that is 400 days ahead deletes nothing by age, over restarts too, and health and log say so', async (t) => {
  const { store } = await buildStore(t)
  const time = { now: NOON, passed: 0 }
  const { retention, logged } = await opened(t, store, time)
  t.equal(await retention.next(), NOON)

  Object.assign(time, { now: NOON + 400 * DAY, passed: MINUTE })
  t.equal(await retention.next(), NOON + 3 * MINUTE)
  t.match(retention.check(OK), { status: 'degraded', detail: /goes evenly; retention by age is held back: the clock is \+400 d from where it was/ })
  t.match(logged, [/"level":40.*retention by age is held back/])
  const again = await opened(t, store, time)
  t.equal(await again.retention.next(), NOON + 3 * MINUTE)

  Object.assign(time, { now: NOON + 2 * MINUTE, passed: 2 * MINUTE })
  t.equal(await again.retention.next(), NOON + 2 * MINUTE)
  t.same(again.retention.check(OK), OK)
})

test('a store of before goes on from its last evaluation', async (t) => {
  const { store } = await buildStore(t)
  await store.write('applyAlerts', { now: NOON, evaluatedAt: NOON })

  const { retention } = await opened(t, store, { now: NOON + 400 * DAY, passed: 0 })

  t.equal(await retention.next(), NOON)
})
