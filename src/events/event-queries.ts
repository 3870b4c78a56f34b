import type { Event } from '../../schemas/event.ts'
import {
  FACET_COLUMNS, type ContextQuery, type EventContext, type EventFilters, type EventsPage, type EventsQuery, type ExportQuery, type Facets, type FacetsQuery,
  type Histogram, type HistogramQuery
} from '../../schemas/event-query.ts'
import { binOf, binStarts, cutBins } from '../core/time-bins.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { csvHead, csvRow } from './csv.ts'
import { AppError } from '../core/errors.ts'
import { allOf, anyValue } from '../query/build.ts'
import { queryHints } from '../query/hints.ts'
import type { QueryNode } from '../query/node.ts'
import { parseQuery } from '../query/parse.ts'
import type { FacetField } from '../store/hot/events/facets.ts'
import type { Store } from '../store/store.ts'
import { parseTimeParam, partOf } from '../core/time-range.ts'
import { wireEvent } from './wire-event.ts'

interface Cursor {
  time: number
  id: number
}

/** Bounds in ms since the epoch, both included, as the store takes them. */
interface Range {
  from: number
  to: number
}

interface Selection {
  where: QueryNode | undefined
  range: Range
}

const EVER: Range = { from: 0, to: Date.UTC(2201, 0, 1) }
const HISTOGRAM_MS = 86_400_000
const EXPORT_PAGE = 1_000
const FIRST_PAGE = 100
const BINS = 60
const NEIGHBOURS = 10
const FACETS = 20
const LIST_FILTERS = ['level', 'service', 'type', 'pattern'] as const

/** Finds stored events again. Every query ends at the time-out, and when `signal` says that the caller left. */
export class EventQueries {
  readonly #store: Pick<Store, 'read'>
  readonly #clock: Clock
  readonly #timeoutMs: number

  constructor ({ store, clock, timeoutMs }: { store: Pick<Store, 'read'>, clock: Clock, timeoutMs: number }) {
    this.#store = store
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  async page (query: EventsQuery, signal: AbortSignal): Promise<EventsPage> {
    const { limit = FIRST_PAGE, order = 'desc', total = 'capped', cursor } = query
    const page = await this.#store.read('pageEvents', {
      ...this.#select(query), order, limit, total, cursor: cursor === undefined ? undefined : parseCursor(cursor)
    }, this.#bounded(signal))
    const { partial, ...count } = page.total
    const answer = {
      events: page.events.map(wireEvent), next: page.next === undefined ? null : formatCursor(page.next), total: { ...count, ...partOf(partial) }, ...hintsOf(query)
    }
    return page.isCut ? { ...answer, cut: true } : answer
  }

  async get (id: string): Promise<Event> {
    const event = await this.#store.read('getEvent', id)
    if (event === undefined) throw unknownEvent(id)
    return wireEvent(event)
  }

  async context (id: string, { before = NEIGHBOURS, after = NEIGHBOURS }: ContextQuery, signal: AbortSignal): Promise<EventContext> {
    const found = await this.#store.read('eventContext', { id, before, after }, this.#bounded(signal))
    if (found === undefined) throw unknownEvent(id)
    return { before: found.before.map(wireEvent), event: wireEvent(found.event), after: found.after.map(wireEvent) }
  }

  /** Without `from` the 24 hours up to `to`, without `to` up to now. */
  async histogram (query: HistogramQuery, signal: AbortSignal): Promise<Histogram> {
    const now = this.#now()
    const to = parseTimeParam('to', query.to ?? 'now', now)
    const { where, range } = this.#select({ from: isoTime(to - HISTOGRAM_MS), ...query, to: isoTime(to) }, now)
    const grid = cutBins(range.from, range.to, query.bins ?? BINS)
    const { bins, source, partial } = await this.#store.read('histogram', { where, range, ...grid }, this.#bounded(signal))
    return {
      from: isoTime(range.from),
      to: isoTime(range.to + 1),
      bin_ms: grid.binMs,
      source,
      ...partOf(partial),
      ...hintsOf(query),
      bins: binStarts(grid, partial ?? range).map((time) => {
        const byLevel = bins.get(binOf(grid, time)) ?? {}
        return { time: isoTime(time), total: sum(Object.values(byLevel)), by_level: byLevel }
      })
    }
  }

  async facets (query: FacetsQuery, signal: AbortSignal): Promise<Facets> {
    const { partial, ...counts } = await this.#store.read('facets', {
      ...this.#select(query), field: facetField(query.field), limit: query.limit ?? FACETS
    }, this.#bounded(signal))
    return { field: query.field, ...counts, ...partOf(partial), ...hintsOf(query) }
  }

  /** Checks the query, then yields the events as text, page by page: neither side holds more than one page. */
  export (query: ExportQuery, signal: AbortSignal): AsyncGenerator<string> {
    return this.#exportPages({ ...this.#select(query), order: query.order ?? 'asc' }, query.format ?? 'ndjson', signal)
  }

  async * #exportPages (selection: Selection & { order: 'asc' | 'desc' }, format: 'ndjson' | 'csv', signal: AbortSignal): AsyncGenerator<string> {
    if (format === 'csv') yield csvHead()
    const write = format === 'csv' ? csvRow : (event: Event) => `${JSON.stringify(event)}\n`
    let cursor: Cursor | undefined
    do {
      const page: { events: Parameters<typeof wireEvent>[0][], next: Cursor | undefined } =
        await this.#store.read('pageEvents', { ...selection, limit: EXPORT_PAGE, total: 'none', cursor }, this.#bounded(signal))
      yield page.events.map((event) => write(wireEvent(event))).join('')
      cursor = page.next
    } while (cursor !== undefined)
  }

  #select ({ q = '', from, to, anomalous, ...given }: EventFilters, now = this.#now()): Selection {
    const lists = LIST_FILTERS.map((name) => given[name] === undefined ? undefined : anyValue(name, given[name].split(',')))
    const flag = anomalous === undefined ? undefined : anyValue('anomalous', [String(anomalous)])
    const range = {
      from: from === undefined ? EVER.from : parseTimeParam('from', from, now),
      to: to === undefined ? EVER.to : parseTimeParam('to', to, now) - 1
    }
    if (range.from > range.to + 1) throw new AppError('invalid', 'from is later than to', { faults: [{ path: 'from', message: 'is later than to' }] })
    return { where: allOf([parseQuery(q), ...lists, flag]), range }
  }

  /** The end of this millisecond: what came in it came before now. */
  #now (): number {
    return this.#clock.now() + 1
  }

  #bounded (signal: AbortSignal): { timeoutMs: number, signal: AbortSignal } {
    return { timeoutMs: this.#timeoutMs, signal }
  }
}

/** The schema lets through the columns and `meta.x`. */
function facetField (field: string): FacetField {
  return FACET_COLUMNS.find((column) => column === field) ?? { meta: field.slice('meta.'.length) }
}

function hintsOf ({ q = '' }: EventFilters): { hints?: string[] } {
  const hints = queryHints(q)
  return hints.length === 0 ? {} : { hints }
}

function formatCursor ({ time, id }: Cursor): string {
  return `${time}_${id}`
}

function parseCursor (text: string): Cursor {
  const match = /^(\d{1,15})_(\d{1,16})$/.exec(text)
  if (match === null) throw new AppError('invalid', 'cursor is none of ours: take it from `next` of a page', { faults: [{ path: 'cursor', message: 'is none of ours' }] })
  return { time: Number(match[1]), id: Number(match[2]) }
}

function unknownEvent (id: string): AppError {
  return new AppError('not_found', `no event has the id ${JSON.stringify(id)}`)
}

function sum (counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
