import { test } from 'tap'
import type { RouteTraffic } from '../../schemas/traffic.ts'
import { DEFAULT_THRESHOLDS } from '../../schemas/settings.ts'
import { changesOf, faultOf } from '../../dashboard/pages/settings/threshold-draft.ts'
import { inOrder, routeOf, type Sort } from '../../dashboard/pages/services/routes.ts'
import { commands } from '../../dashboard/pages/start/commands.ts'

test('what is not saved is told by signal, from what and to what', async (t) => {
  t.same(changesOf(DEFAULT_THRESHOLDS, {}), [])
  t.same(changesOf(DEFAULT_THRESHOLDS, { latency_p95_ms: { warning: 800, critical: 500 }, cpu_percent: { for: '2m' } }), ['Host CPU for, 1m to 2m', 'Latency p95 warning, 100 to 800 ms'])
  t.equal(faultOf({ warning: 80, critical: 95, for: '1m' }), undefined)
  t.match(faultOf({ warning: 96, critical: 95, for: '1m' }), { field: 'warning', message: /below critical/ })
  t.match(faultOf({ warning: 1, critical: NaN, for: '1m' }), { field: 'critical', message: /a number/ })
  t.match(faultOf({ warning: 1, critical: 95, for: 'soon' }), { field: 'for', message: /like 30s/ })
})

test('routes stand by what weighs, and by how often they are asked for where that is the same', async (t) => {
  const route = (name: string, count: number, p95: number, excess: number): RouteTraffic => ({ method: 'GET', route: name, count, per_second: 1, p50_ms: 1, p95_ms: p95, p99_ms: p95, server_errors: 0, excess_ms: excess, trend: [], state: 'fine' })
  const routes = [route('/none', 5, 20, 0), route('/slow', 3, 2_000, 5_700), route('/often', 200, 140, 8_000), route('/calm', 900, 20, 0)]
  const names = (sort: Sort): string[] => inOrder(routes, sort).map(({ route: name }) => name)

  t.same(names('excess'), ['/often', '/slow', '/calm', '/none'])
  t.same(names('p95'), ['/slow', '/often', '/calm', '/none'])
  t.same(names('errors'), ['/calm', '/often', '/none', '/slow'])
  t.same([routeOf('GET /events/:id'), routeOf('GET'), routeOf(undefined)], [{ method: 'GET', route: '/events/:id' }, undefined, undefined])
})

test('each way to send a first event holds the address and the token', async (t) => {
  for (const { name, text } of commands('https://bw.example', 'bw_secret')) {
    t.ok(text.includes('https://bw.example/events') && text.includes('bw_secret'), name)
  }
})
