import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { test } from 'tap'
import type { AlertsPage } from '../../schemas/alert.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { SampleData as Wire } from '../../schemas/sample-data.ts'
import type { SeriesList } from '../../schemas/sample.ts'
import { Audit } from '../../src/access/audit.ts'
import { SampleData } from '../../src/demo/sample-data.ts'
import type { Store } from '../../src/store/store.ts'
import { allEvents, newEvent, submission } from '../contract/given.ts'
import { compareHistograms } from '../contract/queries.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'
import { countEvents, get, post } from './support.ts'
import { makeRule, world } from './world.ts'
import type { App } from '../../plugins/app-type.ts'

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
