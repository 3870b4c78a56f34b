import type { Alert } from '../../schemas/alert.ts'
import type { Change, Incident } from '../../schemas/overview.ts'
import type { RuleView } from '../../schemas/rule.ts'
import type { Alerts } from '../alerting/alerts.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { thingsOf } from '../core/verdict.ts'
import type { EventQueries } from '../events/event-queries.ts'
import type { Store } from '../store/store.ts'
import { COURSE_BINS, COURSE_MS, excessOf, incidentOf, queryOf, type Excess } from './incident.ts'
import { binned } from './lanes.ts'

export interface IncidentParts {
  store: Pick<Store, 'read'>
  clock: Clock
  events: Pick<EventQueries, 'histogram'>
  alerts: Pick<Alerts, 'get'>
  timeoutMs: number
}

const MOST_INCIDENTS = 4
const LATENCY = 'http_latency_p95_ms'

/** Reads what is known of the things that fire: their course, the route behind it, and what happened just before. */
export class Incidents {
  readonly #parts: IncidentParts

  constructor (parts: IncidentParts) {
    this.#parts = parts
  }

  /** Of the gravest four, in the order of the alerts; `happened` is what may have been their cause. */
  async of (open: readonly Alert[], given: { rules: readonly RuleView[], happened: readonly Change[], signal: AbortSignal }): Promise<Incident[]> {
    const things = thingsOf(open).slice(0, MOST_INCIDENTS)
    const others = things.flat()
    const found = await Promise.all(things.map((thing) => this.#incident(thing, { ...given, others })))
    return found.filter((incident) => incident !== undefined)
  }

  async #incident (thing: readonly Alert[], { rules, happened, others, signal }: { rules: readonly RuleView[], happened: readonly Change[], others: readonly Alert[], signal: AbortSignal }): Promise<Incident | undefined> {
    const [first] = thing
    if (first === undefined) return undefined
    const rule = rules.find(({ id }) => id === first.rule.id)
    const to = this.#parts.clock.now()
    const [bars, routes, file] = await Promise.all([
      rule === undefined ? [] : this.#course(rule, first.labels, { to, signal }),
      this.#excess(first, rule, { to, signal }),
      this.#parts.alerts.get(first.id)
    ])
    return incidentOf({ thing, rule, file, bars, to, routes, happened, others })
  }

  /** Half an hour of what a rule looks at. */
  async #course (rule: RuleView, labels: Alert['labels'], { to, signal }: { to: number, signal: AbortSignal }): Promise<Array<number | null>> {
    const range = { from: to - COURSE_MS, to }
    const query = queryOf(rule)
    if (query !== undefined) return (await this.#parts.events.histogram({ q: query, from: isoTime(range.from), to: isoTime(to), bins: COURSE_BINS }, signal)).bins.map(({ total }) => total)
    if (!('metric' in rule.signal)) return []
    const wanted = { ...rule.signal.labels, ...Object.fromEntries((rule.group_by ?? []).map((name) => [name, labels[name] ?? ''])) }
    const own = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''))
    const found = await this.#parts.store.read('seriesPoints', { name: rule.signal.metric, labels: own, range, binMs: COURSE_MS / COURSE_BINS }, { timeoutMs: this.#parts.timeoutMs, signal })
    return found === undefined ? [] : binned(found.points, Array.from({ length: COURSE_BINS }, (_, at) => range.from + at * COURSE_MS / COURSE_BINS))
  }

  async #excess (alert: Alert, rule: RuleView | undefined, { to, signal }: { to: number, signal: AbortSignal }): Promise<Excess[]> {
    if (alert.limit === null || rule === undefined || !('metric' in rule.signal) || rule.signal.metric !== LATENCY) return []
    const windowMs = Math.min(Math.max(to - Date.parse(alert.started_at), 60_000), COURSE_MS)
    const request = { labels: {}, windowMs, groupBy: ['method', 'route'] }
    const values = await this.#parts.store.read('seriesValues', {
      now: to, requests: [{ ...request, name: LATENCY, aggregate: 'avg' }, { ...request, name: 'http_requests', aggregate: 'sum' }]
    }, { timeoutMs: this.#parts.timeoutMs, signal })
    return excessOf(values, alert.limit)
  }
}
