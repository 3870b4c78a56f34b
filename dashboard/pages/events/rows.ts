import type { Event } from '../../../schemas/event.ts'

export interface EventRow {
  kind: 'event'
  id: string
  /** ms since the epoch. */
  at: number
  event: Event
}

/** Stands for events that are not in the list. */
export interface DividerRow {
  kind: 'divider'
  id: string
  /** The newest moment that it stands for. */
  at: number
  /** Its oldest. */
  from: number
  count: number
  /** There are at least so many. */
  isCapped: boolean
  why: 'away' | 'sampled' | 'held' | 'newer'
}

export type Row = EventRow | DividerRow

/** Where the rows after the last one come from: a cursor of the service, or all before a moment. */
export type Next = { cursor: string } | { before: number }

/** The list, newest first, and what waits above it while somebody reads. */
export interface Rows {
  rows: readonly Row[]
  next: Next | undefined
  held: readonly Row[]
}

export const NO_ROWS: Rows = { rows: [], next: undefined, held: [] }

/** While rows come at the top, the list keeps so many; the others are read again when they are scrolled to. */
export const MOST_LIVE = 2_000
export const MOST_HELD = 1_000

export function rowsOf (events: readonly Event[]): Row[] {
  return events.map((event): Row => ({ kind: 'event', id: event.id, at: Date.parse(event.time), event })).sort(newestFirst)
}

function newestFirst (a: Row, b: Row): number {
  return b.at - a.at
}

/** Puts rows among others where their time has them; of two with one id the one that was there stays. */
function merge (fresh: readonly Row[], rows: readonly Row[]): Row[] {
  const known = new Set(rows.map(({ id }) => id))
  return [...fresh.filter(({ id }) => !known.has(id)), ...rows].sort(newestFirst)
}

/** Adds the next page at the end. */
export function withPage ({ rows, held }: Rows, events: readonly Event[], next: string | null): Rows {
  const known = new Set(rows.map(({ id }) => id))
  return { rows: [...rows, ...rowsOf(events).filter(({ id }) => !known.has(id))], next: next === null ? undefined : { cursor: next }, held }
}

/** Takes rows that came: into the list, or above it while it is held. One that is older than all that was read comes with its page. */
export function arrive (list: Rows, fresh: readonly Row[], isHeld: boolean): Rows {
  const oldest = list.next === undefined ? -Infinity : list.rows.at(-1)?.at ?? -Infinity
  const due = fresh.filter(({ at }) => at >= oldest)
  if (due.length === 0) return list
  if (!isHeld) return trimmed({ ...list, rows: merge(due, list.rows) })
  const known = new Set(list.rows.map(({ id }) => id))
  return { ...list, held: capped(merge(due.filter(({ id }) => !known.has(id)), list.held)) }
}

/** Lets in what waited. */
export function release (list: Rows): Rows {
  return trimmed({ ...list, rows: merge(list.held, list.rows), held: [] })
}

/** How many events wait above the list. */
export function heldCount ({ held }: Rows): number {
  return sizeOf(held)
}

/** How many events rows stand for. */
function sizeOf (rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (row.kind === 'event' ? 1 : row.count), 0)
}

function trimmed (list: Rows): Rows {
  if (list.rows.length <= MOST_LIVE) return list
  const rows = list.rows.slice(0, MOST_LIVE)
  return { ...list, rows, next: { before: (rows.at(-1)?.at ?? 0) + 1 } }
}

/** Of too many that wait the oldest are counted only. */
function capped (held: readonly Row[]): readonly Row[] {
  if (held.length <= MOST_HELD) return held
  const [kept, cut] = [held.slice(0, MOST_HELD - 1), held.slice(MOST_HELD - 1)]
  const [newest, oldest] = [cut[0], cut.at(-1)]
  if (newest === undefined || oldest === undefined) return held
  const from = oldest.kind === 'divider' ? oldest.from : oldest.at
  return [...kept, { kind: 'divider', id: `held ${from}`, at: newest.at, from, count: sizeOf(cut), isCapped: cut.some((row) => row.kind === 'divider' && row.isCapped), why: 'held' }]
}

/** What was read of a span that was missed: its newest events, and how many there are of it in all. */
export interface Missed {
  events: readonly Event[]
  total: number
  isCapped: boolean
  /** Where the span begins, in ms since the epoch. */
  from: number
  why: 'away' | 'sampled'
}

/** Takes a span that was missed; of one that was too long to be read whole a divider says how many are not there. */
export function catchUp (list: Rows, { events, total, isCapped, from, why }: Missed, isHeld: boolean): Rows {
  const fresh = rowsOf(events)
  const oldest = fresh.at(-1)
  const known = [...list.rows, ...list.held].filter(({ kind, at }) => at >= from && (at < (oldest?.at ?? 0) || (kind === 'divider' && at === oldest?.at)))
  const missing = total - events.length - sizeOf(known)
  if (oldest === undefined || missing <= 0) return arrive(list, fresh, isHeld)
  return arrive(list, [...fresh, { kind: 'divider', id: `${why} ${from}`, at: oldest.at, from, count: missing, isCapped, why }], isHeld)
}

/** Events that stand after one another; for a link to one that is not among the newest. */
export function around ({ newer, event, older, next, hasNewer }: { newer: readonly Event[], event: Event, older: readonly Event[], next: string | null, hasNewer: boolean }): Rows {
  const rows = merge(rowsOf([event]), rowsOf([...newer, ...older]))
  const top = rows[0]
  const divider: Row[] = hasNewer && top !== undefined ? [{ kind: 'divider', id: 'newer', at: top.at, from: top.at, count: 0, isCapped: true, why: 'newer' }] : []
  return { rows: [...divider, ...rows], next: next === null ? undefined : { cursor: next }, held: [] }
}
