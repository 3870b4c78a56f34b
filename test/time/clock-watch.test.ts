import { pino } from 'pino'
import { test, type Test } from 'tap'
import { ClockWatch, spanText, type ClockStep } from '../../src/time/clock-watch.ts'
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
