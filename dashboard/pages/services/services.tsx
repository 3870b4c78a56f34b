import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { MetricsSnapshot, RouteSummary } from '../../../schemas/metrics.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { figureText, spanText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { hrefOf, param, setParams } from '../../core/router.ts'
import { clockText } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { SeriesPanel } from '../../ui/series-panel.tsx'
import { inOrder, SORTS, type Sort } from './routes.ts'

const LATENCY_RULE = 'builtin-latency-p95'
const AGAIN_MS = 10_000

/** How requests go: all of them, by route, and the machine below them. */
export function Services (): JSX.Element {
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules)
  const latency = rules.data?.find(({ id }) => id === LATENCY_RULE)
  const isHost = param('tab') === 'host'
  return (
    <div class='stack'>
      <nav class='tabs' aria-label='Parts of the services'>
        <a href={hrefOf('/dashboard/services')} aria-current={isHost ? undefined : 'page'}>Requests</a>
        <a href={hrefOf('/dashboard/services', { tab: 'host' })} aria-current={isHost ? 'page' : undefined}>Host and process</a>
      </nav>
      {isHost ? <Host rules={rules.data} /> : <Requests latency={latency} />}
    </div>
  )
}

function Requests ({ latency }: { latency: RuleView | undefined }): JSX.Element {
  const snapshot = useResource('snapshot', (signal) => get<MetricsSnapshot>('/metrics/snapshot', {}, { signal }), { everyMs: AGAIN_MS })
  const route = param('route')
  const labels = route === undefined ? {} : { route }
  return (
    <>
      {route === undefined ? null : <p class='row'>Route <code>{route}</code><button type='button' class='button small' onClick={() => setParams({ route: undefined })}>All routes</button></p>}
      <div class='four'>
        <SeriesPanel key={`requests ${route ?? ''}`} title='Requests' series='http_requests' labels={labels} context='in each interval' />
        <SeriesPanel key={`p50 ${route ?? ''}`} title='Latency p50' series='http_latency_p50_ms' labels={labels} context={route ?? 'all routes'} />
        <SeriesPanel key={`p95 ${route ?? ''}`} title='Latency p95' series='http_latency_p95_ms' labels={labels} context={route ?? 'all routes'} rule={latency} />
        <SeriesPanel title='Event loop' series='process_event_loop_lag_ms' context='lag' />
      </div>
      <Panel title='Routes' note='since the start of the service' isRefreshing={false}>
        <Loaded of={snapshot} what='the routes' height={200}>{({ by_route: routes, uptime_seconds: uptime }) => <Routes routes={routes} uptimeSeconds={uptime} limitMs={latency?.levels.warning?.value} />}</Loaded>
      </Panel>
      <Panel title='Newest requests' note='the last 100'>
        <Loaded of={snapshot} what='the requests' height={200}>{({ requests }) => <Recent requests={requests.filter((request) => route === undefined || request.route === route)} />}</Loaded>
      </Panel>
    </>
  )
}

interface RoutesProps {
  routes: readonly RouteSummary[]
  uptimeSeconds: number
  limitMs: number | undefined
}

function Routes ({ routes, uptimeSeconds, limitMs = Infinity }: RoutesProps): JSX.Element {
  const sort = useSignal<Sort>('excess')
  if (routes.length === 0) return <p class='muted'>No request has come yet.</p>
  const head = (name: string, by: Sort): JSX.Element => (
    <th scope='col' class='number' aria-sort={sort.value === by ? 'descending' : 'none'}><button type='button' class='button plain small' onClick={() => { sort.value = by }}>{name}</button></th>
  )
  return (
    <div class='scroll' tabIndex={0} role='region' aria-label='Routes'>
      <table>
        <thead><tr><th scope='col'>Route</th>{head('req/s', 'count')}{head('p50', 'p50')}{head('p95', 'p95')}{head('p99', 'p99')}{head('errors', 'errors')}{head('excess', 'excess')}<th scope='col'>State</th></tr></thead>
        <tbody>
          {inOrder(routes, sort.value, limitMs).map((route) => (
            <tr key={`${route.method} ${route.route}`}>
              <td><a class='mono' href={hrefOf('/dashboard/services', { route: route.route })}>{route.method} {route.route}</a></td>
              <td class='number'>{(route.count / Math.max(uptimeSeconds, 1)).toFixed(2)}</td>
              <td class='number'>{figureText(route.p50_ms, 'ms')}</td>
              <td class='number'><b>{figureText(route.p95_ms, 'ms')}</b></td>
              <td class='number'>{figureText(route.p99_ms, 'ms')}</td>
              <td class='number'>{(route.errors / Math.max(route.count, 1) * 100).toFixed(1)}%</td>
              <td class='number'>{spanText(SORTS.excess(route, limitMs))}</td>
              <td>{(route.p95_ms ?? 0) > limitMs ? <Badge tone='warning'>Over</Badge> : <Badge tone='healthy'>Fine</Badge>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Recent ({ requests }: { requests: MetricsSnapshot['requests'] }): JSX.Element {
  if (requests.length === 0) return <p class='muted'>None of the newest requests were of this route.</p>
  return (
    <div class='scroll tall' tabIndex={0} role='region' aria-label='Newest requests'>
      <table>
        <thead><tr><th scope='col'>Time</th><th scope='col'>Route</th><th scope='col' class='number'>Status</th><th scope='col' class='number'>Took</th></tr></thead>
        <tbody>
          {requests.map(({ time, method, route, status_code: status, latency_ms: ms }, at) => (
            <tr key={at}><td>{clockText(Date.parse(time))}</td><td class='mono'>{method} {route}</td><td class='number'>{status}</td><td class='number'>{figureText(ms, 'ms')}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const HOST = [
  { title: 'CPU', series: 'host_cpu_percent', context: 'host', rule: 'builtin-cpu' },
  { title: 'Memory', series: 'host_memory_percent', context: 'host', rule: 'builtin-memory' },
  { title: 'Load', series: 'host_load1', context: 'over a minute', rule: '' },
  { title: 'Swap', series: 'host_swap_percent', context: 'host', rule: '' },
  { title: 'Process CPU', series: 'process_cpu_percent', context: 'this service, of one core', rule: '' },
  { title: 'Process memory', series: 'process_rss_bytes', context: 'this service', rule: '' },
  { title: 'Heap', series: 'process_heap_bytes', context: 'this service', rule: '' },
  { title: 'Open files', series: 'process_open_fds', context: 'this service', rule: '' }
] as const

function Host ({ rules }: { rules: readonly RuleView[] | undefined }): JSX.Element {
  return <div class='four'>{HOST.map((one) => <SeriesPanel key={one.series} {...one} rule={rules?.find(({ id }) => id === one.rule)} />)}</div>
}
