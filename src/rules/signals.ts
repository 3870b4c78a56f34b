import {
  COUNT_AGGREGATES, SERIES_AGGREGATES,
  type AbsentSignal, type CountAggregate, type EventsSignal, type Labels, type MetricSignal, type RatioSignal, type Rule, type SeriesAggregate, type Signal
} from '../../schemas/rule.ts'
import type { QueryNode } from '../query/node.ts'
import { parseQuery } from '../query/parse.ts'
import { unreachable } from '../core/errors.ts'
import { parseDuration } from '../core/duration.ts'
import { groupKey, NO_GROUP } from './labels.ts'

/** The value of a series over a window, one row for each set of the labels in `groupBy`. */
export interface SeriesNeed {
  kind: 'series'
  key: string
  name: string
  labels: Labels
  aggregate: SeriesAggregate
  windowMs: number
  groupBy: readonly string[]
}

/** How many events that match were received in a window, one row for each set of the fields in `groupBy` that has any. */
export interface CountNeed {
  kind: 'count'
  key: string
  /** Undefined asks for every event. */
  where: QueryNode | undefined
  windowMs: number
  groupBy: readonly string[]
  /** What it does not find is what matters: a window in which nobody listened says nothing. */
  isAbsence: boolean
}

/** What must be measured for a rule. Needs with equal keys are one measurement. */
export type Need = SeriesNeed | CountNeed

export interface Row {
  labels: Labels
  value: number
  /** Of a count: the newest event in it was received then, or up to the width of a bucket before. */
  latest?: number
}

/** `since`: from when on, in ms since the epoch, the data behind the rows are whole. A window that began before is not judged. */
export interface Measured {
  rows: readonly Row[]
  since: number
}

/** By the key of the need. What could not be measured is not in it. */
export type Values = ReadonlyMap<string, Measured>

/** What a signal says of one label set at one moment. `unjudged` is neither good nor bad: nothing is known. */
export type Verdict = number | 'no_data' | 'unjudged'

export interface Judged {
  key: string
  verdict: number | 'no_data'
}

export interface CompiledSignal {
  needs: readonly Need[]
  /** Sorted. */
  groupBy: readonly string[]
  /** Groups that came once are judged also when they come no more. */
  remembers: boolean
  /** Of an absence: since when it is watched for, ms since the epoch. What did not come before that is not missing. */
  watchedSince?: number
  /** Makes one value of those of the needs, in their order; undefined where a need has no row for the group. */
  combine: (values: ReadonlyArray<number | undefined>) => number | 'no_data'
}

/** Makes the needs of a signal, and what joins their values. Throws `invalid` for a query that cannot be read. */
export function compileSignal ({ signal, window = '1m', aggregate, group_by: groups = [] }: Rule): CompiledSignal {
  const frame: Frame = { windowMs: parseDuration(window), groupBy: groups.toSorted() }
  if ('metric' in signal) return metric(signal, frame, aggregate)
  if ('events' in signal) return events(signal, frame, aggregate)
  if ('absent' in signal) return absent(signal, frame)
  if ('ratio' in signal) return burnRate(signal, frame)
  return unreachable(signal)
}

/** Lists what the rules need, each measurement once. */
export function groupNeeds (signals: Iterable<{ readonly needs: readonly Need[] }>): Need[] {
  const byKey = new Map<string, Need>()
  for (const { needs } of signals) {
    for (const need of needs) byKey.set(need.key, need)
  }
  return [...byKey.values()]
}

/**
 * Says what the values mean for each label set. `unjudged` while a measurement failed, or its data do not fill the window yet.
 * Without groups there is always one answer.
 */
export function judge ({ needs, groupBy, combine, watchedSince = 0 }: CompiledSignal, values: Values, now: number): Judged[] | 'unjudged' {
  const tables: Array<readonly Row[]> = []
  for (const need of needs) {
    const measured = values.get(need.key)
    if (measured === undefined || Math.max(measured.since, watchedSince) + need.windowMs > now) return 'unjudged'
    tables.push(measured.rows)
  }
  if (groupBy.length === 0) return [{ key: NO_GROUP, verdict: combine(tables.map(([row]) => row?.value)) }]
  return Array.from(valuesByGroup(tables, groupBy), ([key, group]) => ({ key, verdict: combine(group) }))
}

/** When somebody began to listen for events, and when again after a stop so short that senders try again; ms since the epoch. */
export interface Listening {
  from: number
  again: number
}

/**
 * From when on an absence may be judged: a window after somebody began to listen; after a short stop once senders had the time to try again,
 * or a window. Gives `since` of `Measured`.
 */
export function absenceSince ({ windowMs }: CountNeed, { from, again }: Listening): number {
  return Math.max(from, again - Math.max(0, windowMs - RETRY_MS))
}

/** Tells since when somebody listens who begins at `now`: after a stop in which senders may have given up, anew. */
export function listeningFrom (before: { from: number, until: number } | undefined, now: number): number {
  return before !== undefined && before.from <= now && now - before.until <= RETRY_MS ? before.from : now
}

/** Tells whether anything was there to be judged: of no group at all a count says that there was nothing, a metric says nothing. */
export function hasData (signal: CompiledSignal, judged: readonly Judged[] | 'unjudged'): boolean {
  if (judged === 'unjudged') return false
  return judged.some(({ verdict }) => verdict !== 'no_data') || (judged.length === 0 && verdictOnNothing(signal) !== 'no_data')
}

/** What is said of a group of which no need has a row. */
export function verdictOnNothing ({ combine }: CompiledSignal): number | 'no_data' {
  return combine([])
}

/** Tells whether a signal is a number of events, which is never missing and never below 0. */
export function isCount (signal: Signal): boolean {
  return 'events' in signal || 'absent' in signal
}

/** The aggregates that a signal takes; the first is the default. */
export function aggregatesOf (signal: Signal): ReadonlyArray<SeriesAggregate | CountAggregate> {
  if ('metric' in signal) return SERIES_AGGREGATES
  return 'events' in signal ? COUNT_AGGREGATES : []
}

/** Senders keep what nobody takes for about so long. */
const RETRY_MS = 600_000

interface Frame {
  windowMs: number
  groupBy: readonly string[]
}

function metric ({ metric: name, labels = {} }: MetricSignal, frame: Frame, aggregate: Rule['aggregate']): CompiledSignal {
  const chosen = SERIES_AGGREGATES.find((known) => known === aggregate) ?? 'avg'
  const key = JSON.stringify([name, Object.entries(labels).toSorted(), chosen, frame.windowMs, frame.groupBy])
  const need: SeriesNeed = { kind: 'series', key, name, labels, aggregate: chosen, ...frame }
  return { needs: [need], groupBy: frame.groupBy, remembers: false, combine: ([value]) => Number.isFinite(value) ? value ?? 'no_data' : 'no_data' }
}

function events ({ events: query }: EventsSignal, frame: Frame, aggregate: Rule['aggregate']): CompiledSignal {
  const perCount = aggregate === 'rate' ? 1_000 / frame.windowMs : 1
  return { needs: [countNeed(query, frame)], groupBy: frame.groupBy, remembers: false, combine: ([count = 0]) => count * perCount }
}

function absent ({ absent: query }: AbsentSignal, frame: Frame): CompiledSignal {
  return { needs: [countNeed(query, frame, true)], groupBy: frame.groupBy, remembers: true, combine: ([count = 0]) => count }
}

/**
 * The rate at which the error budget burns: share of bad events / (1 - objective); 1 uses it up exactly at the end of its time.
 * The lower of the rates of both windows: the long one says that it matters, the short one that it still goes on.
 * Source: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts".
 */
function burnRate ({ ratio, objective, windows }: RatioSignal, { groupBy }: Frame): CompiledSignal {
  const needs = windows.map(parseDuration).flatMap((windowMs) => [
    countNeed(ratio.total, { windowMs, groupBy }),
    countNeed(ratio.good, { windowMs, groupBy })
  ])
  const combine: CompiledSignal['combine'] = ([longTotal = 0, longGood = 0, shortTotal = 0, shortGood = 0]) => {
    if (longTotal === 0 || shortTotal === 0) return 'no_data'
    return Math.min(badShare(longGood, longTotal), badShare(shortGood, shortTotal)) / (1 - objective)
  }
  return { needs, groupBy, remembers: false, combine }
}

/** Never below 0, also when the query for the good ones finds more than the one for all. */
function badShare (good: number, total: number): number {
  return Math.max(0, 1 - good / total)
}

function countNeed (query: string, frame: Frame, isAbsence = false): CountNeed {
  const where = parseQuery(query)
  return { kind: 'count', key: JSON.stringify([where ?? null, frame.windowMs, frame.groupBy, isAbsence]), where, ...frame, isAbsence }
}

function valuesByGroup (tables: ReadonlyArray<readonly Row[]>, groupBy: readonly string[]): Map<string, Array<number | undefined>> {
  const groups = new Map<string, Array<number | undefined>>()
  for (const [index, rows] of tables.entries()) {
    for (const { labels, value } of rows) {
      const key = groupKey(labels, groupBy)
      const group = groups.get(key) ?? new Array<number | undefined>(tables.length)
      group[index] = value
      groups.set(key, group)
    }
  }
  return groups
}
