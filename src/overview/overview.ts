import type { Alert } from '../../schemas/alert.ts'
import type { Histogram } from '../../schemas/event-query.ts'
import type { Change, Lane, Overview as Answer, OverviewQuery, Stored } from '../../schemas/overview.ts'
import type { RuleView } from '../../schemas/rule.ts'
import type { SeriesData } from '../../schemas/sample.ts'
import type { Alerts } from '../alerting/alerts.ts'
import type { RuleBook } from '../alerting/rule-book.ts'
import { isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { inOrderOfWeight, judge } from '../core/verdict.ts'
import type { SampleData } from '../demo/sample-data.ts'
import type { EventQueries } from '../events/event-queries.ts'
import { readRange, type SeriesQueries } from '../numbers/series-queries.ts'
import { parseQuery } from '../query/parse.ts'
import type { Space } from '../store/hot/files/free-space.ts'
import type { ServiceCount } from '../store/hot/events/service-counts.ts'
import { happenings, serviceChanges } from './changes.ts'
import { Incidents, type IncidentParts } from './incidents.ts'
import { countBars, measuredBars } from './lanes.ts'

interface OverviewParts extends IncidentParts {
  events: Pick<EventQueries, 'histogram' | 'page'>
  series: Pick<SeriesQueries, 'data'>
  alerts: Pick<Alerts, 'list' | 'get'>
  rules: Pick<RuleBook, 'list'>
  space: () => Space
  sampleData: Pick<SampleData, 'look'>
}

interface Range {
  from: number
  to: number
}

const HOUR_MS = 3_600_000
const BINS = 72
const POINTS = 240
const EVENT_BINS = 120
const MOST_ALERTS = 200
const MOST_CHANGES = 8
const MOST_OF_A_KIND = 5
const NEWEST = 7
const ERRORS = 'level>=error'
/** Of what a search has to find in the rows, the first page does not wait longer. */
const SEARCH_MS = 1_000
const SEARCHED_MS = 24 * HOUR_MS
const DEPLOYS = parseQuery('type:DEPLOY')
const RESTARTS = parseQuery('type:RESTART')
const SET = ['setting.update', 'threshold.update', 'rule.create', 'rule.update', 'rule.delete']
const CHARTS = [
  { lane: 'Latency p95', series: 'http_latency_p95_ms', rule: 'builtin-latency-p95' },
  { lane: 'CPU', series: 'host_cpu_percent', rule: 'builtin-cpu' },
  { lane: 'Memory', series: 'host_memory_percent', rule: 'builtin-memory' }
] as const

/** Puts together what the first page shows: what is wrong, since when, and what changed. */
export class Overview {
  readonly #parts: OverviewParts
  readonly #incidents: Incidents

  constructor (parts: OverviewParts) {
    this.#parts = parts
    this.#incidents = new Incidents(parts)
  }

  /** The last hour, unless the query says otherwise. */
  async of ({ from, to, bins = BINS, max_points: points = POINTS }: OverviewQuery, signal: AbortSignal): Promise<Answer> {
    const { rules, clock, events, sampleData } = this.#parts
    const range = readRange({ from, to }, { now: clock.now(), defaultMs: HOUR_MS })
    const before = { from: range.from - (range.to - range.from), to: range.from }
    const known = rules.list()
    const [open, charts, errors, counts, services, changes, stored, newest, sample] = await Promise.all([
      this.#open(),
      this.#charts(range, points, signal),
      this.#errorLane(range, before, { bins, signal }),
      this.#histogram('', range, EVENT_BINS, signal),
      this.#services(range, before, signal),
      this.#happened(range, signal),
      this.stored(signal),
      events.page({ limit: NEWEST, total: 'none' }, signal),
      sampleData.look()
    ])
    return {
      from: isoTime(range.from),
      to: isoTime(range.to),
      verdict: judge(open.alerts, known),
      ...open,
      incidents: await this.#incidents.of(open.alerts, { rules: known, happened: changes, signal }),
      rules: known,
      lanes: [errors, ...charts.map((chart) => laneOf(chart, known, errors.bars.map(({ time }) => Date.parse(time))))],
      charts: charts.map(({ rule, data }) => ({ rule, ...data })),
      events: {
        bin_ms: counts.bin_ms,
        bins: counts.bins.map(({ time, total }) => ({ time, total })),
        ...sumsOf(services.now),
        before: sumsOf(services.before)
      },
      newest: newest.events,
      changes: [...serviceChanges(services.now, services.before), ...changes].slice(0, MOST_CHANGES),
      stored,
      sample_data: sample
    }
  }

  /** What there is in the store. */
  async stored (signal: AbortSignal): Promise<Stored> {
    const services = await this.#parts.store.read('countByService', { from: 0, to: Date.UTC(2201, 0, 1) }, { timeoutMs: this.#parts.timeoutMs, signal })
    const { total } = sumsOf(services)
    return { events: total, services: services.filter(({ service }) => service !== '').length, bytes: this.#parts.space().storeBytes }
  }

  async #open (): Promise<{ alerts: Alert[], last: Alert | null }> {
    const { alerts } = this.#parts
    const [open, ended] = await Promise.all([alerts.list({ state: 'pending,firing', limit: MOST_ALERTS }), alerts.list({ state: 'resolved', limit: 1 })])
    return { alerts: inOrderOfWeight(open.alerts), last: ended.alerts[0] ?? null }
  }

  /** Those that there are: before the first request there is no latency. */
  async #charts (range: Range, points: number, signal: AbortSignal): Promise<Chart[]> {
    const charts = CHARTS.map(async ({ lane, series, rule }) => ({ lane, rule, data: await this.#series(series, range, points, signal) }))
    return (await Promise.all(charts)).flatMap(({ lane, rule, data }) => data === undefined ? [] : [{ lane, rule, data }])
  }

  async #series (name: string, range: Range, points: number, signal: AbortSignal): Promise<SeriesData | undefined> {
    try {
      return await this.#parts.series.data({ name, labels: '{}', ...timesOf(range), max_points: points }, signal)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined
      throw error
    }
  }

  async #errorLane (range: Range, before: Range, { bins, signal }: { bins: number, signal: AbortSignal }): Promise<Lane> {
    const [now, past] = await Promise.all([this.#histogram(ERRORS, range, bins, signal), this.#histogram(ERRORS, before, bins, signal)])
    const told = now.bins.reduce((sum, { total }) => sum + total, 0)
    return { name: 'Log errors', unit: null, query: ERRORS, told, ...countBars(now.bins, past.bins.map(({ total }) => total)) }
  }

  #histogram (q: string, range: Range, bins: number, signal: AbortSignal): Promise<Histogram> {
    return this.#parts.events.histogram({ q, ...timesOf(range), bins }, signal)
  }

  async #services (range: Range, before: Range, signal: AbortSignal): Promise<{ now: ServiceCount[], before: ServiceCount[] }> {
    const read = (one: Range): Promise<ServiceCount[]> => this.#parts.store.read('countByService', { from: one.from, to: one.to - 1 }, { timeoutMs: this.#parts.timeoutMs, signal })
    const [now, past] = await Promise.all([read(range), read(before)])
    return { now, before: past }
  }

  /** Of a long range its last day. */
  async #happened ({ from, to }: Range, signal: AbortSignal): Promise<Change[]> {
    const { store, rules } = this.#parts
    const known = rules.list()
    const range = { from: Math.max(from, to - SEARCHED_MS), to }
    const options = { timeoutMs: SEARCH_MS, signal }
    const [deploys, restarts, audited] = await Promise.all([
      inTime(store.read('newestReceived', { where: DEPLOYS, received: range, limit: MOST_OF_A_KIND }, options)),
      inTime(store.read('newestReceived', { where: RESTARTS, received: range, limit: MOST_OF_A_KIND }, options)),
      store.read('listAudit', { ...range, actor: undefined, actions: SET, before: undefined, limit: MOST_OF_A_KIND }, options)
    ])
    return happenings({ deploys, restarts, audited, nameOf: (id) => known.find((rule) => rule.id === id)?.name ?? id })
  }
}

interface Chart {
  lane: string
  rule: string
  data: SeriesData
}

function laneOf ({ lane: name, rule, data: { unit, points } }: Chart, rules: readonly RuleView[], starts: readonly number[]): Lane {
  const levels = rules.find(({ id }) => id === rule)?.levels
  return { name, unit, told: points.at(-1)?.avg ?? null, usual: null, bars: measuredBars(points.map(({ t, max }) => ({ time: Date.parse(t), max })), starts, levels) }
}

function sumsOf (services: readonly ServiceCount[]): { total: number, errors: number } {
  return { total: services.reduce((sum, { total }) => sum + total, 0), errors: services.reduce((sum, { errors }) => sum + errors, 0) }
}

function timesOf ({ from, to }: Range): { from: string, to: string } {
  return { from: isoTime(from), to: isoTime(to) }
}

/** Nothing where it takes too long. */
async function inTime<T> (search: Promise<T[]>): Promise<T[]> {
  try {
    return await search
  } catch (error) {
    if (error instanceof AppError && error.code === 'timeout') return []
    throw error
  }
}
