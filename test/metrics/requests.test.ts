import { test } from 'tap'
import { RequestMetrics, type Observation } from '../../src/metrics/requests.ts'

function request (more: Partial<Observation> = {}): Observation {
  return { route: '/a', method: 'GET', statusCode: 200, outcome: 'completed', seconds: 0.1, streamSeconds: undefined, ...more }
}

function isNear (actual: number | null | undefined, wanted: number): boolean {
  return typeof actual === 'number' && Math.abs(actual - wanted) <= wanted * 0.011
}

test('percentiles are of the time since they were last taken, by route and of all', async (t) => {
  const metrics = new RequestMetrics()
  for (let n = 1; n <= 100; n++) metrics.count(request({ seconds: n / 1000 }))
  for (let n = 0; n < 100; n++) metrics.count(request({ route: '/b', method: 'POST', seconds: 1 }))

  const { all, routes } = metrics.takeLatencies()

  t.same(routes.map(({ route, method, count }) => [route, method, count]), [['/a', 'GET', 100], ['/b', 'POST', 100]])
  t.ok(isNear(routes[0]?.p50Ms, 50) && isNear(routes[0]?.p95Ms, 95) && isNear(routes[0]?.p99Ms, 99))
  t.equal(all?.count, 200)
  t.ok(isNear(all?.p50Ms, 100) && isNear(all?.p95Ms, 1_000))
  t.same(metrics.takeLatencies(), { all: undefined, routes: [] }, 'they were taken')

  metrics.count(request({ seconds: 2 }))
  t.match(metrics.takeLatencies(), { all: { count: 1 }, routes: [{ route: '/a', count: 1 }] })
})

test('the totals are those since the start, whether percentiles were taken or not', async (t) => {
  const metrics = new RequestMetrics()
  metrics.count(request({ seconds: 0.1 }))
  metrics.takeLatencies()
  metrics.count(request({ seconds: 0.3, statusCode: 404 }))
  metrics.count(request({ statusCode: 503, outcome: 'shed' }))
  metrics.count(request({ route: '(malformed)', method: '', statusCode: 400, seconds: undefined }))

  const { by_route: [known, malformed], requests, ...totals } = metrics.totals()

  t.same(totals, { requests_total: 4, errors_total: 3, by_status: { 200: 1, 400: 1, 404: 1, 503: 1 } })
  t.match(known, { route: '/a', method: 'GET', count: 3, errors: 2, avg_ms: 200 })
  t.ok(isNear(known?.p50_ms, 100) && isNear(known?.p99_ms, 300))
  t.same(malformed, { route: '(malformed)', method: '(other)', count: 1, errors: 1, avg_ms: null, p50_ms: null, p95_ms: null, p99_ms: null })
  t.equal(requests.length, 4)
})

test('the newest hundred requests are kept, newest first', async (t) => {
  const metrics = new RequestMetrics()
  const startedAt = Date.now()
  for (let n = 1; n <= 250; n++) metrics.count(request({ seconds: n / 1000 }))

  const { requests } = metrics.totals()

  t.same(requests.map(({ latency_ms: ms }) => ms), Array.from({ length: 100 }, (_, n) => 250 - n))
  t.match(requests[0], { route: '/a', method: 'GET', status_code: 200 })
  for (const { time } of requests) t.ok(Math.abs(Date.parse(time) - startedAt) < 60_000, time)
})

test('the bounds of the built-in rules are bounds of the histogram', async (t) => {
  const metrics = new RequestMetrics()
  for (const seconds of [0.1, 0.100_001, 0.5, 0.500_001]) metrics.count(request({ seconds }))

  const within = (bound: string) => Number(new RegExp(`http_request_duration_seconds_bucket.*le="${bound}"} (\\d+)`).exec(metrics.text())?.[1])
  t.same([within('0.1'), within('0.5')], [1, 3])
})

test('an unusual method and a flood of statuses do not make series without end', async (t) => {
  const metrics = new RequestMetrics()
  for (let n = 100; n < 1_000; n++) metrics.count(request({ method: `M${n}`, statusCode: n }))

  const series = metrics.text().split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'))
  t.ok(series.length < 100)
  t.ok(series.every((line) => line.includes('method="(other)"')))
  t.equal(metrics.totals().requests_total, 900)
})
