import { test } from 'tap'
import type { Overview } from '../../schemas/overview.ts'
import { buildTestApp } from '../helper.ts'
import { get, pathsOf, post } from './support.ts'
import { makeRule, world } from './world.ts'

const MINUTE_MS = 60_000

async function overviewOf (app: Parameters<typeof get>[0], query = ''): Promise<Overview> {
  const response = await get(app, `/overview${query}`)
  if (response.statusCode !== 200) throw new Error(response.body)
  return response.json<Overview>()
}

test('one answer says that all is quiet, with what that rests on', async (t) => {
  const app = await buildTestApp(t)
  await app.inject({ method: 'GET', url: '/livez' })
  await app.service.sampler.collect()
  await post(app, '/events', [{ message: 'a', service: 'api' }, { message: 'b', service: 'api', level: 'ERROR' }, { message: 'c' }])

  const { verdict, alerts, incidents, rules, lanes, charts, events, newest, stored, last, sample_data: sample } = await overviewOf(app)

  t.match(verdict, { waiting: 0, attended: 0, first_at: null, last_at: null, rules: { critical: 0, warning: 0, healthy: rules.length } })
  t.same([alerts, incidents, last], [[], [], null])
  t.same(lanes.map(({ name, unit }) => [name, unit]), [['Log errors', null], ['Latency p95', 'ms'], ['CPU', 'percent'], ['Memory', 'percent']])
  for (const { bars } of lanes) t.same(bars.map(({ time }) => time), lanes[0]?.bars.map(({ time }) => time), 'the bars of all stand under each other')
  t.equal(lanes[0]?.told, 1)
  t.equal(lanes[3]?.bars.filter(({ value }) => value !== null).length, 1, 'what was not measured is no bar')
  t.same(charts.map(({ rule }) => rule), ['builtin-latency-p95', 'builtin-cpu', 'builtin-memory'])
  t.match(events, { total: 3, errors: 1, before: { total: 0, errors: 0 } })
  t.same(newest.map(({ message }) => message), ['c', 'b', 'a'])
  t.match(stored, { events: 3, services: 1 })
  t.ok(stored.bytes > 0)
  t.match(sample, { loaded: false, events: 0 })
})

test('what fires is told with what is known of it, and what is acknowledged waits no more', async (t) => {
  const all = await world(t)
  const rule = await makeRule(all)
  await post(all.app, '/events', { message: 'version 7 is out, token=abc', type: 'DEPLOY', service: 'mail' })
  await all.measure(50)
  await all.measure(500, 'post')

  const { verdict, alerts, incidents, changes } = await overviewOf(all.app, `?from=${all.clock.time - 60 * MINUTE_MS}&to=${all.clock.time}`)
  t.match(verdict, { waiting: 1, attended: 0, rules: { critical: 1, warning: 0 } })
  t.same(alerts.map(({ severity, labels }) => [severity, labels['queue']]), [['critical', 'post'], ['warning', 'mail']], 'the gravest first')
  t.match(incidents, [{ alerts: 2, together: [] }])
  t.equal(incidents[0]?.bars.filter((value) => value !== null).length, 1, 'the course of its own series')
  t.ok(changes.some(({ kind, subject }) => kind === 'deploy' && subject === 'mail: version 7 is out, token=[redacted]'))
  t.ok(changes.some(({ kind, subject, actor }) => kind === 'setting' && subject === `new rule ${rule.name}` && actor === 'ada'))

  for (const { id } of alerts) await all.ask('POST', `/alerts/${id}/ack`, {})
  t.match((await overviewOf(all.app)).verdict, { waiting: 0, attended: 1, first_at: null, rules: { critical: 1 } })
})

test('services are compared with the stretch of the same length before', async (t) => {
  const app = await buildTestApp(t)
  const now = Date.now() - Date.now() % MINUTE_MS
  const of = (service: string, count: number, minutesAgo: number, level = 'INFO') => Array.from({ length: count }, (_, at) => ({ message: `${service} ${at}`, service, level, time: new Date(now - minutesAgo * MINUTE_MS).toISOString() }))
  await post(app, '/events', [
    ...of('old', 30, 90), ...of('new', 30, 30), ...of('steady', 30, 90), ...of('steady', 31, 30), ...of('louder', 20, 90), ...of('louder', 80, 30), ...of('quieter', 60, 90), ...of('quieter', 2, 30),
    ...of('failing', 30, 90), ...of('failing', 2, 90, 'ERROR'), ...of('failing', 20, 30), ...of('failing', 12, 30, 'FATAL')
  ])

  const { changes, lanes, events } = await overviewOf(app, `?from=${now - 60 * MINUTE_MS}&to=${now}`)

  t.same(changes.map(({ kind, subject, what, now, before }) => [kind, subject, what, before, now]), [
    ['more', 'failing', 'errors', 2, 12], ['new', 'new', 'events', 0, 30], ['gone', 'old', 'events', 30, 0], ['less', 'quieter', 'events', 60, 2], ['more', 'louder', 'events', 20, 80]
  ])
  t.equal(changes[0]?.query, 'service:"failing" level>=error')
  t.match(events, { total: 175, errors: 12, before: { total: 172, errors: 2 } })
  t.same(lanes[0]?.bars.filter(({ state }) => state !== 'calm').map(({ value, state }) => [value, state]), [[12, 'critical']])
  t.same((await overviewOf(app, `?from=${now - 120 * MINUTE_MS}&to=${now - 60 * MINUTE_MS}`)).changes, [], 'of nothing before nothing is said')
})

test('a range that cannot be read, or is the wrong way round, is refused by name', async (t) => {
  const app = await buildTestApp(t)

  t.same(pathsOf(await get(app, '/overview?from=yesterday')), ['from'])
  t.same(pathsOf(await get(app, '/overview?from=now&to=-1h')), ['from'])
  t.equal((await get(app, '/overview?bins=7')).statusCode, 400)
})
