import { BytesIEC, DurationSeconds, PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import type { Layout } from './dashboard.ts'
import { graph, heatmap, stat, table, upStat, type Limits } from './panel.ts'
import { max, of, quantile, rate, sum } from './query.ts'

const LATENCY: Limits = { warning: 0.1, critical: 0.5 }
const ERRORS: Limits = { warning: 0.01, critical: 0.05 }
const PERCENTILES = { p50: 'median', p95: '95th percentile', p99: '99th percentile' }

const duration = (percentile: string, level = 'instance') => of(`${level}:http_request_duration_seconds:${percentile}_rate5m`)

const durationsByRoute = Object.entries(PERCENTILES).map(([percentile, words]) => graph({
  title: `Duration by route, ${percentile}`,
  description: `Time to headers, ${words} over 5 minutes, of the instance that is slowest.`,
  unit: Seconds,
  width: 8,
  limits: LATENCY,
  queries: { '{{method}} {{route}}': max(duration(percentile, 'instance_route'), 'method', 'route') }
}))

export const service: Layout = {
  name: 'service',
  title: 'Service',
  description: 'How requests to Bellwether fare, and how its own process is.',
  rows: {
    'At a glance': [
      upStat({
        title: 'State',
        description: 'DOWN when at least one of the chosen instances cannot be scraped.',
        queries: { state: `min(${of('up')})` }
      }),
      stat({
        title: 'Requests',
        description: 'Finished or aborted in a second.',
        unit: RequestsPerSecond,
        queries: { requests: sum(rate('http_request_duration_seconds_count')) }
      }),
      stat({
        title: 'Errors',
        description: 'Share of requests answered with 500 or above over 5 minutes, refusals under load left out, of the worst instance.',
        unit: PercentUnit,
        limits: ERRORS,
        queries: { errors: max(of('instance:http_request_errors:ratio_rate5m')) }
      }),
      stat({
        title: 'Duration, p95',
        description: 'Time to headers under which 95 of 100 requests stayed over 5 minutes, of the slowest instance.',
        unit: Seconds,
        limits: LATENCY,
        queries: { p95: max(duration('p95')) }
      }),
      stat({
        title: 'In flight',
        description: 'Requests that are being answered, open streams among them.',
        unit: Short,
        queries: { 'in flight': sum(of('http_requests_in_flight')) }
      }),
      stat({
        title: 'Up for',
        description: 'Since the latest start of an instance.',
        unit: DurationSeconds,
        queries: { uptime: `min(time() - ${of('process_start_time_seconds')})` }
      })
    ],
    Requests: [
      graph({
        title: 'Requests by route',
        description: 'By route template; paths that no route knows are (unmatched), what is beyond the cap is (other).',
        unit: RequestsPerSecond,
        isStacked: true,
        queries: { '{{method}} {{route}}': sum(rate('http_request_duration_seconds_count'), 'method', 'route') }
      }),
      graph({
        title: 'Requests by status',
        description: 'By the code that was sent.',
        unit: RequestsPerSecond,
        isStacked: true,
        queries: { '{{status_code}}': sum(rate('http_request_duration_seconds_count'), 'status_code') }
      }),
      graph({
        title: 'Requests by outcome',
        description: 'Aborted: the client went before the answer was complete. Shed: refused under load, with the advice to come back.',
        unit: RequestsPerSecond,
        isStacked: true,
        queries: { '{{outcome}}': sum(rate('http_request_duration_seconds_count'), 'outcome') }
      }),
      graph({
        title: 'Errors by route',
        description: 'Share of the requests of each route answered with 500 or above over 5 minutes, refusals under load left out.',
        unit: PercentUnit,
        most: 1,
        limits: ERRORS,
        queries: { '{{method}} {{route}}': max(of('instance_route:http_request_errors:ratio_rate5m'), 'method', 'route') }
      })
    ],
    Duration: [
      graph({
        title: 'Duration of all requests',
        description: 'Time to headers over 5 minutes. The dashed lines are the limits of the alerts.',
        unit: Seconds,
        limits: LATENCY,
        queries: Object.fromEntries(Object.keys(PERCENTILES).map((percentile) => [`${percentile} {{instance}}`, duration(percentile)]))
      }),
      heatmap({
        title: 'Spread of durations',
        description: 'How many requests had their headers within which time.',
        unit: Seconds,
        expr: sum(`increase(${of('http_request_duration_seconds_bucket')}[$__rate_interval])`, 'le')
      }),
      ...durationsByRoute,
      graph({
        title: 'Streams, p95',
        description: 'How long streamed answers lasted in the end; they are in the durations above with their time to headers alone.',
        unit: Seconds,
        width: 24,
        queries: { '{{method}} {{route}}': quantile(0.95, 'http_stream_seconds', 'method', 'route') }
      }),
      table({
        title: 'Routes',
        description: 'Each route over the last 5 minutes.',
        labels: ['method', 'route'],
        columns: [
          { title: 'Requests', unit: RequestsPerSecond, expr: sum(of('instance_route:http_requests:rate5m'), 'method', 'route') },
          { title: 'Errors', unit: PercentUnit, limits: ERRORS, expr: max(of('instance_route:http_request_errors:ratio_rate5m'), 'method', 'route') },
          ...Object.keys(PERCENTILES).map((percentile) => (
            { title: percentile, unit: Seconds, limits: LATENCY, expr: max(duration(percentile, 'instance_route'), 'method', 'route') }
          ))
        ]
      })
    ],
    Process: [
      graph({
        title: 'CPU',
        description: 'Seconds of CPU in a second: 1 is one core. The store writes and reads in threads of its own.',
        unit: Short,
        isStacked: true,
        queries: { 'user {{instance}}': rate('process_cpu_user_seconds_total'), 'system {{instance}}': rate('process_cpu_system_seconds_total') }
      }),
      graph({
        title: 'Memory',
        description: 'Resident is what the system counts; the heap is that of the main thread.',
        unit: BytesIEC,
        queries: {
          'resident {{instance}}': of('process_resident_memory_bytes'),
          'heap {{instance}}': of('nodejs_heap_size_total_bytes'),
          'heap used {{instance}}': of('nodejs_heap_size_used_bytes')
        }
      }),
      graph({
        title: 'Event loop lag',
        description: 'By how much the loop is late: everything waits for that long.',
        unit: Seconds,
        width: 8,
        limits: LATENCY,
        queries: { 'p50 {{instance}}': of('nodejs_eventloop_lag_p50_seconds'), 'p99 {{instance}}': of('nodejs_eventloop_lag_p99_seconds') }
      }),
      graph({
        title: 'Garbage collection',
        description: 'Share of the time that it takes, by kind.',
        unit: PercentUnit,
        width: 8,
        isStacked: true,
        queries: { '{{kind}}': sum(rate('nodejs_gc_duration_seconds_sum'), 'kind') }
      }),
      graph({
        title: 'File descriptors',
        description: 'Open files and connections as a share of what the process may have.',
        unit: PercentUnit,
        width: 8,
        limits: { warning: 0.8, critical: 0.95 },
        queries: { '{{instance}}': of('instance:process_open_fds:ratio') }
      })
    ]
  }
}
