import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { RouteTraffic, Traffic } from '../../../schemas/traffic.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { pageHref, param, setParams } from '../../core/router.ts'
import type { SeriesPoints } from '../../core/series.ts'
import { clockText, fullText, range } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { SeriesPanel, SeriesView } from '../../ui/series-panel.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { HeatMap } from './heat-map.tsx'
import { inOrder, routeOf, type Sort } from './routes.ts'

const FIRST_ROUTES = 10
const TONES = { fine: 'calm', over: 'warning', failing: 'critical' } as const

/** How requests go: all of them, or those to the route of the address. */
export function Requests ({ latency }: { latency: RuleView | undefined }): JSX.Element {
  const { from, to } = range.value
  const route = routeOf(param('route'))
  const traffic = useResource(`${from} ${to} ${param('route') ?? ''}`, (signal) => get<Traffic>('/services', { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...route }, { signal }))
  const isRefreshing = traffic.isLoading && traffic.data !== undefined
  return (
    <>
      {route === undefined ? null : <Chosen {...route} />}
      {route === undefined ? <AllCharts traffic={traffic} latency={latency} /> : <RouteCharts route={route} latency={latency} />}
      <Panel title='Routes' note='percentiles are the mean of the looks in the range' isRefreshing={isRefreshing}>
        <Loaded of={traffic} what='the routes' height={200}>{({ routes }) => <Routes routes={routes} chosen={param('route')} />}</Loaded>
      </Panel>
      <Panel title='Latency distribution' note={`every request ${route === undefined ? '' : 'of this route '}in the range, fuller is more`} isRefreshing={isRefreshing}>
        <Loaded of={traffic} what='the distribution' height={160}>{({ heat, heat_times: times, to: end }) => <HeatMap heat={heat} times={times} to={end} isOfRoute={route !== undefined} />}</Loaded>
      </Panel>
      <Panel title='Slowest recent requests' note='of the newest 1,000 to the service' isRefreshing={isRefreshing}>
        <Loaded of={traffic} what='the requests' height={200}>{({ slowest }) => <Slowest requests={slowest} />}</Loaded>
      </Panel>
    </>
  )
}

function Chosen ({ method, route }: { method: string, route: string }): JSX.Element {
  return (
    <p class='row'>
      Route <code>{method} {route}</code>
      <a class='button small' href={pageHref('/dashboard/events', { q: `meta.route:${JSON.stringify(route)}` })}>Its events</a>
      <button type='button' class='button small' onClick={() => setParams({ route: undefined })}>All routes</button>
    </p>
  )
}

function AllCharts ({ traffic, latency }: { traffic: Resource<Traffic>, latency: RuleView | undefined }): JSX.Element {
  const [rate, errors] = useMemo(() => [courseOf(traffic.data, '/s', ({ per_second: rate }) => rate), courseOf(traffic.data, 'percent', ({ requests, server_errors: failed }) => failed / requests * 100)], [traffic.data])
  return (
    <div class='four'>
      <Course title='Requests' traffic={traffic} points={rate} context='all routes' />
      <SeriesPanel title='Latency p95' series='http_latency_p95_ms' labels={{}} context='all routes' rule={latency} />
      <Course title='Errors' traffic={traffic} points={errors} context='answered 500 or above' />
      <SeriesPanel title='Event loop' series='process_event_loop_lag_ms' context='lag, p99' />
    </div>
  )
}

/** One of the two charts that come with the routes, in each of their states. */
function Course ({ title, traffic, points, context }: { title: string, traffic: Resource<Traffic>, points: SeriesPoints, context: string }): JSX.Element {
  const fault = <Loaded of={traffic} what={title.toLowerCase()} height={150}>{() => null}</Loaded>
  if (traffic.data === undefined) return <Panel title={title}>{fault}</Panel>
  return <SeriesView title={title} points={points} context={context} isRefreshing={traffic.isLoading} fault={fault} />
}

function courseOf (traffic: Traffic | undefined, unit: string, valueOf: (column: Traffic['course'][number]) => number): SeriesPoints {
  const course = traffic?.course ?? []
  const [first, second] = (traffic?.heat_times ?? []).slice(1).map((time) => Date.parse(time))
  return { times: course.map(({ time }) => Date.parse(time)), values: course.map(valueOf), unit, stepMs: (second ?? 0) - (first ?? 0) }
}

function RouteCharts ({ route, latency }: { route: { method: string, route: string }, latency: RuleView | undefined }): JSX.Element {
  const key = `${route.method} ${route.route}`
  return (
    <div class='four'>
      <SeriesPanel key={`requests ${key}`} title='Requests' series='http_requests' labels={route} context='in each look' />
      <SeriesPanel key={`p50 ${key}`} title='Latency p50' series='http_latency_p50_ms' labels={route} context={route.route} />
      <SeriesPanel key={`p95 ${key}`} title='Latency p95' series='http_latency_p95_ms' labels={route} context={route.route} rule={latency} />
      <SeriesPanel key={`p99 ${key}`} title='Latency p99' series='http_latency_p99_ms' labels={route} context={route.route} />
    </div>
  )
}

function Routes ({ routes, chosen }: { routes: readonly RouteTraffic[], chosen: string | undefined }): JSX.Element {
  const sort = useSignal<Sort>('excess')
  const isAll = useSignal(false)
  if (routes.length === 0) return <p class='muted'>No request came in this range.</p>
  const head = (name: string, by: Sort, isWide = true): JSX.Element => (
    <th scope='col' class={`number${isWide ? ' wide' : ''}`} aria-sort={sort.value === by ? 'descending' : 'none'}><button type='button' class='button plain small' onClick={() => { sort.value = by }}>{name}</button></th>
  )
  return (
    <div class='scroll' tabIndex={0} role='region' aria-label='Routes'>
      <table>
        <thead><tr><th scope='col'>Route</th>{head('req/s', 'count')}{head('p50', 'p50')}{head('p95', 'p95', false)}{head('p99', 'p99')}{head('5xx', 'errors', false)}{head('excess', 'excess')}<th scope='col' class='wide'>p95 over the range</th><th scope='col'>State</th></tr></thead>
        <tbody>
          {inOrder(routes, sort.value).slice(0, isAll.value ? routes.length : FIRST_ROUTES).map((one) => {
            const { method, route, per_second: rate, p50_ms: p50, p95_ms: p95, p99_ms: p99, server_errors: failed, count, excess_ms: excess, trend, state } = one
            const key = `${method} ${route}`
            return (
              <tr key={key} class={key === chosen ? 'chosen' : ''}>
                <td><a class='mono' data-row href={pageHref('/dashboard/services', { route: key })} aria-current={key === chosen ? 'true' : undefined}>{key}</a></td>
                <td class='number wide'>{rateText(rate)}</td>
                <td class='number wide'>{figureText(p50, 'ms')}</td>
                <td class='number'><b>{figureText(p95, 'ms')}</b></td>
                <td class='number wide'>{figureText(p99, 'ms')}</td>
                <td class='number'>{failed === 0 ? '0%' : `${(failed / count * 100).toFixed(1)}%`}</td>
                <td class='number wide'>{excess === 0 ? '–' : spanText(excess)}</td>
                <td class='wide'>{trend.length === 0 ? null : <Trend values={trend} tone={TONES[state]} />}</td>
                <td>{state === 'fine' ? <Badge tone='healthy'>Fine</Badge> : <Badge tone={TONES[state]}>{state === 'over' ? 'Over' : 'Failing'}</Badge>}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {routes.length > FIRST_ROUTES ? <p class='row more'><button type='button' class='button plain small' aria-expanded={isAll.value} onClick={() => { isAll.value = !isAll.value }}>{isAll.value ? 'Show the first ten' : `Show all ${countText(routes.length)} routes`}</button></p> : null}
    </div>
  )
}

function Trend ({ values, tone }: { values: RouteTraffic['trend'], tone: 'calm' | 'warning' | 'critical' }): JSX.Element {
  const most = values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0) * 1.1
  return <Sparkline times={values.map((_, at) => at)} values={values} from={0} to={Math.max(values.length - 1, 1)} most={most} tone={tone} />
}

function rateText (perSecond: number): string {
  if (perSecond < 0.01) return 'under 0.01'
  return perSecond < 10 ? perSecond.toFixed(2) : countText(Math.round(perSecond))
}

function Slowest ({ requests }: { requests: Traffic['slowest'] }): JSX.Element {
  if (requests.length === 0) return <p class='muted'>None of the newest requests were of this route.</p>
  return (
    <div class='scroll tall' tabIndex={0} role='region' aria-label='Slowest recent requests'>
      <table>
        <thead><tr><th scope='col'>Time</th><th scope='col'>Route</th><th scope='col' class='number'>Status</th><th scope='col' class='number'>Took</th></tr></thead>
        <tbody>
          {requests.map(({ time, method, route, status_code: status, latency_ms: ms }, at) => (
            <tr key={at}><td title={fullText(Date.parse(time))}>{clockText(Date.parse(time))}</td><td class='mono'>{method} {route}</td><td class='number'>{status}</td><td class='number'>{figureText(ms, 'ms')}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
