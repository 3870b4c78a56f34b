import type { Logger } from 'pino'
import type { MissingWhy } from '../../schemas/evidence.ts'
import { AppError } from '../core/errors.ts'
import { changeShown, comparison, eventShown, processShown, rounded, type Body } from './evidence-parts.ts'
import { parseQuery } from '../query/parse.ts'
import type { CompiledRule } from '../rules/compile.ts'
import { labelOf } from '../rules/labels.ts'
import type { Need, SeriesNeed } from '../rules/signals.ts'
import type { AlertRecord } from '../store/hot/alerts/alert-rows.ts'
import type { ReadOptions, Store } from '../store/store.ts'
import type { Sampler } from '../numbers/sampler.ts'
import { isoTime } from '../core/clock.ts'

interface Parts {
  store: Pick<Store, 'read'>
  sampler: Pick<Sampler, 'busiest'>
  log: Pick<Logger, 'warn'>
  /** When the service started. */
  startedAt: number
  /** After so long, what has not been found is left out. */
  mostMs?: number
}

/** A part that was found, or why it was not. */
type Part = { found: unknown } | { why: MissingWhy }
type Where = ReturnType<typeof parseQuery>

const EVENTS_SHOWN = 10
const CHANGES_SHOWN = 10
const POINTS_SHOWN = 60
/** How far back a change may lie that had something to do with it. */
const BEFORE_MS = 3_600_000
/** Notices wait for it, and the next evaluation too. */
const MOST_MS = 1_000
/** Alerts of one moment that get evidence of their own; in a storm the rest gets what is the same for all. */
const MOST_OF_A_MOMENT = 50
const CHANGES = ['setting.update', 'threshold.update', 'rule.create', 'rule.update', 'rule.delete']
const DEPLOYS = parseQuery('type:DEPLOY')
const RESTARTS = parseQuery('type:RESTART')

/** Collects what alerts were about at the moment of their crossing, within a second in all. What cannot be had is left out, and the evidence says so. */
export class Evidence {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Collects for each alert, by its id. */
  async of (alerts: ReadonlyArray<{ alert: AlertRecord, rule: CompiledRule }>, now: number): Promise<Map<string, Body>> {
    if (alerts.length === 0) return new Map()
    const { store, sampler, log, startedAt, mostMs = MOST_MS } = this.#parts
    const search = new Search({ store, log, mostMs })
    try {
      const surroundings = surroundingsOf(search, { sampler, startedAt, now })
      const bodies = await Promise.all(alerts.map(async ({ alert, rule }, index): Promise<[string, Body]> => {
        const own = index < MOST_OF_A_MOMENT ? await search.all(ownParts(search, alert, rule, now)) : { [ownName(rule)]: { why: 'too_many_alerts' as const } }
        return [alert.id, bodyOf(comparison(alert, rule), { ...own, ...await surroundings })]
      }))
      return new Map(bodies)
    } finally {
      search.end()
    }
  }
}

/** Looks things up until its time is over. */
class Search {
  readonly #parts: Pick<Parts, 'store' | 'log'> & { mostMs: number }
  readonly #aborter = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #isOver: Promise<never>

  constructor (parts: Pick<Parts, 'store' | 'log'> & { mostMs: number }) {
    this.#parts = parts
    const { promise, reject } = Promise.withResolvers<never>()
    this.#isOver = promise
    promise.catch(() => {})
    this.#timer = setTimeout(() => {
      parts.log.warn({ ms: parts.mostMs }, 'evidence of alerts took too long: what is missing is left out')
      reject(new AppError('timeout', 'evidence took too long'))
      this.#aborter.abort()
    }, parts.mostMs)
  }

  end (): void {
    clearTimeout(this.#timer)
  }

  read: Store['read'] = (name, args) => {
    const options: ReadOptions = { timeoutMs: this.#parts.mostMs, signal: this.#aborter.signal }
    return this.#parts.store.read(name, args, options)
  }

  /** Waits for each until it is found or the time is over. */
  async all (searched: Readonly<Record<string, Promise<unknown>>>): Promise<Record<string, Part>> {
    const parts = Object.entries(searched).map(async ([name, found]): Promise<[string, Part]> => [name, await this.#part(found)])
    return Object.fromEntries(await Promise.all(parts))
  }

  async #part (searched: Promise<unknown>): Promise<Part> {
    try {
      return { found: await Promise.race([searched, this.#isOver]) }
    } catch (error) {
      if (error instanceof AppError && error.code === 'timeout') return { why: 'timeout' }
      this.#parts.log.warn({ err: error }, 'a part of the evidence of an alert could not be had')
      return { why: 'error' }
    }
  }
}

/** What was going on in the machine; the same for all alerts of one moment. */
function surroundingsOf (search: Search, { sampler, startedAt, now }: Pick<Parts, 'sampler' | 'startedAt'> & { now: number }): Promise<Record<string, Part>> {
  const range = { from: now - BEFORE_MS, to: now }
  const own = now - startedAt < BEFORE_MS ? [{ time: isoTime(startedAt), service: 'bellwether' }] : []
  return search.all({
    processes: sampler.busiest().then((processes) => processes.map(processShown)),
    restarts: events(search, RESTARTS, range).then((found) => oldestFirst([...own, ...found])),
    deploys: events(search, DEPLOYS, range).then(oldestFirst),
    changes: search.read('listAudit', { ...range, actor: undefined, actions: CHANGES, before: undefined, limit: CHANGES_SHOWN }).then((changes) => oldestFirst(changes.map(changeShown)))
  })
}

function ownName ({ signal: { needs: [need] } }: CompiledRule): 'points' | 'events' {
  return need?.kind === 'series' ? 'points' : 'events'
}

function ownParts (search: Search, alert: AlertRecord, rule: CompiledRule, now: number): Record<string, Promise<unknown>> {
  const [need] = rule.signal.needs
  if (need === undefined) return {}
  const found = need.kind === 'series' ? points(search, need, alert, now) : events(search, ofGroup(need, alert), { from: now - need.windowMs, to: now })
  return { [ownName(rule)]: found }
}

/** The values of the window, of the series without other labels than those of the rule and the alert. */
async function points (search: Search, { name, labels, windowMs, groupBy }: SeriesNeed, alert: AlertRecord, now: number): Promise<unknown[]> {
  const group = Object.fromEntries(groupBy.map((label) => [label, labelOf(alert.labels, label)]))
  const wanted = Object.fromEntries(Object.entries({ ...labels, ...group }).filter(([, value]) => value !== ''))
  const binMs = Math.max(1_000, Math.ceil(windowMs / POINTS_SHOWN / 1_000) * 1_000)
  const found = await search.read('seriesPoints', { name, labels: wanted, range: { from: now - windowMs, to: now }, binMs })
  return (found?.points ?? []).map(({ time, count, sum }) => ({ time: isoTime(time), value: rounded(sum / count) }))
}

async function events (search: Search, where: Where, received: { from: number, to: number }): Promise<Array<ReturnType<typeof eventShown>>> {
  return (await search.read('newestReceived', { where, received, limit: EVENTS_SHOWN })).map(eventShown)
}

/** The query of a count for the group of the alert alone. */
function ofGroup ({ where, groupBy }: Extract<Need, { kind: 'count' }>, { labels }: AlertRecord): Where {
  const groups = groupBy.filter((name) => labelOf(labels, name) !== '').map((name) => parseQuery(`${name}:${JSON.stringify(labelOf(labels, name))}`))
  const nodes = [where, ...groups].filter((node) => node !== undefined)
  return nodes.length < 2 ? nodes[0] : { kind: 'and', nodes }
}

/** Points stand beside what they were compared with, all else beside that. */
function bodyOf (compared: Body, parts: Record<string, Part>): Body {
  const { points, ...found } = Object.fromEntries(Object.entries(parts).flatMap(([name, part]) => 'found' in part ? [[name, part.found]] : []))
  const missing = Object.entries(parts).flatMap(([name, part]) => 'why' in part ? [{ part: name, why: part.why }] : [])
  return { compared: { ...compared, ...(points === undefined ? {} : { points }) }, ...found, ...(missing.length === 0 ? {} : { missing }) }
}

function oldestFirst<T extends { time: string }> (list: readonly T[]): T[] {
  return list.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
}
