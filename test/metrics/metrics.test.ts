import { test } from 'tap'
import type { HostFigures } from '../../schemas/host.ts'
import { LABEL_CAPS, Metrics } from '../../src/metrics/metrics.ts'
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
