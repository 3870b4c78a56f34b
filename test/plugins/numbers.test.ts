import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Problem } from '../../schemas/common.ts'
import type { SamplesReceipt, SeriesData, SeriesList } from '../../schemas/sample.ts'
import type { Summary } from '../../schemas/summary.ts'
import { buildTestApp, auth } from '../helper.ts'
import { get, pathsOf, post, problemFaults, TEXT_BODY } from './support.ts'
import { SseClient } from './sse.ts'

/** A round minute of some minutes ago, so that samples have a past. */
const PAST = Date.now() - Date.now() % 60_000 - 600_000

function iso (ms: number): string {
  return new Date(PAST + ms).toISOString()
}

async function data (app: App, query: Record<string, string>): Promise<SeriesData> {
  return (await get(app, `/series/data?${new URLSearchParams(query).toString()}`)).json<SeriesData>()
}

async function asAdmin (app: App): Promise<Record<string, string>> {
  const { secret } = await app.service.access.create({ name: 'admin', scopes: ['admin'], expiresAt: null })
  return { authorization: `Bearer ${secret}` }
}

test('own numbers', async (t) => {
  const app = await buildTestApp(t, { MAX_SERIES: '40', MAX_BATCH: '50' })

  await t.test('one sample is taken, and answered as a point', async (t) => {
    const response = await post(app, '/samples', { name: 'queue_bytes', value: 3.5, time: iso(0) })

    t.equal(response.statusCode, 201)
    t.same(response.json(), { accepted: 1, duplicates: 0, rejected: 0, items: [] })
    t.same(await data(app, { name: 'queue_bytes' }), {
      name: 'queue_bytes', labels: {}, unit: 'bytes', step_ms: 10_000, points: [{ t: iso(0), min: 3.5, avg: 3.5, max: 3.5 }]
    })
  })

  await t.test('of many, what is bad does not keep out what is good', async (t) => {
    const response = await post(app, '/samples', [
      { name: 'mixed', value: 1, time: iso(0) }, { name: 'host_load1', value: 1 }, { name: 'mixed', value: 2, time: iso(0) }, { name: 'mixed', value: '3' }, { name: 'mixed', value: 4, time: iso(1) }
    ])

    const receipt = response.json<SamplesReceipt>()
    t.equal(response.statusCode, 207)
    t.match(receipt, { accepted: 2, duplicates: 1, rejected: 2 })
    t.same(receipt.items.map(({ index, status }) => [index, status]), [[1, 'rejected'], [2, 'duplicate'], [3, 'rejected']])
    t.match(receipt.items[0]?.errors, [{ path: '/name', message: /host_/ }])
  })

  await t.test('what is sent again with its time is stored once', async (t) => {
    const sample = { name: 'again', value: 1, time: iso(0) }

    const [first, second] = [await post(app, '/samples', [sample]), await post(app, '/samples', [sample])]

    t.match([first.statusCode, second.statusCode], [201, 201])
    t.match(second.json(), { accepted: 0, duplicates: 1, rejected: 0, items: [{ index: 0, status: 'duplicate' }] })
  })

  await t.test('a body of which nothing can be taken is refused, with the paths of its faults', async (t) => {
    const cases: Array<[body: string | object, path: string]> = [
      [{ name: 'x', value: 'y' }, '/value'], [[{ name: '0', value: 1 }], '/name'], ['"text"', ''], ['{', ''], ['', ''], [{ name: 'x', value: 1, time: '2020-01-01' }, '/time']
    ]
    for (const [body, path] of cases) {
      const response = await post(app, '/samples', body, { 'content-type': 'application/json' })
      t.same(problemFaults(response, 400), [])
      t.same(pathsOf(response), [path], JSON.stringify(body))
    }
  })

  await t.test('an array of no samples is nothing wrong', async (t) => {
    for (const body of ['[]', ' [ ] ']) {
      const response = await post(app, '/samples', body, { 'content-type': 'application/json' })
      t.equal(response.statusCode, 200)
      t.same(response.json(), { accepted: 0, duplicates: 0, rejected: 0, items: [] })
    }
  })

  await t.test('other types, too many at once and unknown parameters are refused', async (t) => {
    const many = Array.from({ length: 51 }, (_, n) => ({ name: 'many', value: n }))

    t.same(problemFaults(await post(app, '/samples', 'name 1', TEXT_BODY), 415), [])
    t.same(problemFaults(await post(app, '/samples', many), 413), [])
    t.same(problemFaults(await post(app, '/samples?dry=1', many), 400), [])
    t.equal((await post(app, '/samples', many.slice(1))).statusCode, 201)
  })

  await t.test('beyond the cap a new series is refused and told, and those that exist go on', async (t) => {
    const label = (n: number) => ({ name: 'bomb', value: n, labels: { n: String(n) } })
    const response = await post(app, '/samples', [...Array.from({ length: 49 }, (_, n) => label(n)), { name: 'queue_bytes', value: 1 }])
    const over = await post(app, '/samples', label(48))

    const { accepted, rejected, items } = response.json<SamplesReceipt>()
    t.equal(response.statusCode, 207)
    t.same([accepted, rejected], [37, 13], 'four were there before, and those of the service do not count')
    t.match(items[0], { status: 'rejected', error: /MAX_SERIES \(40\)/ })
    t.notOk(items.some(({ index }) => index === 49), 'an old series is taken')
    t.same(pathsOf(over), ['/labels'])
    t.equal((await get(app, '/series')).json<SeriesList>().series.filter(({ name }) => name === 'bomb').length, 49 - rejected)
  })

  await t.test('what is on its way counts against the queue', async (t) => {
    t.same(app.service.admission.load, { bytes: 0, events: 0 })
  })
})

test('series over time', async (t) => {
  const app = await buildTestApp(t)
  const labelled = (queue: string, value: number, ms: number) => ({ name: 'depth', value, labels: { queue, host: 'a' }, time: iso(ms) })
  await post(app, '/samples', [
    ...[0, 1, 2, 9].map((n) => ({ name: 'gappy_ms', value: n, time: iso(n * 30_000) })),
    labelled('mail', 1, 0), labelled('mail, fast', 2, 0), { name: 'only', value: 1, labels: { x: 'y=z' }, time: iso(0) }
  ])

  await t.test('all series are listed with labels, unit, first and last', async (t) => {
    const { series } = (await get(app, '/series')).json<SeriesList>()

    t.match(series.find(({ name }) => name === 'gappy_ms'), { labels: {}, unit: 'ms', first: iso(0), last: iso(270_000) })
    t.ok(series.some(({ name }) => name === 'process_rss_bytes'), 'those of the service itself too')
  })

  await t.test('points are sums of their bin, and a stretch without samples has none', async (t) => {
    const all = await data(app, { name: 'gappy_ms', from: iso(0), to: iso(299_999), max_points: '10' })

    t.equal(all.step_ms, 60_000)
    t.same(all.points, [
      { t: iso(0), min: 0, avg: 0.5, max: 1 }, { t: iso(60_000), min: 2, avg: 2, max: 2 }, { t: iso(240_000), min: 9, avg: 9, max: 9 }
    ])
  })

  await t.test('there are never more points than asked for', async (t) => {
    await post(app, '/samples', Array.from({ length: 500 }, (_, n) => ({ name: 'dense', value: n, time: iso(n * 1_000) })))

    for (const most of [2, 3, 10, 499, 600]) {
      const { points } = await data(app, { name: 'dense', from: iso(0), to: iso(499_999), max_points: String(most) })
      t.ok(points.length > 0 && points.length <= most, `${points.length} of ${most}`)
      t.same([Math.min(...points.map(({ min }) => min)), Math.max(...points.map(({ max }) => max))], [0, 499])
    }
  })

  await t.test('labels are given as pairs or as JSON, in any order', async (t) => {
    t.match(await data(app, { name: 'depth', labels: 'queue=mail,host=a' }), { labels: { queue: 'mail', host: 'a' }, points: [{ avg: 1 }] })
    t.match(await data(app, { name: 'depth', labels: '{"host":"a","queue":"mail, fast"}' }), { points: [{ avg: 2 }] })
    t.match(await data(app, { name: 'only', labels: 'x=y=z' }), { points: [{ avg: 1 }] })
    t.match(await data(app, { name: 'gappy_ms', labels: '' }), { points: { length: 4 } })
  })

  await t.test('without labels the only series of a name is meant, and of several none', async (t) => {
    t.match(await data(app, { name: 'only' }), { labels: { x: 'y=z' }, points: [{ avg: 1 }] })

    const several = await get(app, '/series/data?name=depth')
    t.same(problemFaults(several, 400), [])
    t.match(several.json<Problem>(), { detail: /2 series.*"queue":"mail"/, errors: [{ path: 'labels' }] })
  })

  await t.test('what there is not is 404, what cannot be meant 400 with its path', async (t) => {
    t.same(problemFaults(await get(app, '/series/data?name=nothing'), 404), [])
    t.same(problemFaults(await get(app, '/series/data?name=depth&labels=queue%3Dx'), 404), [])
    const bad: Array<[query: string, path: string]> = [
      ['', '/name'], ['name=', 'name'], ['name=only&labels=x', 'labels'], ['name=only&labels={"x":1}', 'labels'], ['name=only&labels={', 'labels'], ['name=only&from=never', 'from'],
      ['name=only&from=now&to=-1h', 'from'], ['name=only&max_points=1', 'max_points'], ['name=only&max_points=5001', 'max_points'], ['name=only&tier=raw', 'tier']
    ]
    for (const [query, path] of bad) {
      const response = await get(app, `/series/data?${query}`)
      t.same(problemFaults(response, 400), [], query)
      t.ok(pathsOf(response).some((given) => given.endsWith(path.replace('/', ''))), `${query}: ${pathsOf(response).join()}`)
    }
  })

  await t.test('hostile names and labels find nothing, and break nothing', async (t) => {
    for (const name of ["' OR 1=1 --", '__proto__', 'constructor', '\u0000', '%', '\ud83d']) {
      t.same(problemFaults(await get(app, `/series/data?name=${encodeURIComponent(name.toWellFormed())}&labels=__proto__%3Dx`), 404), [])
    }
  })

  await t.test('a range without samples has no points, however long it is', async (t) => {
    t.same((await data(app, { name: 'only', from: '1970-01-01', to: '1971-01-01' })).points, [])
    t.equal((await data(app, { name: 'only', from: '1970-01-01', to: '2200-01-01' })).points.length, 1)
  })
})

test('looking now, and summing up', async (t) => {
  const app = await buildTestApp(t)
  const admin = await asAdmin(app)

  await t.test('a look out of turn answers what it stored', async (t) => {
    await app.inject({ method: 'POST', url: '/api/collect-metrics', headers: admin })
    const response = await app.inject({ method: 'POST', url: '/api/collect-metrics', headers: admin })

    const seen = response.json()
    t.equal(response.statusCode, 200)
    t.match(seen, { cpu_percent: Number, memory_percent: Number, load1: Number, process_cpu_percent: Number, process_rss_bytes: Number, alerts: [] })
    const { points } = await data(app, { name: 'host_memory_percent', from: seen.time, to: seen.time })
    t.ok(points.some(({ min, max }) => min <= seen.memory_percent && seen.memory_percent <= max))
  })

  await t.test('the summary holds averages and the events by level; nothing measured is null', async (t) => {
    for (const level of ['info', 'error', 'error']) await post(app, '/events', { message: 'x', level })

    const today = (await get(app, '/api/summary')).json<Summary>()
    const before = (await get(app, '/api/summary?from=-7d&to=-6d')).json<Summary>()

    t.match(today, { total_alerts: 0, averages: { cpu_percent: Number, memory_percent: Number }, events: { total: 3, by_level: { INFO: 1, ERROR: 2 } } })
    t.equal(Date.parse(today.to) - Date.parse(today.from), 86_400_000)
    t.same(before.averages, { cpu_percent: null, memory_percent: null, latency_ms: null })
    t.same(before.events, { total: 0, by_level: {} })
    t.same(pathsOf(await get(app, '/api/summary?from=now&to=-1h')), ['from'])
  })

  await t.test('those who follow the topic metrics get each look, and those who do not get none', async (t) => {
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/stream`
    const [both, alone, events] = await Promise.all(['events,metrics', 'metrics', 'events'].map((topics) => SseClient.open(`${url}?topics=${topics}`, auth)))
    t.teardown(() => { for (const client of [both, alone, events]) client?.close() })

    const { time, memory_percent: memory } = (await app.inject({ method: 'POST', url: '/api/collect-metrics', headers: admin })).json()
    await post(app, '/events', { message: 'followed' })
    const hasLook = (client: SseClient | undefined) => client?.messages.some(({ event, data }) => event === 'metrics' && data.includes(time)) === true
    await both?.until(() => hasLook(both) && both.events.length > 0)
    await alone?.until(() => hasLook(alone))
    await events?.until(() => events.events.length > 0)

    const look = JSON.parse(alone?.messages.find(({ data }) => data.includes(time))?.data ?? '')
    t.same(look.samples.find(({ name }: { name: string }) => name === 'host_memory_percent'), { name: 'host_memory_percent', labels: {}, value: memory })
    t.same(alone?.messages.filter(({ event }) => event !== 'metrics'), [])
    t.same(events?.messages.filter(({ event }) => event !== 'events'), [])
  })

  await t.test('a topic that there is not is refused, with those that there are', async (t) => {
    for (const topics of ['pipelines', 'events,pipelines', '', 'events,', 'METRICS']) {
      const response = await get(app, `/stream?topics=${topics}`)
      t.same(problemFaults(response, 400), [], topics)
      t.match(response.json<Problem>(), { detail: /events, alerts, metrics/, errors: [{ path: 'topics' }] })
    }
  })
})

test('under the free-space floor numbers are refused as events are, and the service says that it is degraded', async (t) => {
  const app = await buildTestApp(t, { MIN_FREE_BYTES: '1000TB' })

  const response = await post(app, '/samples', { name: 'a', value: 1 })

  t.same(problemFaults(response, 507), [])
  t.equal(response.headers['retry-after'], '5')
  t.equal((await app.inject({ method: 'POST', url: '/api/collect-metrics', headers: await asAdmin(app) })).statusCode, 507)
})
