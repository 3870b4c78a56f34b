import { sql, type RawBuilder } from 'kysely'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { compareCursors, eventColumns, fetchEvents, type Cursor, type StoredEvent } from './event-rows.ts'
import { rareMatches, type Place } from './rare-matches.ts'
import { Guard } from '../guard.ts'
import { listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { byRow, matchingRows, planOf, type Plan } from './plan.ts'
import { untilLate, windows, within, type Order, type Range, type Window } from '../days/windows.ts'

export interface PageRequest {
  where: QueryNode | undefined
  range: Range
  order: Order
  limit: number
  cursor: Cursor | undefined
  /** `capped` stops counting at TOTAL_CAP, or when it costs too much; `none` saves it. */
  total: 'capped' | 'exact' | 'none'
}

/** `count` is the least there is when `capped`. */
export interface Total {
  count: number
  capped: boolean
  /** The newest part of the range, when an exact count could not go on to its beginning: it holds `count` events. */
  partial?: Range
}

export interface EventPage {
  events: StoredEvent[]
  next: Cursor | undefined
  total: Total
  /** The deadline came before the page was full; `next` goes on where the search stopped. */
  isCut: boolean
}

interface Search extends ReadContext {
  request: PageRequest
  plan: Plan
  partitions: readonly Partition[]
}

const TOTAL_CAP = 10_001
const COUNT_BUDGET_MS = 10

/** Finds the next events of a query in order of (time, id). */
export async function pageEvents (context: ReadContext, request: PageRequest): Promise<EventPage> {
  const partitions = within(await listPartitions(context.db), request.range)
  const search = { ...context, request, plan: planOf(request.where), partitions }
  const few = await rareMatches({ ...search, range: request.range })
  if ('places' in few) return pageOfFew(few.places, search)
  const page = await pageByWindows(search)
  return { ...page, total: await totalOf(search, page, few.atLeast) }
}

/** What the page itself shows is part of the total: all of it, when nothing lies before or behind. */
async function totalOf (search: Search, { events, next, isCut }: Omit<EventPage, 'total'>, atLeast: number): Promise<Total> {
  const { request } = search
  if (request.cursor === undefined && next === undefined) return { count: events.length, capped: false }
  const seen = { count: next === undefined || isCut ? events.length : events.length + 1, capped: true }
  if (request.total === 'none') return seen
  if (request.total === 'capped' && atLeast >= TOTAL_CAP) return { count: TOTAL_CAP, capped: true }
  const counted = await countMatches(search, request.total)
  return counted.count >= seen.count ? counted : { ...seen, capped: counted.capped }
}

async function pageOfFew (places: Place[], { db, request, partitions }: Search): Promise<EventPage> {
  const { order, cursor, limit } = request
  const sign = order === 'desc' ? -1 : 1
  const ordered = places.sort((a, b) => sign * compareCursors(a, b))
  const rest = cursor === undefined ? ordered : ordered.filter((place) => sign * compareCursors(place, cursor) > 0)
  const page = rest.slice(0, limit)
  const byPartition = Map.groupBy(page, ({ n }) => n)
  const events = await Promise.all(partitions.filter(({ n }) => byPartition.has(n)).map((partition) => fetchEvents(db, sql`
    SELECT ${eventColumns(partition)} FROM ${sql.table(parseTable('events', partition.n))} AS e
    WHERE e.id IN (SELECT value FROM json_each(${JSON.stringify(byPartition.get(partition.n)?.map(({ id }) => id))}))`)))
  return {
    events: events.flat().sort((a, b) => sign * compareCursors(a, b)),
    next: rest.length > limit ? page.at(-1) : undefined,
    total: { count: places.length, capped: false },
    isCut: false
  }
}

async function pageByWindows (search: Search): Promise<Omit<EventPage, 'total'>> {
  const { request } = search
  const found: StoredEvent[] = []
  let searched: Window | undefined
  try {
    for await (const window of windows({ ...search, range: rangeAfter(request), order: request.order })) {
      // What is common is found in the first rows; only what is not needs the word index.
      const plan = searched === undefined ? byRow(search.plan) : search.plan
      found.push(...await searchWindow({ ...search, plan }, window, request.limit + 1 - found.length))
      searched = window
      if (found.length > request.limit) break
    }
  } catch (error) {
    if (!search.guard.isEndOfTime(error) || searched === undefined) throw error
    return { events: found, next: edgeOf(searched, request.order), isCut: true }
  }
  return { ...cutPage(found, request.limit), isCut: false }
}

async function searchWindow ({ db, plan, request }: Search, window: Window, limit: number): Promise<StoredEvent[]> {
  const { order } = request
  const direction = sql.raw(order)
  const found = await Promise.all(window.partitions.map((partition) => fetchEvents(db, sql`
    SELECT ${eventColumns(partition)} FROM ${matchingRows(plan, partition, window)} AND ${after(request)}
    ORDER BY e.time ${direction}, e.id ${direction} LIMIT ${limit}`)))
  const sign = order === 'desc' ? -1 : 1
  const merged = found.length === 1 ? found.flat() : found.flat().sort((a, b) => sign * compareCursors(a, b))
  return merged.slice(0, limit)
}

function after ({ cursor, order }: PageRequest): RawBuilder<unknown> {
  if (cursor === undefined) return sql`true`
  return sql`(e.time, e.id) ${sql.raw(order === 'desc' ? '<' : '>')} (${cursor.time}, ${cursor.id})`
}

function rangeAfter ({ cursor, order, range }: PageRequest): Range {
  if (cursor === undefined) return range
  if (order === 'desc') return { from: range.from, to: Math.min(range.to, cursor.time) }
  return { from: Math.max(range.from, cursor.time), to: range.to }
}

/** The place just beyond a window, so that going on never begins with it again. */
function edgeOf (window: Window, order: Order): Cursor {
  return order === 'desc' ? { time: window.from - 1, id: Number.MAX_SAFE_INTEGER } : { time: window.to + 1, id: 0 }
}

function cutPage (events: StoredEvent[], limit: number): { events: StoredEvent[], next: Cursor | undefined } {
  const page = events.slice(0, limit)
  const last = page.at(-1)
  const hasMore = events.length > limit && last !== undefined
  return { events: page, next: hasMore ? { time: last.time, id: last.id } : undefined }
}

/** Counts up to the cap, newest first; what a `capped` count may cost is bounded, since it comes with every page. */
async function countMatches (search: Search, kind: 'capped' | 'exact'): Promise<Total> {
  const { request: { range }, guard, db, plan } = search
  const isExact = kind === 'exact'
  const budget = isExact ? guard : new Guard(Math.min(guard.deadline, guard.now() + COUNT_BUDGET_MS), guard.now)
  const most = isExact ? Number.MAX_SAFE_INTEGER : TOTAL_CAP
  let count = 0
  const partial = await untilLate(budget, range, windows({ ...search, guard: budget, range, order: 'desc' }), async (window) => {
    for (const partition of window.partitions) {
      count += await countRows(db, sql`SELECT 1 FROM ${matchingRows(plan, partition, window)} LIMIT ${most - count}`)
    }
    return count < most
  })
  if (partial === undefined || !isExact) return { count, capped: partial !== undefined || count >= most }
  return { count, capped: true, partial }
}

async function countRows (db: ReadContext['db'], rows: RawBuilder<unknown>): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${rows})`.execute(db)
  return row?.count ?? 0
}
