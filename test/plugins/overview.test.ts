import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { AlertsPage } from '../../schemas/alert.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { Overview } from '../../schemas/overview.ts'
import type { SampleData as Wire } from '../../schemas/sample-data.ts'
import type { SeriesList } from '../../schemas/sample.ts'
import type { Traffic } from '../../schemas/traffic.ts'
import { Audit } from '../../src/access/audit.ts'
import { SampleData } from '../../src/demo/sample-data.ts'
import type { Store } from '../../src/store/store.ts'
import { allEvents, newEvent, submission } from '../contract/given.ts'
import { compareHistograms } from '../contract/queries.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'
import { countEvents, get, pathsOf, post } from './support.ts'
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

const SOMEBODY = { caller: undefined, from: 'test' }
const HOUR = new URLSearchParams({ from: new Date(Date.now() - 7_200_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() }).toString()

const ask = async (app: App, method: 'GET' | 'POST' | 'DELETE'): Promise<{ status: number, data: Wire }> => {
  const { secret } = await app.service.access.create({ name: `ada ${crypto.randomUUID()}`, scopes: ['admin'], expiresAt: null })
  const response = await app.inject({ method, url: '/sample-data', headers: { authorization: `Bearer ${secret}` } })
  return { status: response.statusCode, data: response.json<Wire>() }
}

function sampleDataOf (store: Store): SampleData {
  const clock = { now: () => Date.now() }
  return new SampleData({ store, clock, audit: new Audit({ store, clock }) })
}

/** The series that others sent. */
async function seriesOf (app: App): Promise<SeriesList['series']> {
  return (await get(app, '/series')).json<SeriesList>().series.filter(({ name }) => name.startsWith('shop_') || name === 'queue_length')
}

/** All that is told of an hour. */
async function toldOf (app: App): Promise<unknown[]> {
  const urls = [`/events/histogram?${HOUR}&bins=30`, ...['service', 'level', 'host', 'type'].map((field) => `/events/facets?${HOUR}&field=${field}`), '/events?limit=1000&total=exact', '/events?q=charge&total=exact', '/series/data?name=shop_cpu_percent&labels=service=db', '/series/data?name=queue_length']
  const answers = await Promise.all(urls.map((url) => get(app, url)))
  return [...answers.map((answer) => answer.json<unknown>()), await seriesOf(app)]
}

test('it is loaded once, found like all else, and removed without a trace; what others sent stays', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', [{ message: 'charge of mine', service: 'payments', level: 'error', sample: true, trace_id: 'a' }, { message: 'plain', service: 'other' }])
  await post(app, '/samples', [{ name: 'shop_cpu_percent', value: 1, labels: { service: 'db' } }, { name: 'queue_length', value: 1, labels: { sample: 'true' } }])
  const before = await toldOf(app)
  t.same((await ask(app, 'GET')).data, { loaded: false, from: null, to: null, events: 0, series: 0 })

  const loaded = await ask(app, 'POST')
  t.match(loaded, { status: 201, data: { loaded: true, series: 8 } })
  t.match((await get(app, '/overview')).json(), { sample_data: loaded.data })
  const count = await countEvents(app, 'q=meta.sample:true')
  t.equal(count, loaded.data.events + 1)
  t.same(await ask(app, 'POST'), { status: 200, data: loaded.data })
  t.equal(await countEvents(app, 'q=meta.sample:true'), count)
  t.match((await get(app, `/events/facets?${HOUR}&field=service&q=meta.sample:true`)).json(), { values: [{ value: 'web' }, {}, {}, {}, {}, {}] })
  t.equal((await seriesOf(app)).filter(({ name }) => name === 'shop_latency_p95_ms').length, 3)

  t.same(await ask(app, 'DELETE'), { status: 200, data: { loaded: false, from: null, to: null, events: loaded.data.events, series: 8 } })
  t.same(await toldOf(app), before)
  t.same((await ask(app, 'DELETE')).data, { loaded: false, from: null, to: null, events: 0, series: 0 })
  t.match(await ask(app, 'POST'), { status: 201 })
})

test('no rule counts it, nobody is told, and who did it is in the audit', async (t) => {
  const all = await world(t)
  const rule = await makeRule(all, { name: 'Errors', signal: { events: 'level>=error' }, levels: { critical: { op: '>=', value: 1 } }, window: '2d' })
  await all.ask('POST', '/sample-data')
  await all.app.service.evaluator.evaluateNow()

  t.same((await all.ask('GET', `/alerts?rule=${rule.id}`)).json<AlertsPage>().alerts, [])
  t.same(all.notices, [])
  await all.ask('DELETE', '/sample-data')
  const { entries } = (await all.ask('GET', '/audit?action=sample-data.load,sample-data.remove')).json<AuditPage>()
  t.match(entries, [{ action: 'sample-data.remove', actor: { name: 'ada' } }, { action: 'sample-data.load', actor: { name: 'ada' }, detail: { series: 8 } }])
  t.same(entries[0]?.detail, entries[1]?.detail)
})

test('many who load and remove at once do it one after the other', async (t) => {
  const { store } = await buildStore(t)
  const sampleData = sampleDataOf(store)

  const loads = await Promise.all(Array.from({ length: 3 }, () => sampleData.load(SOMEBODY)))
  const removals = await Promise.all(Array.from({ length: 2 }, () => sampleData.remove(SOMEBODY)))

  t.same(loads.map(({ isNew }) => isNew), [true, false, false])
  t.same(removals.map(({ events }) => events), [loads[0]?.data.events, 0])
  t.same(await allEvents(store), [])
})

test('in a partition that was closed since, words and counts go with it too', async (t) => {
  const { store } = await buildStore(t, { partitionBytes: 1 })
  const sampleData = sampleDataOf(store)
  const mine = (n: number) => newEvent({ time: Date.now() - n * 60_000, service: 'payments', level: 'ERROR', message: `charge ${n}`, meta: '{"sample":true}' })
  await store.append(submission([mine(1)]))
  await sampleData.load(SOMEBODY)
  await store.append(submission([mine(2)]))
  t.ok((await store.read('partitions', undefined)).length >= 3)

  await sampleData.remove(SOMEBODY)

  t.same((await allEvents(store)).map(({ message }) => message).toSorted(), ['charge 1', 'charge 2'])
  t.same((await allEvents(store, { q: 'charge' })).length, 2)
  await compareHistograms(t, store)
})

test('one that was cut off is gone on with, and can be removed: nothing is stored twice', async (t) => {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir })
  const sampleData = sampleDataOf(store)
  const change = (sql: string): void => {
    const raw = new SqliteDatabase(join(dataDir, 'bellwether.db'))
    raw.exec(sql)
    raw.close()
  }
  for (const goOn of ['load', 'remove'] as const) {
    change("CREATE TRIGGER jam BEFORE INSERT ON samples BEGIN SELECT RAISE(ABORT, 'jammed'); END")
    await t.rejects(sampleData.load(SOMEBODY), /jammed/)
    t.equal((await sampleData.look()).loaded, false)
    const stored = (await allEvents(store)).length
    t.ok(stored > 1_000)
    change('DROP TRIGGER jam')

    await sampleData[goOn](SOMEBODY)
    t.equal((await allEvents(store)).length, goOn === 'load' ? stored : 0)
    await sampleData.remove(SOMEBODY)
    t.same(await allEvents(store), [])
    t.same(await store.read('listSeries', {}), [])
  }
})
