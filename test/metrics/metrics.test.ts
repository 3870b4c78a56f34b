import { test } from 'tap'
import type { HostFigures } from '../../schemas/host.ts'
import { Counter, type Exported, Gauge, Histogram, OTHER } from '../../src/metrics/family.ts'
import { LABEL_CAPS, Metrics } from '../../src/metrics/metrics.ts'
import { Sketch, SKETCH_ERROR } from '../../src/metrics/percentile-sketch.ts'
import { type Observation, RequestMetrics } from '../../src/metrics/requests.ts'
import { seeded } from '../e2e/case.ts'
import { metricsFaults, missing, seriesOf } from '../support/prometheus.ts'

/** The names of the contract that dashboards and rules of others rely on. */
const NAMES = [
  'http_request_duration_seconds', 'http_requests_in_flight', 'host_cpu_usage_ratio', 'host_memory_used_bytes', 'host_memory_total_bytes', 'host_load1',
  'host_filesystem_used_bytes', 'host_network_receive_bytes_total', 'process_watched_cpu_ratio', 'bellwether_events_ingested_total',
  'bellwether_events_rejected_total', 'bellwether_ingest_queue_events', 'bellwether_store_commit_seconds', 'bellwether_store_bytes', 'bellwether_anomalies_total',
  'bellwether_alerts', 'bellwether_rule_evaluation_seconds', 'bellwether_notifications_total', 'bellwether_outbox_pending', 'bellwether_pipeline_lines_total',
  'bellwether_pipeline_errors_total', 'bellwether_pipeline_processing_seconds', 'bellwether_log_severity_total', 'process_cpu_seconds_total',
  'process_resident_memory_bytes', 'process_open_fds', 'process_start_time_seconds', 'nodejs_eventloop_lag_seconds', 'nodejs_heap_size_used_bytes', 'nodejs_gc_duration_seconds'
]

const host: HostFigures = {
  cpuCount: 2,
  cpuRatio: 0.25,
  loadAverage1: 1,
  loadAverage5: 2,
  loadAverage15: 3,
  memoryUsedBytes: 10,
  memoryAvailableBytes: 20,
  memoryTotalBytes: 30,
  swapUsedBytes: 0,
  swapTotalBytes: 5,
  filesystems: [{ mount: '/', usedBytes: 1, availableBytes: 1, totalBytes: 2 }, { mount: '/data', usedBytes: 3, availableBytes: 1, totalBytes: 5 }],
  networkReceiveBytes: 100,
  networkTransmitBytes: 200,
  diskReadBytes: 300,
  diskWrittenBytes: 400,
  uptimeSeconds: 60,
  container: { cpuRatioOfLimit: 0.5, memoryUsedBytes: 6, memoryLimitBytes: 7 }
}

async function textOf (metrics: Metrics): Promise<string> {
  return (await metrics.render()).toString()
}

/** Metrics of which every family has a series. */
function full (): Metrics {
  const metrics = new Metrics()
  metrics.setHost(host)
  metrics.setWatched([{ name: 'postgres', cpuRatio: 0.5, rssBytes: 100, pids: [1, 2] }])
  metrics.observeSampling(0.01, 0.02)
  metrics.observeCommits([0.001, 0.02])
  metrics.storeBytes.at({}).set(1)
  metrics.storeDiskFree.at({}).set(2)
  metrics.notifications.at({ channel: 'ops', result: 'failed' }).add()
  metrics.pipelineErrors.at({ run: 'r', processor: 'p' }).add()
  metrics.requests.count({ route: '/x', method: 'GET', statusCode: 200, outcome: 'completed', seconds: 0.1, streamSeconds: 3 })
  return metrics
}

test('every name of the contract is exported from the start', async (t) => {
  const text = await textOf(new Metrics())

  t.same(NAMES.filter((name) => !text.includes(`# TYPE ${name} `)), [])
})

test('promtool finds nothing to say', { skip: missing('promtool') }, async (t) => {
  t.equal(metricsFaults(await textOf(new Metrics())), '', 'with nothing counted')
  t.equal(metricsFaults(await textOf(full())), '', 'with a series in each family')
  t.match(metricsFaults('# TYPE a_count gauge\na_count 1\n'), /a_count/, 'and it would say what is wrong')
})

test('what the machine cannot tell has no series, and one that it no longer tells goes', async (t) => {
  const metrics = full()
  t.match(Object.fromEntries(seriesOf(await textOf(metrics))), {
    host_cpu_usage_ratio: 0.25, host_network_receive_bytes_total: 100, 'host_filesystem_used_bytes{mount="/data"}': 3, container_memory_limit_bytes: 7, 'process_watched_instances{name="postgres"}': 2
  })

  metrics.setHost({ ...host, cpuRatio: undefined, networkReceiveBytes: undefined, filesystems: [], container: undefined })
  metrics.setWatched([{ name: 'redis', cpuRatio: undefined, rssBytes: 1, pids: [] }])
  const series = seriesOf(await textOf(metrics))

  for (const name of ['host_cpu_usage_ratio', 'host_network_receive_bytes_total', 'container_memory_limit_bytes']) t.notOk(series.has(name), name)
  t.same([...series.keys()].filter((name) => /^host_filesystem|^process_watched/.test(name)),
    ['process_watched_resident_bytes{name="redis"}', 'process_watched_instances{name="redis"}'])
})

test('ten thousand services stay under the cap, and the overflow is counted', async (t) => {
  const metrics = new Metrics()
  for (let n = 0; n < 10_000; n++) metrics.eventsIngested.at({ service: `service ${n}`, level: 'INFO' }).add()

  const series = seriesOf(await textOf(metrics))
  const services = [...series].filter(([name]) => name.startsWith('bellwether_events_ingested_total'))

  t.equal(services.length, LABEL_CAPS.service + 1)
  t.equal(services.reduce((sum, [, value]) => sum + value, 0), 10_000, 'none is lost')
  t.equal(series.get('bellwether_label_overflow_total{metric="bellwether_events_ingested_total"}'), 10_000 - LABEL_CAPS.service)
})

test('those who ask while the text is being made get the same', async (t) => {
  const metrics = new Metrics()
  let looks = 0
  metrics.beforeRender(() => { looks++ })

  const [first, second] = await Promise.all([metrics.render(), metrics.render()])
  const third = await metrics.render()

  t.equal(first, second)
  t.not(first, third)
  t.equal(looks, 2)
})

test('a long text is made in turns that let others run', async (t) => {
  const metrics = new Metrics()
  for (let n = 0; n < 100; n++) {
    for (let status = 200; status < 250; status++) {
      for (const outcome of ['completed', 'aborted', 'shed'] as const) metrics.requests.durations.at({ method: 'GET', route: `/${n}`, status_code: String(status), outcome })
    }
  }
  let others = 0
  const count = (): void => { others++; timer = setImmediate(count) }
  let timer = setImmediate(count)

  const text = await metrics.render()
  clearImmediate(timer)

  t.ok(text.length > 10_000_000, '15,000 histograms')
  t.ok(others > 1, `others ran ${others} times meanwhile`)
})

function textOfFamily (family: Exported): string {
  return [...family.pieces()].join('')
}

test('a counter of closed labels is there with 0 before anything happened', async (t) => {
  const counter = new Counter({ name: 'doors_total', help: 'Doors.', labels: { side: ['left', 'right'] as const, open: ['yes', 'no'] as const } })
  counter.at({ side: 'left', open: 'no' }).add(2)

  t.equal(textOfFamily(counter), [
    '# HELP doors_total Doors.', '# TYPE doors_total counter',
    'doors_total{side="left",open="yes"} 0', 'doors_total{side="left",open="no"} 2',
    'doors_total{side="right",open="yes"} 0', 'doors_total{side="right",open="no"} 0', ''
  ].join('\n'))
})

test('a gauge shows nothing until it is set, and nothing after it was cleared', async (t) => {
  const gauge = new Gauge({ name: 'heat_celsius', help: 'Heat.', labels: {} })
  const head = '# HELP heat_celsius Heat.\n# TYPE heat_celsius gauge\n'

  t.equal(textOfFamily(gauge), head)
  gauge.at({}).set(-1.5)
  t.equal(textOfFamily(gauge), `${head}heat_celsius -1.5\n`)
  gauge.clear()
  t.equal(textOfFamily(gauge), head)
})

test('a histogram counts a value in the bucket whose bound it does not exceed', async (t) => {
  const histogram = new Histogram({ name: 'wait_seconds', help: 'Wait.', labels: { who: 5 }, buckets: [0.1, 0.5] })
  for (const value of [0, 0.1, 0.100_001, 0.5, 0.500_001, 9]) histogram.at({ who: 'a' }).observe(value)

  t.match(textOfFamily(histogram), [
    'wait_seconds_bucket{who="a",le="0.1"} 2', 'wait_seconds_bucket{who="a",le="0.5"} 4', 'wait_seconds_bucket{who="a",le="+Inf"} 6',
    'wait_seconds_sum{who="a"} 10.200002', 'wait_seconds_count{who="a"} 6\n'
  ].join('\n'))
})

test('text that means something to the format is escaped', async (t) => {
  const gauge = new Gauge({ name: 'a', help: 'one\ntwo \\', labels: { path: 9 } })
  gauge.at({ path: 'C:\\"x"\n' }).set(NaN)
  gauge.at({ path: 'max' }).set(Infinity)
  gauge.at({ path: 'min' }).set(-Infinity)

  t.equal(textOfFamily(gauge), '# HELP a one\\ntwo \\\\\n# TYPE a gauge\na{path="C:\\\\\\"x\\"\\n"} NaN\na{path="max"} +Inf\na{path="min"} -Inf\n')
})

test('beyond its cap, a label reads (other), while what was known stays apart', async (t) => {
  const counter = new Counter({ name: 'lines_total', help: 'Lines.', labels: { service: 2, level: ['low', 'high'] as const } })
  let overflows = 0
  counter.onOverflow = () => overflows++

  for (const service of ['a', 'b', 'c', 'd', 'c', OTHER]) counter.at({ service, level: 'low' }).add()
  counter.at({ service: 'a', level: 'high' }).add()

  t.match(textOfFamily(counter), [
    'lines_total{service="a",level="low"} 1', 'lines_total{service="b",level="low"} 1', 'lines_total{service="(other)",level="low"} 4',
    'lines_total{service="a",level="high"} 1\n'
  ].join('\n'))
  t.equal(overflows, 3, 'each look-up that the cap changed is told')
})

test('many series come in pieces that make the same text', async (t) => {
  const counter = new Counter({ name: 'n_total', help: 'N.', labels: { n: 1_000 } })
  for (let n = 0; n < 1_000; n++) counter.at({ n: String(n) }).add(n)

  const pieces = [...counter.pieces()]

  t.ok(pieces.length > 2)
  t.equal(pieces.join(''), `# HELP n_total N.\n# TYPE n_total counter\n${Array.from({ length: 1_000 }, (_, n) => `n_total{n="${n}"} ${n}\n`).join('')}`)
})

const random = seeded(7)
const distributions: ReadonlyArray<[name: string, draw: () => number]> = [
  ['even', () => random() * 0.2],
  ['a long tail', () => 0.002 / (1 - random()) ** 1.5],
  ['two humps', () => random() < 0.9 ? 0.001 + random() * 0.001 : 1 + random()],
  ['all alike', () => 0.1]
]

function sketchOf (values: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return sketch
}

test('a quantile is as far from the true one as promised, whatever the distribution', async (t) => {
  for (const [name, draw] of distributions) {
    const values = Array.from({ length: 20_000 }, draw).map((value) => Math.min(value, 900))
    const sketch = sketchOf(values)
    const sorted = values.toSorted((a, b) => a - b)

    for (const q of [0, 0.01, 0.5, 0.95, 0.99, 0.999, 1]) {
      const exact = Math.max(1e-5, sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN)
      const error = Math.abs(sketch.quantile(q) - exact) / exact
      t.ok(error <= SKETCH_ERROR * 1.000_001, `${name}, ${q}: ${error}`)
    }
  }
})

test('the sum of two sketches is the sketch of all', async (t) => {
  const values = Array.from({ length: 1_000 }, () => random())
  const sum = sketchOf(values.slice(0, 300)).merge(sketchOf(values.slice(300)))
  const whole = sketchOf(values)

  t.equal(sum.count, 1_000)
  for (const q of [0.1, 0.5, 0.99]) t.equal(sum.quantile(q), whole.quantile(q))
})

test('nothing has no quantile, and what was cleared is nothing', async (t) => {
  const sketch = sketchOf([1, 2])
  sketch.clear()

  t.ok(Number.isNaN(new Sketch().quantile(0.5)))
  t.ok(Number.isNaN(sketch.quantile(0.5)))
  t.equal(sketch.count, 0)
})

test('what is out of range counts at its end', async (t) => {
  for (const [value, near] of [[0, 1e-5], [1e-9, 1e-5], [1e3, 1e3], [1e9, 1e3]] as const) {
    t.ok(Math.abs(sketchOf([value]).quantile(0.5) - near) <= near * SKETCH_ERROR * 1.000_001, String(value))
  }
})

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
