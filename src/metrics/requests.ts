import type { RecentRequest, RequestTotals, RouteSummary } from '../../schemas/metrics.ts'
import { Gauge, Histogram, OTHER, type Exported, type HistogramSeries } from './family.ts'
import { Sketch } from './percentile-sketch.ts'

export const OUTCOMES = ['completed', 'aborted', 'shed'] as const
export type Outcome = typeof OUTCOMES[number]

/** Routes of requests that reached none: the path is unknown, or the bytes were no request. */
export const UNMATCHED = '(unmatched)'
export const MALFORMED = '(malformed)'
const RESERVED_ROUTES = [UNMATCHED, MALFORMED]

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', OTHER] as const
type Method = typeof METHODS[number]

/** What is known of a request when it is over. */
export interface Observation {
  /** The template of the route, never the path. */
  readonly route: string
  readonly method: string
  readonly statusCode: number
  readonly outcome: Outcome
  /** Until the headers were sent, or until it ended without; undefined when nobody saw it begin. */
  readonly seconds: number | undefined
  /** The whole time of an answer that was sent as a stream. */
  readonly streamSeconds: number | undefined
}

export interface Quantiles {
  count: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  /** Answered with a status of 500 or above. */
  serverErrors: number
}

/** `byLatency` counts those between the LATENCY_BOUNDS_MS, and beyond. */
export interface Distribution extends Quantiles {
  byLatency: readonly number[]
}

export interface Latencies {
  /** Of all routes together; undefined when there was no request. */
  all: Distribution | undefined
  routes: Array<Distribution & { route: string, method: string }>
}

export interface RequestMetricsOptions {
  /** Routes that are told apart; further ones are `(other)`. */
  maxRoutes?: number
  /** Seconds. */
  buckets?: readonly number[]
}

/** The limits of the built-in rules, 100 and 500 ms, are bounds, so that a share beyond them is exact. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
/** What the distribution of latencies over time is kept by: a step is two to two and a half times the one before. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const
/** The same in seconds. */
const LATENCY_BOUNDS = LATENCY_BOUNDS_MS.map((ms) => ms / 1_000)
const STREAM_BUCKETS = [0.1, 1, 10, 60, 300, 900, 3600, 14_400, 86_400] as const
const MAX_ROUTES = 100
const MAX_STATUSES = 60
const RECENT = 1_000
const NEWEST = 100

/** Counts requests by route, method, status and outcome, with their latency: for Prometheus, and as percentiles. */
export class RequestMetrics {
  readonly durations
  readonly streams
  readonly inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests that have begun and are not over.', labels: {} })
  readonly #open = this.inFlight.at({})
  readonly #routes: RouteMetrics[] = []
  readonly #byMethod = new Map<string, Map<string, RouteMetrics>>()
  readonly #recent = new Ring(RECENT)

  constructor ({ maxRoutes = MAX_ROUTES, buckets = LATENCY_BUCKETS }: RequestMetricsOptions = {}) {
    const route = maxRoutes + RESERVED_ROUTES.length
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from a request to the headers of its answer, or to its end when it got none. What was malformed counts as 0.',
      labels: { method: METHODS, route, status_code: MAX_STATUSES, outcome: OUTCOMES },
      buckets
    })
    this.streams = new Histogram({
      name: 'http_stream_seconds',
      help: 'Whole time of answers that were sent as a stream.',
      labels: { method: METHODS, route, outcome: OUTCOMES },
      buckets: STREAM_BUCKETS
    })
    for (const name of RESERVED_ROUTES) this.durations.valueOf('route', name)
  }

  /** Shows the histogram of a route before its first request, at 0, so that the first scrape has it and rates have a beginning. */
  expect ({ route, method }: Pick<Observation, 'route' | 'method'>): void {
    this.durations.at({ method: methodOf(method), route: this.durations.valueOf('route', route), status_code: '200', outcome: 'completed' })
  }

  /** Must be followed by `end`. */
  begin (): void {
    this.#open.add(1)
  }

  end (request: Observation): void {
    this.#open.add(-1)
    this.count(request)
  }

  /** Counts a request that did not begin here. */
  count (request: Observation): void {
    const route = this.#routeOf(request.route, request.method)
    route.count(request)
    this.#recent.add(route, request)
  }

  /** Percentiles of the time since the last call, without what was refused for overload: that is quick and tells nothing. */
  takeLatencies (): Latencies {
    const all = new Sketch()
    const routes: Latencies['routes'] = []
    for (const metrics of this.#routes) {
      const { route, method, recent, past } = metrics
      if (recent.count === 0) continue
      routes.push({ route, method, ...distributionOf(recent), serverErrors: metrics.takeServerErrors() })
      all.merge(recent)
      past.merge(recent)
      recent.clear()
    }
    if (all.count === 0) return { all: undefined, routes }
    const serverErrors = sum(routes.map((route) => route.serverErrors))
    return { all: { ...distributionOf(all), serverErrors }, routes }
  }

  totals (): RequestTotals {
    const routes = this.#routes.map((route) => route.summary())
    return {
      requests_total: sum(routes.map(({ count }) => count)),
      errors_total: sum(routes.map(({ errors }) => errors)),
      by_status: this.#byStatus(),
      by_route: routes,
      requests: this.#recent.newestFirst().slice(0, NEWEST)
    }
  }

  /** The slowest of the newest thousand, of all routes or of one, slowest first. */
  slowest (count: number, of?: { method: string, route: string }): RecentRequest[] {
    const wanted = this.#recent.newestFirst().filter(({ method, route }) => of === undefined || (of.method === method && of.route === route))
    return wanted.toSorted((a, b) => (b.latency_ms ?? 0) - (a.latency_ms ?? 0)).slice(0, count)
  }

  /** Everything as Prometheus text, for a program that has no other metrics or joins the texts. */
  text (): string {
    return this.families.flatMap((family) => [...family.pieces()]).join('')
  }

  get families (): readonly Exported[] {
    return [this.durations, this.streams, this.inFlight]
  }

  #byStatus (): Record<string, number> {
    const byStatus: Record<string, number> = {}
    for (const { tallies } of this.#routes) {
      for (const { statusCode, count } of tallies.values()) byStatus[statusCode] = (byStatus[statusCode] ?? 0) + count
    }
    return byStatus
  }

  #routeOf (route: string, method: string): RouteMetrics {
    return this.#known(route, method) ?? this.#named(this.durations.valueOf('route', route), methodOf(method))
  }

  #named (route: string, method: Method): RouteMetrics {
    const known = this.#known(route, method)
    if (known !== undefined) return known
    const made = new RouteMetrics(route, method, this)
    const ofMethod = this.#byMethod.get(method) ?? new Map<string, RouteMetrics>()
    this.#byMethod.set(method, ofMethod.set(route, made))
    this.#routes.push(made)
    return made
  }

  #known (route: string, method: string): RouteMetrics | undefined {
    return this.#byMethod.get(method)?.get(route)
  }
}

interface Tally {
  statusCode: number
  outcome: Outcome
  count: number
  series: HistogramSeries
}

/** What was counted of one route and method. */
class RouteMetrics {
  readonly route: string
  readonly method: Method
  readonly tallies = new Map<number, Tally>()
  /** Latencies since they were last taken, and those before. */
  readonly recent = new Sketch()
  readonly past = new Sketch()
  readonly #families: Pick<RequestMetrics, 'durations' | 'streams'>
  #seconds = 0
  #serverErrors = 0

  constructor (route: string, method: Method, families: Pick<RequestMetrics, 'durations' | 'streams'>) {
    this.route = route
    this.method = method
    this.#families = families
  }

  count ({ statusCode, outcome, seconds, streamSeconds }: Observation): void {
    const tally = this.#tallyOf(statusCode, outcome)
    tally.count++
    tally.series.observe(seconds ?? 0)
    if (streamSeconds !== undefined) this.#families.streams.at({ method: this.method, route: this.route, outcome }).observe(streamSeconds)
    if (seconds === undefined || outcome === 'shed') return
    this.recent.add(seconds)
    if (statusCode >= 500) this.#serverErrors++
    this.#seconds += seconds
  }

  /** Since they were last taken. */
  takeServerErrors (): number {
    const taken = this.#serverErrors
    this.#serverErrors = 0
    return taken
  }

  summary (): RouteSummary {
    const { route, method } = this
    const tallies = [...this.tallies.values()]
    const count = sum(tallies.map((tally) => tally.count))
    const errors = sum(tallies.filter(({ statusCode }) => statusCode >= 400).map((tally) => tally.count))
    const latencies = new Sketch().merge(this.past).merge(this.recent)
    if (latencies.count === 0) return { route, method, count, errors, avg_ms: null, p50_ms: null, p95_ms: null, p99_ms: null }
    const { p50Ms, p95Ms, p99Ms } = quantilesOf(latencies)
    return { route, method, count, errors, avg_ms: msOf(this.#seconds / latencies.count), p50_ms: p50Ms, p95_ms: p95Ms, p99_ms: p99Ms }
  }

  #tallyOf (statusCode: number, outcome: Outcome): Tally {
    const key = statusCode * OUTCOMES.length + OUTCOMES.indexOf(outcome)
    const known = this.tallies.get(key)
    if (known !== undefined) return known
    const { route, method } = this
    const made = { statusCode, outcome, count: 0, series: this.#families.durations.at({ method, route, status_code: String(statusCode), outcome }) }
    this.tallies.set(key, made)
    return made
  }
}

interface Slot {
  route: RouteMetrics | undefined
  statusCode: number
  seconds: number | undefined
  /** Of the monotonic clock, which costs half of the other. */
  endedAt: number
}

/** The newest requests, in slots that are written again and again. */
class Ring {
  readonly #slots: Slot[]
  #next = 0

  constructor (size: number) {
    this.#slots = Array.from({ length: size }, () => ({ route: undefined, statusCode: 0, seconds: 0, endedAt: 0 }))
  }

  add (route: RouteMetrics, { statusCode, seconds }: Observation): void {
    const slot = this.#slots[this.#next++ % this.#slots.length]
    if (slot === undefined) return
    slot.route = route
    slot.statusCode = statusCode
    slot.seconds = seconds
    slot.endedAt = performance.now()
  }

  newestFirst (): RecentRequest[] {
    const start = this.#next % this.#slots.length
    const began = Date.now() - performance.now()
    return [...this.#slots.slice(start), ...this.#slots.slice(0, start)].reverse().flatMap(({ route, statusCode, seconds, endedAt }) =>
      route === undefined
        ? []
        : [{
            route: route.route,
            method: route.method,
            status_code: statusCode,
            latency_ms: seconds === undefined ? null : msOf(seconds),
            time: new Date(began + endedAt).toISOString()
          }])
  }
}

function quantilesOf (sketch: Sketch): Omit<Quantiles, 'serverErrors'> {
  const at = (q: number): number => msOf(sketch.quantile(q))
  return { count: sketch.count, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}

function distributionOf (sketch: Sketch): Omit<Distribution, 'serverErrors'> {
  return { ...quantilesOf(sketch), byLatency: sketch.countsBetween(LATENCY_BOUNDS) }
}

function methodOf (method: string): Method {
  return METHODS.find((known) => known === method) ?? OTHER
}

/** Ms, to the microsecond. */
function msOf (seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3
}

function sum (values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
