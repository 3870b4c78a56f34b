import { signal } from '@preact/signals'
import type { Event } from '../../../schemas/event.ts'
import type { EventContext, EventsPage } from '../../../schemas/event-query.ts'
import { ApiError, get } from '../../core/api.ts'
import { asApiError } from '../../core/resource.ts'
import { followEvents } from '../../stream/live.ts'
import { around, arrive, catchUp, NO_ROWS, release, rowsOf, withPage, type Rows } from './rows.ts'
import { filters } from './view.ts'

/** What the list shows. Without `to` it follows the present. */
export interface ListQuery {
  q: string
  /** ms since the epoch. */
  from: number
  to: number | undefined
  /** The event of a link, which is shown wherever it is. */
  event: string | undefined
  /** The event whose neighbours are shown, whatever the query. */
  centre: string | undefined
}

export interface ListState {
  isLoading: boolean
  isLoadingMore: boolean
  error: ApiError | undefined
  /** How long the first page took. */
  tookMs: number | undefined
  /** What the query may not have meant. */
  hints: readonly string[]
  /** The search for the last page ran out of time: there may be more of it. */
  isCut: boolean
  /** The event of the link is not there any more. */
  isGone: boolean
}

const PAGE = 200
const NEWER = 100
const NEIGHBOURS = 50
const CATCH_UP = 1_000
/** Events may be a little late: the span that was missed begins so much earlier. */
const LATE_MS = 5_000
const A_SECOND = 200
const TICK_MS = 1_000
const TELL_TICKS = 10
const BEGIN: ListState = { isLoading: true, isLoadingMore: false, error: undefined, tookMs: undefined, hints: [], isCut: false, isGone: false }

/** Reads events page by page, and takes those that come while it follows the present. */
export class EventList {
  readonly rows = signal<Rows>(NO_ROWS)
  readonly state = signal<ListState>(BEGIN)
  /** Of so many a second only some are shown. */
  readonly sample = signal<{ shown: number, of: number } | undefined>(undefined)
  /** How many came in the last ten seconds, for those who do not see them. */
  readonly told = signal('')

  readonly #isHeld: () => boolean
  readonly #timer = setInterval(() => this.#tick(), TICK_MS)
  #query: ListQuery | undefined
  #asking = new AbortController()
  #unfollow = (): void => {}
  #missed: { from: number, why: 'away' | 'sampled' } | undefined
  #second = { shown: 0, dropped: 0 }
  #ticks = 0
  #arrived = 0

  /** `isHeld` answers whether somebody reads, so that nothing may move. */
  constructor (isHeld: () => boolean) {
    this.#isHeld = isHeld
  }

  close (): void {
    clearInterval(this.#timer)
    this.#asking.abort()
    this.#unfollow()
  }

  /** Shows what a query matches. What is there stays when it is the beginning of it, as when following stops. */
  open (query: ListQuery): void {
    const before = this.#query
    this.#query = query
    this.#unfollow()
    if (before !== undefined && this.#isBeginning(before, query)) return
    this.#asking.abort()
    const { signal } = this.#asking = new AbortController()
    this.#missed = undefined
    this.state.value = { ...BEGIN, tookMs: this.state.value.tookMs }
    const early: Event[] = []
    if (query.to === undefined && query.centre === undefined) this.#follow(query.q, early)
    this.#read(query, signal).then((rows) => {
      if (signal.aborted) return
      this.rows.value = arrive(rows, rowsOf(early.splice(0)), false)
      this.state.value = { ...this.state.value, isLoading: false }
    }, (error: unknown) => {
      if (!signal.aborted) this.state.value = { ...this.state.value, isLoading: false, error: asApiError(error) }
    })
  }

  /** Reads it anew, with the event of a link. */
  reload (event = this.#query?.event): void {
    const query = this.#query
    this.#query = undefined
    if (query !== undefined) this.open({ ...query, event })
  }

  #isBeginning (before: ListQuery, query: ListQuery): boolean {
    const { rows } = this.rows.value
    const [newest, oldest] = [rows[0], rows.at(-1)]
    if (before.to !== undefined || query.to === undefined || before.q !== query.q || before.centre !== undefined || query.centre !== undefined) return false
    return !this.state.value.isLoading && newest !== undefined && oldest !== undefined && newest.at < query.to && oldest.at >= query.from
  }

  async #read (query: ListQuery, signal: AbortSignal): Promise<Rows> {
    if (query.centre !== undefined) return this.#neighbours(query.centre, signal)
    const began = performance.now()
    const page = await get<EventsPage>('/events', { ...filters(query.q, query), limit: PAGE, total: 'none' }, { signal })
    this.state.value = { ...this.state.value, tookMs: performance.now() - began, hints: page.hints ?? [], isCut: page.cut ?? false }
    const first = withPage(NO_ROWS, page.events, page.next)
    if (query.event === undefined || page.events.some(({ id }) => id === query.event)) return first
    return await this.#linked(query, query.event, signal) ?? first
  }

  async #neighbours (id: string, signal: AbortSignal): Promise<Rows> {
    const { before, event, after } = await get<EventContext>(`/events/${encodeURIComponent(id)}/context`, { before: NEIGHBOURS, after: NEIGHBOURS }, { signal })
    return around({ newer: after, event, older: before, next: null, hasNewer: false })
  }

  /** An event that is not among the newest, with those around it. */
  async #linked (query: ListQuery, id: string, signal: AbortSignal): Promise<Rows | undefined> {
    try {
      const event = await get<Event>(`/events/${encodeURIComponent(id)}`, {}, { signal })
      const at = Date.parse(event.time) + 1
      const [newer, older] = await Promise.all([
        get<EventsPage>('/events', { ...filters(query.q, { from: Math.max(at, query.from), to: query.to }), order: 'asc', limit: NEWER, total: 'none' }, { signal }),
        get<EventsPage>('/events', { ...filters(query.q, { from: Math.min(query.from, at - 1), to: Math.min(at, query.to ?? at) }), limit: PAGE, total: 'none' }, { signal })
      ])
      return around({ newer: newer.events, event, older: older.events, next: older.next, hasNewer: newer.next !== null })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      this.state.value = { ...this.state.value, isGone: true }
    }
  }

  /** Reads the page after the last row. */
  more (): void {
    const query = this.#query
    const { next } = this.rows.value
    if (query === undefined || next === undefined || this.state.value.isLoading || this.state.value.isLoadingMore) return
    const { signal } = this.#asking
    this.state.value = { ...this.state.value, isLoadingMore: true, error: undefined }
    const place = 'cursor' in next ? { cursor: next.cursor } : { to: new Date(next.before).toISOString() }
    get<EventsPage>('/events', { ...filters(query.q, query), ...place, limit: PAGE, total: 'none' }, { signal }).then((page) => {
      if (signal.aborted) return
      this.rows.value = withPage(this.rows.value, page.events, page.next)
      this.state.value = { ...this.state.value, isLoadingMore: false, isCut: page.cut ?? false }
    }, (error: unknown) => {
      if (!signal.aborted) this.state.value = { ...this.state.value, isLoadingMore: false, error: asApiError(error) }
    })
  }

  /** Lets in what waited while somebody read. */
  release (): void {
    this.rows.value = release(this.rows.value)
  }

  #follow (q: string, early: Event[]): void {
    this.#unfollow = followEvents(q, A_SECOND, ({ events, dropped }) => {
      this.#second.shown += events.length
      this.#second.dropped += dropped
      this.#arrived += events.length
      if (dropped > 0) this.#miss('sampled')
      if (this.state.value.isLoading) early.push(...events)
      else this.rows.value = arrive(this.rows.value, rowsOf(events), this.#isHeld())
    }, () => {
      this.#miss('away')
      this.#catchUp()
    })
  }

  #miss (why: 'away' | 'sampled'): void {
    const newest = [...this.rows.value.held, ...this.rows.value.rows].find(({ kind }) => kind === 'event')
    this.#missed ??= { from: (newest?.at ?? this.#query?.from ?? Date.now()) - LATE_MS, why }
  }

  /** Reads with one request what did not come by the stream. */
  #catchUp (): void {
    const [query, missed] = [this.#query, this.#missed]
    if (query === undefined || missed === undefined || this.state.value.isLoading) return
    this.#missed = undefined
    const { signal } = this.#asking
    get<EventsPage>('/events', { ...filters(query.q, { from: missed.from, to: query.to }), limit: CATCH_UP, total: 'capped' }, { signal }).then(({ events, total }) => {
      if (!signal.aborted) this.rows.value = catchUp(this.rows.value, { events, total: total.count, isCapped: total.capped, ...missed }, this.#isHeld())
    }, () => { if (!signal.aborted) this.#missed ??= missed })
  }

  #tick (): void {
    const { shown, dropped } = this.#second
    this.#second = { shown: 0, dropped: 0 }
    if (this.sample.value !== undefined || dropped > 0) this.sample.value = dropped > 0 ? { shown, of: shown + dropped } : undefined
    if (dropped === 0) this.#catchUp()
    if (++this.#ticks % TELL_TICKS !== 0) return
    this.told.value = this.#arrived === 0 ? '' : `${this.#arrived} new event${this.#arrived === 1 ? '' : 's'}`
    this.#arrived = 0
  }
}
