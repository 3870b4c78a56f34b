import { test } from 'tap'
import { DEFAULT_THRESHOLDS } from '../../schemas/settings.ts'
import { changesOf, faultOf } from '../../dashboard/pages/settings/threshold-draft.ts'
import { inOrder } from '../../dashboard/pages/services/routes.ts'
import { commands } from '../../dashboard/pages/start/commands.ts'

test('what is not saved is told by signal, from what and to what', async (t) => {
  t.same(changesOf(DEFAULT_THRESHOLDS, {}), [])
  t.same(changesOf(DEFAULT_THRESHOLDS, { latency_p95_ms: { warning: 800, critical: 500 }, cpu_percent: { for: '2m' } }), ['Host CPU for, 1m to 2m', 'Latency p95 warning, 100 to 800 ms'])
  t.equal(faultOf({ warning: 80, critical: 95, for: '1m' }), undefined)
  t.match(faultOf({ warning: 96, critical: 95, for: '1m' }), /below critical/)
  t.match(faultOf({ warning: NaN, critical: 95, for: '1m' }), /a number/)
  t.match(faultOf({ warning: 1, critical: 95, for: 'soon' }), /like 30s/)
})

test('routes stand by the time above the limit that their requests spend', async (t) => {
  const route = (name: string, count: number, p95: number | null) => ({ route: name, method: 'GET', count, errors: 0, avg_ms: 1, p50_ms: 1, p95_ms: p95, p99_ms: p95 })
  const routes = [route('/calm', 900, 20), route('/slow', 3, 2_000), route('/often', 200, 140), route('/none', 5, null)]

  t.same(inOrder(routes, 'excess', 100).map(({ route: name }) => name), ['/often', '/slow', '/calm', '/none'])
  t.same(inOrder(routes, 'p95', 100).map(({ route: name }) => name), ['/slow', '/often', '/calm', '/none'])
  t.same(inOrder(routes, 'count', 100).map(({ route: name }) => name), ['/calm', '/often', '/none', '/slow'])
})

test('each way to send a first event holds the address and the token', async (t) => {
  for (const { name, text } of commands('https://bw.example', 'bw_secret')) {
    t.ok(text.includes('https://bw.example/events') && text.includes('bw_secret'), name)
  }
})
