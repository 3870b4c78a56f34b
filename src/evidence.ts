import type { Logger } from 'pino'
import type { CompiledRule } from './rules/compile.ts'
import { labelOf } from './rules/labels.ts'
import type { Need, SeriesNeed } from './rules/signals.ts'
import type { AlertRecord } from './store/alert-rows.ts'
import type { AuditRecord } from './store/audit.ts'
import type { StoredEvent } from './store/event-rows.ts'
import type { Store } from './store/store.ts'
import type { Watch } from './watch.ts'
import { parseQuery } from './query/parse.ts'
import { isoTime, wireEvent } from './wire.ts'

interface Parts {
  store: Pick<Store, 'read'>
  watch: Pick<Watch, 'busiest'>
  log: Pick<Logger, 'warn'>
  timeoutMs: number
  /** When the service started. */
  startedAt: number
}

/** What was going on in the machine; the same for all alerts of one moment. */
interface Surroundings {
  processes: unknown[]
  restarts: unknown[]
  deploys: unknown[]
  changes: unknown[]
}

export type Body = Record<string, unknown>

const EVENTS_SHOWN = 10
const CHANGES_SHOWN = 10
const POINTS_SHOWN = 60
/** How far back a change may lie that had something to do with it. */
const BEFORE_MS = 3_600_000
/** Alerts of one moment that get evidence of their own; in a storm the rest gets what is the same for all. */
const MOST_OF_A_MOMENT = 50
const CHANGES = ['setting.update', 'threshold.update', 'rule.create', 'rule.update', 'rule.delete']
const DEPLOYS = parseQuery('type:DEPLOY')
const RESTARTS = parseQuery('type:RESTART')

/** Collects what an alert was about at the moment of its crossing. What cannot be had is left out: no alert waits for its evidence. */
export class Evidence {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Collects for each alert, by its id. */
  async of (alerts: ReadonlyArray<{ alert: AlertRecord, rule: CompiledRule }>, now: number): Promise<Map<string, Body>> {
    if (alerts.length === 0) return new Map()
    const surroundings = await this.#surroundings(now)
    const bodies = await Promise.all(alerts.map(async ({ alert, rule }, index): Promise<[string, Body]> => {
      const compared = comparison(alert, rule)
      const seen = index < MOST_OF_A_MOMENT ? await this.#seen(alert, rule, now) : {}
      return [alert.id, { compared: { ...compared, ...seen.compared }, ...(seen.events === undefined ? {} : { events: seen.events }), ...surroundings }]
    }))
    return new Map(bodies)
  }

  async #surroundings (now: number): Promise<Surroundings> {
    const { watch, startedAt, store } = this.#parts
    const [processes, deploys, restarts, changes] = await Promise.all([
      this.#orNone(watch.busiest()),
      this.#events(DEPLOYS, { from: now - BEFORE_MS, to: now }),
      this.#events(RESTARTS, { from: now - BEFORE_MS, to: now }),
      this.#orNone(store.read('listAudit', { from: now - BEFORE_MS, to: now, actor: undefined, actions: CHANGES, before: undefined, limit: CHANGES_SHOWN }))
    ])
    const own = now - startedAt < BEFORE_MS ? [{ time: isoTime(startedAt), service: 'bellwether' }] : []
    return {
      processes: processes.map(({ pid, name, cpuPercent, rssBytes }) => ({ pid, name, cpu_percent: rounded(cpuPercent), rss_bytes: rssBytes ?? null })),
      restarts: [...own, ...restarts.map(shown)],
      deploys: deploys.map(shown),
      changes: changes.map(changeShown)
    }
  }

  async #seen (alert: AlertRecord, rule: CompiledRule, now: number): Promise<{ compared?: Body, events?: unknown[] }> {
    const [need] = rule.signal.needs
    if (need === undefined) return {}
    if (need.kind === 'series') return { compared: { points: await this.#points(need, alert, now) } }
    const events = await this.#events(ofGroup(need, alert), { from: now - need.windowMs, to: now })
    return { events: events.map(shown) }
  }

  /** The values of the window, of the series without other labels than those of the rule and the alert. */
  async #points ({ name, labels, windowMs, groupBy }: SeriesNeed, alert: AlertRecord, now: number): Promise<unknown[]> {
    const { store, timeoutMs } = this.#parts
    const group = Object.fromEntries(groupBy.map((label) => [label, labelOf(alert.labels, label)]))
    const wanted = Object.fromEntries(Object.entries({ ...labels, ...group }).filter(([, value]) => value !== ''))
    const binMs = Math.max(1_000, Math.ceil(windowMs / POINTS_SHOWN / 1_000) * 1_000)
    const read = store.read('seriesPoints', { name, labels: wanted, range: { from: now - windowMs, to: now }, binMs }, { timeoutMs })
    const [found] = await this.#orNone(read.then((points) => points === undefined ? [] : [points]))
    return (found?.points ?? []).map(({ time, count, sum }) => ({ time: isoTime(time), value: rounded(sum / count) }))
  }

  #events (where: ReturnType<typeof parseQuery>, received: { from: number, to: number }): Promise<StoredEvent[]> {
    const { store, timeoutMs } = this.#parts
    return this.#orNone(store.read('newestReceived', { where, received, limit: EVENTS_SHOWN }, { timeoutMs }))
  }

  async #orNone<T> (found: Promise<readonly T[]>): Promise<T[]> {
    try {
      return [...await found]
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'a part of the evidence of an alert could not be had')
      return []
    }
  }
}

function comparison ({ value, limit, severity }: AlertRecord, { rule }: CompiledRule): Body {
  const op = severity === null ? undefined : rule.levels[severity]?.op
  const { signal, window, aggregate } = rule
  return { signal, value, limit, level: severity, ...(op === undefined ? {} : { op }), ...(window === undefined ? {} : { window }), ...(aggregate === undefined ? {} : { aggregate }), for: rule.for }
}

/** The query of a count for the group of the alert alone. */
function ofGroup ({ where, groupBy }: Extract<Need, { kind: 'count' }>, { labels }: AlertRecord): ReturnType<typeof parseQuery> {
  const groups = groupBy.filter((name) => labelOf(labels, name) !== '').map((name) => parseQuery(`${name}:${JSON.stringify(labelOf(labels, name))}`))
  const nodes = [where, ...groups].filter((node) => node !== undefined)
  return nodes.length < 2 ? nodes[0] : { kind: 'and', nodes }
}

function shown (event: StoredEvent): Body {
  const { id, time, level, service, type, host, message, trace_id: traceId } = wireEvent(event)
  const fields = Object.entries({ service, type, host, trace_id: traceId }).filter(([, value]) => value !== null)
  return { id, time, level, message: message.slice(0, 1_000).toWellFormed(), ...Object.fromEntries(fields) }
}

function changeShown ({ time, action, actor, target, detail }: AuditRecord): Body {
  return { time: isoTime(time), action, actor: actor?.name ?? null, target, detail }
}

/** Six digits say all that a person compares. */
function rounded (value: number): number {
  return Number(value.toPrecision(6))
}
