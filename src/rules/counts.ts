import type { Labels } from '../../schemas/rule.ts'
import { unreachable } from '../core/errors.ts'
import { parseField } from '../query/field.ts'
import type { Matchable } from '../query/match.ts'
import { metaValue, parseMeta } from '../query/meta.ts'
import type { Field } from '../query/node.ts'
import { groupKey } from './labels.ts'
import { indexQueries, type QueryIndex } from './query-index.ts'
import type { CountNeed, Measured } from './signals.ts'

/** Events are counted by the second in which they were received; for windows of more seconds than this, by so many seconds together. */
const MOST_BUCKETS = 600
/** Label sets that are counted for one need. */
const MOST_GROUPS = 1_000

interface Bucket {
  /** ms since the epoch, a multiple of the counter's `bucketMs`. */
  start: number
  count: number
}

interface Group {
  labels: Labels
  /** Oldest first. */
  buckets: Bucket[]
}

interface Counter {
  need: CountNeed
  fields: ReadonlyArray<[name: string, field: Field]>
  bucketMs: number
  since: number
  /** What was received before is in the past that `fillCounts` takes in. */
  countsFrom: number
  groups: Map<string, Group>
}

/** The events of the recent past, counted for every need at once. The caller keeps it; `countEvent` and `countsAt` change it. */
export interface Counts {
  /** The needs of each query that is in `index`, at its place. */
  byQuery: ReadonlyArray<readonly Counter[]>
  index: QueryIndex
  /** Times that an event was left out, because its need counts `MOST_GROUPS` label sets already. */
  refused: number
  /** When that happened last, for the needs of which it did; by their keys. */
  refusedAt: Map<string, number>
}

/** Events of the past that were counted elsewhere: how many of a label set were received at, or a little after, which time. */
export interface PastCounts {
  labels: Labels
  steps: ReadonlyArray<[at: number, count: number]>
}

/** Begins to count at `since`, in ms since the epoch. What `before` counts already goes on. */
export function startCounts (needs: readonly CountNeed[], since: number, before?: Counts): Counts {
  const known = new Map(before?.byQuery.flat().map((counter) => [counter.need.key, counter]))
  const counters = needs.map((need) => known.get(need.key) ?? newCounter(need, since))
  const byQuery = Map.groupBy(counters, ({ need }) => JSON.stringify(need.where ?? null))
  const groups = Array.from(byQuery.values())
  const followed = new Set(counters.map(({ need }) => need.key))
  const refusedAt = new Map(Array.from(before?.refusedAt ?? []).filter(([key]) => followed.has(key)))
  return { byQuery: groups, index: indexQueries(groups.map(([first]) => first?.need.where)), refused: before?.refused ?? 0, refusedAt }
}

/** Counts one event for all needs that it matches. `at` is when it was received: one that comes late is no less new. */
export function countEvent (counts: Counts, event: Matchable, at: number): void {
  for (const query of counts.index(event)) {
    for (const counter of counts.byQuery[query] ?? []) {
      if (at >= counter.countsFrom && !addCount(counter, labelsOf(event, counter), at, 1)) refuse(counts, counter, at, 1)
    }
  }
}

/**
 * Takes in what one need would have counted from `since` on before it began, as the store knows it: after a restart, or for a new rule, its
 * window is whole at once. The past must end where counting began, or events count twice. `other` events are of label sets that were too many.
 */
export function fillCounts (counts: Counts, key: string, { since, groups, other = 0 }: { since: number, groups: readonly PastCounts[], other?: number }): void {
  const counter = counts.byQuery.flat().find(({ need }) => need.key === key)
  if (counter === undefined) return
  counter.since = Math.min(counter.since, since)
  if (other > 0) refuse(counts, counter, counter.countsFrom, other)
  for (const { labels, steps } of groups) {
    for (const [at, count] of steps) {
      if (!addCount(counter, labels, at, count)) refuse(counts, counter, at, count)
    }
  }
}

/**
 * Measures every need by its key: events received from `now` - window on and before `now`. Exact for windows of up to ten minutes when
 * `now` is a full second; else it takes in up to one bucket more, a second or a 600th of the window. Forgets what is older.
 */
export function countsAt (counts: Counts, now: number): Map<string, Measured> {
  return new Map(counts.byQuery.flat().map((counter) => [counter.need.key, measure(counter, now)]))
}

/** Lists the needs, by their keys, of whose window events were left out. */
export function incompleteAt (counts: Counts, now: number): Set<string> {
  const windows = counts.refusedAt.size === 0 ? [] : counts.byQuery.flat()
  return new Set(windows.flatMap(({ need: { key, windowMs } }) => (counts.refusedAt.get(key) ?? -Infinity) >= now - windowMs ? [key] : []))
}

/** The clock jumped by `ms`: what was counted moves along, so that each window holds what was received in so much time, and not what a clock says of it. */
export function shiftCounts (counts: Counts, ms: number): void {
  for (const counter of counts.byQuery.flat()) {
    const moved = Math.round(ms / counter.bucketMs) * counter.bucketMs
    counter.since += ms
    counter.countsFrom += ms
    for (const { buckets } of counter.groups.values()) for (const bucket of buckets) bucket.start += moved
  }
  for (const [key, at] of counts.refusedAt) counts.refusedAt.set(key, at + ms)
}

function refuse (counts: Counts, { need }: Counter, at: number, count: number): void {
  counts.refused += count
  counts.refusedAt.set(need.key, Math.max(at, counts.refusedAt.get(need.key) ?? at))
}

function newCounter (need: CountNeed, since: number): Counter {
  const fields = need.groupBy.map((name): [string, Field] => [name, parseField(name, name, 1)])
  return { need, fields, bucketMs: Math.ceil(need.windowMs / MOST_BUCKETS / 1_000) * 1_000, since, countsFrom: since, groups: new Map() }
}

function labelsOf (event: Matchable, { fields }: Counter): Labels {
  return Object.fromEntries(fields.map(([name, field]) => [name, textOf(event, field)]))
}

function addCount ({ need, bucketMs, groups }: Counter, labels: Labels, at: number, count: number): boolean {
  const key = groupKey(labels, need.groupBy)
  const group = groups.get(key) ?? { labels, buckets: [] }
  if (group.buckets.length === 0 && groups.size >= MOST_GROUPS) return false
  groups.set(key, group)
  addToBucket(group.buckets, Math.floor(at / bucketMs) * bucketMs, count)
  return true
}

/** Almost always the last bucket, or a new one behind it; earlier ones when the clock was set back. */
function addToBucket (buckets: Bucket[], start: number, count: number): void {
  const place = buckets.findLastIndex((bucket) => bucket.start <= start)
  const bucket = buckets[place]
  if (bucket?.start === start) bucket.count += count
  else buckets.splice(place + 1, 0, { start, count })
}

function measure ({ need, bucketMs, since, groups }: Counter, now: number): Measured {
  const rows = []
  for (const [key, { labels, buckets }] of groups) {
    forget(buckets, now - need.windowMs - bucketMs)
    if (buckets.length === 0) groups.delete(key)
    const value = buckets.reduce((sum, { start, count }) => start < now ? sum + count : sum, 0)
    const latest = (buckets.findLast(({ start }) => start < now)?.start ?? 0) + bucketMs - 1
    if (value > 0) rows.push({ labels, value, latest })
  }
  return { rows, since }
}

function forget (buckets: Bucket[], upTo: number): void {
  const first = buckets.findIndex(({ start }) => start > upTo)
  buckets.splice(0, first < 0 ? buckets.length : first)
}

/** The value of a field as a label; empty when the event has none. */
function textOf (event: Matchable, field: Field): string {
  switch (field.name) {
    case 'meta': return metaText(metaValue(parseMeta(event.meta), field.path))
    case 'trace_id': return event.traceId ?? ''
    case 'pattern': return event.patternId ?? ''
    case 'anomaly': return String(event.anomaly ?? '')
    case 'message':
    case 'level':
    case 'severity':
    case 'service':
    case 'type':
    case 'host': return event[field.name] ?? ''
    default: return unreachable(field)
  }
}

function metaText (value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
