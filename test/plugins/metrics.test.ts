import { join } from 'node:path'
import t, { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Health } from '../../schemas/health.ts'
import { LABEL_CAPS } from '../../src/metrics/metrics.ts'
import { say } from '../e2e/wire.ts'
import { auth, buildTestApp } from '../helper.ts'
import { metricsFaults, missing, seriesOf } from '../support/prometheus.ts'
import { testFolder } from '../support/test-folder.ts'
import { askUntil } from '../support/until.ts'
import { get, JSON_BODY, NDJSON_BODY, post, problemFaults, TEXT_BODY } from './support.ts'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const SCRAPER = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1'

async function series (app: App): Promise<Map<string, number>> {
  return seriesOf((await get(app, '/metrics')).body)
}

async function portOf (app: App): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

/** Tests that count only what is theirs share one. */
const shared = await buildTestApp(t)

function events (count: number, service: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => JSON.stringify({ message: `${n}`, service: service(n) })).join('\n')
}

test('reading the metrics', async (t) => {
  const app = await buildTestApp(t)

  await t.test('the first scrape of all has the histogram of requests', async (t) => {
    const found = await series(app)

    t.equal(found.get('http_request_duration_seconds_bucket{method="GET",route="/metrics",status_code="200",outcome="completed",le="0.1"}'), 0)
  })

  await t.test('Prometheus gets text that promtool has nothing to say about', { skip: missing('promtool') }, async (t) => {
    await post(app, '/events', [{ message: 'a', service: 'a "quoted"\\\n name' }, { message: 'b', level: 'error' }])

    t.equal(metricsFaults((await get(app, '/metrics')).body), '')
  })

  const kinds: ReadonlyArray<[accept: string | undefined, type: RegExp]> = [
    [undefined, /^text\/plain/], ['*/*', /^text\/plain/], [SCRAPER, /^text\/plain/], ['text/html', /^text\/plain/], ['application/json', /^application\/json/],
    ['APPLICATION/JSON; charset=utf-8', /^application\/json/], ['application/json, text/plain, */*', /^application\/json/],
    ['text/plain, application/json;q=0.5', /^text\/plain/], ['application/json;q=0', /^text\/plain/], ['application/json;q=x', /^text\/plain/]
  ]
  await t.test('the form is that which Accept prefers, text unless JSON is asked for', async (t) => {
    for (const path of ['/metrics', '/metric']) {
      for (const [accept, type] of kinds) {
        const response = await get(app, path, accept === undefined ? {} : { accept })
        t.equal(response.statusCode, 200)
        t.match(response.headers, { 'content-type': type, vary: 'Accept' }, String(accept))
      }
    }
    t.equal((await get(app, '/metrics')).headers['content-type'], TEXT)
  })

  await t.test('the snapshot tells of requests by status and route, and of the newest, without their query', async (t) => {
    await get(app, '/events?q=secret&limit=1')
    await get(app, '/events?limit=0')

    const snapshot = (await get(app, '/metrics/snapshot')).json()

    t.match(Object.keys(snapshot).sort(), ['by_route', 'by_status', 'errors_total', 'requests', 'requests_total', 'service', 'uptime_seconds'])
    t.equal(snapshot.service, 'bellwether')
    t.match(snapshot.by_status, { 200: Number, 400: 1 })
    const ours = snapshot.by_route.find(({ route, method }: Record<string, string>) => route === '/events' && method === 'GET')
    t.match(ours, { count: 2, errors: 1, avg_ms: Number, p50_ms: Number, p95_ms: Number, p99_ms: Number })
    t.match(snapshot.requests[0], { route: '/events', method: 'GET', status_code: 400, latency_ms: Number, time: /^\d{4}-\d\d-\d\dT/ })
    t.notOk(JSON.stringify(snapshot).includes('secret'))
    t.match((await get(app, '/metrics', { accept: 'application/json' })).json(), { service: 'bellwether', by_route: Array, requests: Array })
  })

  await t.test('ten thousand services and ten thousand unknown paths stay under the caps', async (t) => {
    await post(app, '/events', events(10_000, (n) => `service-${n}`), NDJSON_BODY)
    for (let n = 0; n < 10_000; n++) await app.inject(`/unknown/${n}`)

    const found = await series(app)
    const services = [...found.keys()].filter((name) => name.startsWith('bellwether_events_ingested_total'))
    t.ok(services.length > 100 && services.length <= (LABEL_CAPS.service + 1) * 6, `${services.length}`)
    const unmatched = [...found].filter(([name]) => /^http_request_duration_seconds_count\{.*route="\(unmatched\)"/.test(name))
    t.equal(unmatched.reduce((sum, [, value]) => sum + value, 0), 10_000, 'those beyond the limit of unknown paths too')
    t.ok(found.size < 5_000, `${found.size} series in all`)
  })

  await t.test('what is refused as a whole is counted by its reason', async (t) => {
    const full = await buildTestApp(t, { INGEST_QUEUE_EVENTS: '1', MAX_BODY_BYTES: '1KB' })
    const other = full.service.admission.enter('other', 1)
    other.receive(1)
    other.begin(1)
    await post(full, '/events', { message: 'no room' })
    other.leave()
    await post(full, '/events', 'x'.repeat(2_000), JSON_BODY)
    await post(full, '/events', 'x', { 'content-type': 'image/png' })
    await post(full, '/events', '{', JSON_BODY)

    const reasons = [...await series(full)].filter(([name, value]) => name.startsWith('bellwether_events_rejected_total') && value > 0)
    t.same(Object.fromEntries(reasons.map(([name, value]) => [/reason="(.*)"/.exec(name)?.[1], value])), { overloaded: 1, too_large: 1, unsupported: 1, invalid: 1 })
    t.equal((await series(full)).get('http_request_duration_seconds_count{method="POST",route="/events",status_code="503",outcome="shed"}'), 1)
  })
})

test('the time of commits is told', async (t) => {
  await post(shared, '/events', { message: 'a' })

  const commits = await askUntil(async () => (await series(shared)).get('bellwether_store_commit_seconds_count') ?? 0, (count) => count > 0)

  t.equal(commits, 1)
})

test('a scrape during ingest is whole, and what was answered is in it', async (t) => {
  const app = shared
  const totals: number[] = []
  for (let n = 0; n < 20; n++) {
    const sending = post(app, '/events', events(500, (i) => `s${i % 5}`), NDJSON_BODY)
    const scraped = await series(app)
    await sending
    totals.push([...scraped].filter(([name]) => name.startsWith('bellwether_events_ingested_total')).reduce((sum, [, value]) => sum + value, 0))
  }

  t.same(totals, totals.toSorted((a, b) => a - b), 'a counter never falls')
  const found = await series(app)
  t.equal(found.get('bellwether_pipeline_lines_total{run="ingest",processor="ingest",direction="out"}'), 10_001, 'with the one before')
  t.equal(found.get('bellwether_ingest_queue_events'), 0)
  t.ok((found.get('bellwether_store_bytes') ?? 0) > 0)
  t.ok((found.get('bellwether_pipeline_processing_seconds_count{run="ingest",processor="ingest"}') ?? 0) >= 20)
})

test('bytes that are no request are counted once, behind the answer that they get', async (t) => {
  const app = shared
  const port = await portOf(app)

  const { status } = await say(port, 'hello\r\n\r\n')

  t.equal(status, 400)
  t.equal((await series(app)).get('http_request_duration_seconds_count{method="(other)",route="(malformed)",status_code="400",outcome="completed"}'), 1)
})

interface Case { name: string, settings?: Record<string, string>, from?: string, headers?: Record<string, string>, status: number }

const TOKEN = 'scrape-me-please'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cases: readonly Case[] = [
  { name: 'loopback, nothing set', status: 200 },
  { name: 'another loopback address', from: '127.9.9.9', status: 200 },
  { name: 'IPv6 loopback', from: '::1', status: 200 },
  { name: 'IPv4 loopback in IPv6', from: '::ffff:127.0.0.1', status: 200 },
  { name: 'loopback with a token that nobody knows', headers: bearer('x'), status: 200 },
  { name: 'elsewhere', from: '10.0.0.7', status: 401 },
  { name: 'elsewhere, in IPv6', from: '2001:db8::1', status: 401 },
  { name: 'an address that looks like loopback', from: '128.0.0.1', status: 401 },
  { name: 'elsewhere, said to be loopback', from: '10.0.0.7', headers: { 'x-forwarded-for': '127.0.0.1' }, status: 401 },
  { name: 'elsewhere, said to be loopback by a trusted proxy', settings: { TRUST_PROXY: '10.0.0.0/8' }, from: '10.0.0.7', headers: { 'x-forwarded-for': '127.0.0.1' }, status: 401 },
  { name: 'through a proxy on loopback', headers: { 'x-forwarded-for': '10.0.0.7' }, status: 401 },
  { name: 'through a proxy on loopback, by the standard', headers: { forwarded: 'for=10.0.0.7' }, status: 401 },
  { name: 'through a proxy on loopback that is trusted', settings: { TRUST_PROXY: 'loopback' }, headers: { 'x-forwarded-for': '10.0.0.7' }, status: 401 },
  { name: 'through a proxy with a token', headers: { 'x-forwarded-for': '10.0.0.7', ...auth }, status: 200 },
  { name: 'elsewhere with a token that may read', from: '10.0.0.7', headers: auth, status: 200 },
  { name: 'a token is set, loopback', settings: { METRICS_TOKEN: TOKEN }, status: 401 },
  { name: 'a token is set and sent', settings: { METRICS_TOKEN: TOKEN }, from: '10.0.0.7', headers: bearer(TOKEN), status: 200 },
  { name: 'a token is set, another sent', settings: { METRICS_TOKEN: TOKEN }, headers: bearer(`${TOKEN}x`), status: 401 },
  { name: 'open to all', settings: { METRICS_OPEN: 'true' }, from: '10.0.0.7', status: 200 },
  { name: 'open to all, though a token is set', settings: { METRICS_OPEN: 'true', METRICS_TOKEN: TOKEN }, from: '10.0.0.7', headers: { 'x-forwarded-for': '10.0.0.8' }, status: 200 }
]

test('the metrics are for this machine, and for those who have a token', async (t) => {
  const folder = testFolder(t)
  const apps = new Map<string, App>([['{}', shared]])
  for (const { name, settings = {}, from = '127.0.0.1', headers = {}, status } of cases) {
    const key = JSON.stringify(settings)
    const app = apps.get(key) ?? await buildTestApp(t, { ...settings, DATA_DIR: join(folder, String(apps.size)) })
    apps.set(key, app)
    const response = await app.inject({ url: '/metrics', headers, remoteAddress: from })

    t.equal(response.statusCode, status, name)
    if (status === 401) t.same(problemFaults(response, 401), [], name)
    t.equal((await app.inject({ url: '/metrics/snapshot', remoteAddress: from })).statusCode, 401, `${name}: the snapshot asks for a reader`)
  }
})

test('telling how the service is', async (t) => {
  const app = await buildTestApp(t)

  await t.test('anybody sees the statuses and no details', async (t) => {
    const response = await app.inject('/health')

    const { uptime_seconds: uptime, version, ...rest } = response.json<Health>()
    t.equal(response.statusCode, 200)
    t.same(rest, { ok: true, status: 'degraded', checks: { store: { status: 'ok' }, clock: { status: 'ok' }, damage: { status: 'ok' }, configuration: { status: 'ok' }, sampling: { status: 'ok' }, rules: { status: 'ok' }, channels: { status: 'degraded' }, outbox: { status: 'ok' }, canary: { status: 'ok' }, queue: { status: 'ok' } } })
    t.ok(Number.isInteger(uptime) && uptime >= 0)
    t.match(version, /^\d+\.\d+\.\d+/)
  })

  await t.test('a fresh one says that nobody would be told of an alert, and what to do; with a channel all is well', async (t) => {
    const lonely = (await get(app, '/health')).json<Health>()
    const told = await buildTestApp(t, { WEBHOOK_URL: 'https://example.com/hook' })

    t.match(lonely.checks['channels'], { status: 'degraded', detail: /tell nobody: no channel is called default; set WEBHOOK_URL, or make one/ })
    t.match((await told.inject('/health')).json<Health>(), { status: 'ok', checks: { channels: { status: 'ok' } } })
    t.equal((await app.inject('/readyz')).statusCode, 200)
  })

  await t.test('those who are signed in see the details, those with a bad token do not', async (t) => {
    const full = (await get(app, '/health')).json<Health>()

    t.match(full.checks, { clock: { detail: 'the clock goes evenly' }, store: { detail: /bytes of disk free/ }, damage: { detail: /no damaged store/ }, queue: { detail: /0 events, 0 bytes/ } })
    t.same((await get(app, '/health', { authorization: 'Bearer wrong' })).json<Health>().checks['store'], { status: 'ok' })
  })

  await t.test('readyz is 200 only while ready; livez always', async (t) => {
    for (const [phase, status] of [['starting', 503], ['ready', 200], ['draining', 503], ['ready', 200]] as const) {
      app.service.health.phase = phase
      const response = await app.inject('/readyz')

      t.equal(response.statusCode, status, phase)
      t.same(response.json(), { ok: status === 200 })
      t.same((await app.inject('/livez')).json(), { ok: true })
    }
  })

  await t.test('while draining, answers ask the client to close its connection', async (t) => {
    app.service.health.phase = 'draining'
    const draining = await app.inject('/health')
    app.service.health.phase = 'ready'

    t.equal(draining.headers.connection, 'close')
    t.equal((await app.inject('/health')).headers.connection, 'keep-alive')
  })

  await t.test('the root says what this is', async (t) => {
    t.match((await app.inject('/')).json(), { ok: true, name: 'bellwether', version: /^\d/ })
  })
})

test('a store under the free-space floor', async (t) => {
  const app = await buildTestApp(t, { MIN_FREE_BYTES: '1000TB' })

  await t.test('is down for health and readyz, and alive', async (t) => {
    const health = await app.inject('/health')

    t.equal(health.statusCode, 503)
    t.match(health.json(), { ok: false, status: 'down', checks: { store: { status: 'down' } } })
    t.match((await get(app, '/health')).json(), { checks: { store: { detail: /less than MIN_FREE_BYTES: events are refused/ } } })
    t.equal((await app.inject('/readyz')).statusCode, 503)
    t.equal((await app.inject('/livez')).statusCode, 200)
  })

  await t.test('refuses events of every kind with 507 and when to come again, and answers queries', async (t) => {
    const answers = [
      await post(app, '/events', { message: 'x' }), await post(app, '/log', '{"message":"x"}', JSON_BODY),
      await post(app, '/events', [{ message: 'x' }]), await post(app, '/events', 'a\nb', TEXT_BODY)
    ]

    for (const answer of answers) {
      t.same(problemFaults(answer, 507), [])
      t.equal(answer.headers['retry-after'], '5')
    }
    t.same((await get(app, '/events')).json(), { events: [], next: null, total: { count: 0, capped: false } })
    t.equal((await post(app, '/events?dry=1', { message: 'x' })).statusCode, 200)
  })
})
