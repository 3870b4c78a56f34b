import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { Store } from '../../src/store/store.ts'
import { type ClockStep, ClockWatch, spanText } from '../../src/time/clock-watch.ts'
import { followClock, RetentionTime } from '../../src/time/retention-time.ts'
import { buildStore } from '../helper.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
const HOUR = 3_600_000

async function watched (t: Test, evaluatedAt?: number) {
  const { store } = await buildStore(t)
  if (evaluatedAt !== undefined) await store.write('applyAlerts', { now: evaluatedAt, evaluatedAt })
  const time = { now: NOON, passed: 0 }
  const watch = await ClockWatch.open({ store, clock: { now: () => time.now, steady: () => time.passed }, log: pino({ level: 'silent' }) })
  t.teardown(() => watch.close())
  const steps: ClockStep[] = []
  watch.onStep((step) => { steps.push(step) })
  return { watch, steps, pass: (ms: number, byTheClock = ms) => { time.now += byTheClock; time.passed += ms; watch.observe() } }
}

test('a clock that goes with the time makes no step, be it that somebody holds it right', async (t) => {
  const { watch, steps, pass } = await watched(t, NOON - 1_000)

  for (let seconds = 0; seconds < 3_600; seconds++) pass(1_000, 1_000.5)

  t.same(steps, [])
  t.equal(watch.check().status, 'ok')
})

for (const [ms, named] of [[2 * HOUR, '+2 h'], [-HOUR, '-1 h'], [400 * 24 * HOUR, '+400 d'], [-90_000, '-1.5 min'], [2_000, '+2 s']] as const) {
  test(`a step of ${named} is told once, and named by health for an hour`, async (t) => {
    const { watch, steps, pass } = await watched(t)

    pass(1_000, 1_000 + ms)
    pass(1_000)

    t.same(steps, [{ at: NOON + 1_000 + ms, ms }])
    t.match(watch.check(), { status: 'degraded', detail: `the clock jumped by ${named}, to ${new Date(NOON + 1_000 + ms).toISOString()}` })
    pass(HOUR)
    t.equal(watch.check().status, 'ok')
  })
}

test('a clock that stands before the last evaluation was set back while nobody looked', async (t) => {
  const { watch, steps } = await watched(t, NOON + 2 * HOUR)

  t.match(watch.beforeStart, { at: NOON, ms: -2 * HOUR })
  t.match(watch.check(), { status: 'degraded', detail: /jumped by -2 h/ })
  t.same(steps, [], 'there was nobody yet to be told')
})

test('a span of time is said in the largest unit that it fills', (t) => {
  t.same([1_000, -59_999, 60_000, -5_400_000, 86_400_000].map(spanText), ['+1 s', '-60 s', '+1 min', '-1.5 h', '+1 d'])
  t.end()
})

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
