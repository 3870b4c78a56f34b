import type { RouteTraffic, Traffic as Answer, TrafficQuery } from '../../schemas/traffic.ts'
import type { RuleBook } from '../alerting/rule-book.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { cutBins, binStarts } from '../core/time-bins.ts'
import { LATENCY_BOUNDS_MS, type RequestMetrics } from '../metrics/requests.ts'
import { readRange } from '../numbers/series-queries.ts'
import type { ReadValue, Store } from '../store/store.ts'
import { binned } from './lanes.ts'

interface TrafficParts {
  store: Pick<Store, 'read'>
  clock: Clock
  rules: Pick<RuleBook, 'known'>
  requests: Pick<RequestMetrics, 'slowest'>
  timeoutMs: number
}

interface Range {
  from: number
  to: number
}

/** Columns of the range, with the times at which they begin. */
interface Columns extends Range {
  binMs: number
  starts: number[]
}

type Labels = Readonly<Record<string, string>>
type Values = ReadValue<'seriesValues'>[number]

const HOUR_MS = 3_600_000
const BINS = 60
const RULE = 'builtin-latency-p95'
const TREND_BINS = 30
const MOST_TRENDS = 20
const SLOWEST = 12
/** More server errors than this share are failing. */
const FAILING = 0.05
const BY_ROUTE = ['method', 'route']
const MORE = 'more'

/** Tells of the requests to the service: by route, over time, and how long they took. */
export class Traffic {
  readonly #parts: TrafficParts

  constructor (parts: TrafficParts) {
    this.#parts = parts
  }

  /** The last hour, unless the query says otherwise. */
  async of ({ from, to, method, route, bins = BINS }: TrafficQuery, signal: AbortSignal): Promise<Answer> {
    const { clock, requests } = this.#parts
    const range = readRange({ from, to }, { now: clock.now(), defaultMs: HOUR_MS })
    const columns = columnsOf(range, bins)
    const limitMs = this.#limitMs()
    const chosen = method === undefined || route === undefined ? undefined : { method, route }
    const [routes, counts, failed, heat] = await Promise.all([
      this.#routes(range, limitMs, signal),
      this.#sums('http_requests', {}, columns, signal),
      this.#sums('http_server_errors', {}, columns, signal),
      Promise.all([...LATENCY_BOUNDS_MS, null].map(async (bound) => ({
        up_to_ms: bound, counts: await this.#sums('http_requests_by_latency', { ...chosen, up_to_ms: bound === null ? MORE : String(bound) }, columns, signal)
      })))
    ])
    return {
      from: isoTime(range.from),
      to: isoTime(range.to),
      limit_ms: limitMs ?? null,
      routes,
      course: columns.starts.flatMap((time, at) => {
        const count = counts[at] ?? 0
        return count === 0 ? [] : [{ time: isoTime(time), requests: count, per_second: count * 1_000 / columns.binMs, server_errors: failed[at] ?? 0 }]
      }),
      heat,
      heat_times: columns.starts.map(isoTime),
      slowest: requests.slowest(SLOWEST, chosen)
    }
  }

  #limitMs (): number | undefined {
    return this.#parts.rules.known(RULE)?.rule.levels.warning?.value
  }

  async #routes (range: Range, limitMs: number | undefined, signal: AbortSignal): Promise<RouteTraffic[]> {
    const { store, timeoutMs } = this.#parts
    const request = { labels: {}, windowMs: Math.max(range.to - range.from, 1), groupBy: BY_ROUTE }
    const [p50 = [], p95 = [], p99 = [], counts = [], failed = []] = await store.read('seriesValues', {
      now: range.to,
      requests: [
        { ...request, name: 'http_latency_p50_ms', aggregate: 'avg' }, { ...request, name: 'http_latency_p95_ms', aggregate: 'avg' }, { ...request, name: 'http_latency_p99_ms', aggregate: 'avg' },
        { ...request, name: 'http_requests', aggregate: 'sum' }, { ...request, name: 'http_server_errors', aggregate: 'sum' }
      ]
    }, { timeoutMs, signal })
    const routes = counts.filter(({ labels }) => labels['route'] !== '').map(({ labels, value: count }): RouteTraffic => {
      const [ms, errors] = [valueOf(p95, labels), valueOf(failed, labels)]
      return {
        method: labels['method'] ?? '',
        route: labels['route'] ?? '',
        count,
        per_second: count * 1_000 / request.windowMs,
        p50_ms: valueOf(p50, labels),
        p95_ms: ms,
        p99_ms: valueOf(p99, labels),
        server_errors: errors,
        excess_ms: Math.max(ms - (limitMs ?? Infinity), 0) * count,
        trend: [],
        state: errors > count * FAILING ? 'failing' : limitMs !== undefined && ms > limitMs ? 'over' : 'fine'
      }
    }).sort((a, b) => b.excess_ms - a.excess_ms || b.count - a.count)
    return Promise.all(routes.map(async (route, at) => at < MOST_TRENDS ? { ...route, trend: await this.#trend(route, range, signal) } : route))
  }

  async #trend ({ method, route }: Pick<RouteTraffic, 'method' | 'route'>, range: Range, signal: AbortSignal): Promise<Array<number | null>> {
    const { binMs, starts } = columnsOf(range, TREND_BINS)
    const found = await this.#parts.store.read('seriesPoints', { name: 'http_latency_p95_ms', labels: { method, route }, range, binMs }, { timeoutMs: this.#parts.timeoutMs, signal })
    return binned(found?.points ?? [], starts)
  }

  /** How much there is in each column. */
  async #sums (name: string, labels: Labels, { from, to, binMs, starts }: Columns, signal: AbortSignal): Promise<number[]> {
    const found = await this.#parts.store.read('seriesPoints', { name, labels, range: { from, to }, binMs }, { timeoutMs: this.#parts.timeoutMs, signal })
    const sums = starts.map(() => 0)
    for (const { time, sum } of found?.points ?? []) {
      const at = Math.max(starts.findLastIndex((start) => start <= time), 0)
      sums[at] = (sums[at] ?? 0) + sum
    }
    return sums
  }
}

function columnsOf ({ from, to }: Range, bins: number): Columns {
  const grid = cutBins(from, to - 1, bins)
  return { from, to, binMs: grid.binMs, starts: binStarts(grid, { from, to: to - 1 }) }
}

function valueOf (values: Values, labels: Labels): number {
  return values.find((one) => BY_ROUTE.every((name) => one.labels[name] === labels[name]))?.value ?? 0
}
