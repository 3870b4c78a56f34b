import { test } from 'tap'
import type { Traffic } from '../../schemas/traffic.ts'
import { buildTestApp } from '../helper.ts'
import { get } from './support.ts'

test('requests are told by route, over time and by how long they took', async (t) => {
  const app = await buildTestApp(t)
  await app.service.sampler.collect()
  const { requests } = app.service.metrics
  const seen = (seconds: number, more: object = {}) => requests.count({ route: '/slow', method: 'POST', statusCode: 201, outcome: 'completed', seconds, streamSeconds: undefined, ...more })
  for (let n = 0; n < 10; n++) seen(0.3)
  for (let n = 0; n < 20; n++) seen(0.004, { route: '/quick', method: 'GET', statusCode: n < 5 ? 500 : 200 })
  seen(7, { route: '/log', method: 'POST', statusCode: 404 })
  await app.service.sampler.collect()

  const ask = async (query = ''): Promise<Traffic> => (await get(app, `/services${query}`)).json<Traffic>()
  const { routes, course, heat, heat_times: times, slowest, limit_ms: limit } = await ask()
  const of = (path: string) => routes.find(({ route }) => route === path)

  t.equal(limit, 100)
  t.same(routes.slice(0, 2).map(({ method, route }) => `${method} ${route}`), ['POST /log', 'POST /slow'], 'by the time above the limit')
  t.match(of('/slow'), { count: 10, server_errors: 0, state: 'over' })
  t.ok(Math.abs((of('/slow')?.excess_ms ?? 0) - 2_000) < 60, String(of('/slow')?.excess_ms))
  t.match(of('/quick'), { count: 20, server_errors: 5, state: 'failing', excess_ms: 0 })
  t.equal(of('/slow')?.trend.filter((value) => value !== null).length, 1)
  t.match(course.at(-1), { server_errors: 5 })
  t.same(heat.map(({ up_to_ms: bound }) => bound), [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, null])
  t.ok(heat.every(({ counts }) => counts.length === times.length))
  const total = (bound: number | null): number => heat.find(({ up_to_ms: one }) => one === bound)?.counts.reduce((sum, count) => sum + count, 0) ?? 0
  t.same([total(500), total(null)], [10, 1])
  t.ok(total(5) >= 20)
  const ofSlow = (await ask('?method=POST&route=/slow')).heat.filter(({ counts }) => counts.some((count) => count > 0))
  t.same(ofSlow.map(({ up_to_ms: bound, counts }) => [bound, counts.reduce((sum, count) => sum + count, 0)]), [[500, 10]], 'one route has its own distribution')
  t.same((await ask('?method=GET&route=/slow')).heat.flatMap(({ counts }) => counts).filter((count) => count > 0), [])
  t.match(slowest[0], { route: '/log', latency_ms: 7_000 })
  t.same((await ask('?method=POST&route=/slow')).slowest.map(({ route }) => route), Array.from({ length: 10 }, () => '/slow'))
  t.same((await ask('?from=-3h&to=-2h')).routes, [], 'nothing came then')
})

test('a service that was asked for nothing has no routes, and no distribution', async (t) => {
  const app = await buildTestApp(t)

  const { routes, course, heat, slowest } = (await get(app, '/services?bins=10')).json<Traffic>()

  t.same([routes, course, slowest], [[], [], []])
  t.ok(heat.every(({ counts }) => counts.every((count) => count === 0)))
  t.equal((await get(app, '/services?bins=5000')).statusCode, 400)
})
