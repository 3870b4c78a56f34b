import { test } from 'tap'
import type { Check } from '../../schemas/health.ts'
import { HealthMonitor } from '../../src/health/health-monitor.ts'
import { VERSION } from '../../src/core/version.ts'

function monitor (...statuses: Array<Check['status']>): HealthMonitor {
  return new HealthMonitor({ now: () => 0 }, Object.fromEntries(statuses.map((status, n) => [`part${n}`, () => ({ status, detail: `of ${n}` })])))
}

const verdicts: ReadonlyArray<[statuses: Array<Check['status']>, status: Check['status'], ok: boolean]> = [
  [[], 'ok', true],
  [['ok', 'ok'], 'ok', true],
  [['ok', 'degraded'], 'degraded', true],
  [['degraded', 'down', 'ok'], 'down', false],
  [['down', 'degraded'], 'down', false]
]
for (const [statuses, status, ok] of verdicts) {
  test(`parts that are ${statuses.join(', ') || 'none'} make a service that is ${status}`, async (t) => {
    t.match(monitor(...statuses).report({ full: false }), { ok, status })
  })
}

test('the details are in the full report only', async (t) => {
  t.same(monitor('ok').report({ full: false }).checks, { part0: { status: 'ok' } })
  t.same(monitor('ok').report({ full: true }).checks, { part0: { status: 'ok', detail: 'of 0' } })
})

test('uptime is counted in whole seconds from when it was made', async (t) => {
  let now = 5_000
  const health = new HealthMonitor({ now: () => now }, {})

  t.match(health.report({ full: false }), { uptime_seconds: 0, version: VERSION })
  now += 2_999
  t.equal(health.report({ full: false }).uptime_seconds, 2)
})

test('it is ready only in its phase, and while nothing is down', async (t) => {
  const health = monitor('degraded')
  t.notOk(health.isReady, 'starting')
  health.phase = 'ready'
  t.ok(health.isReady)
  health.phase = 'draining'
  t.notOk(health.isReady)

  const down = monitor('down')
  down.phase = 'ready'
  t.notOk(down.isReady)
})
