import type { SeriesAggregate, Labels } from '../../schemas/rule.ts'
import { unreachable } from '../core/errors.ts'
import type { ReplayTick } from '../rules/replay.ts'
import { groupKey, labelOf } from '../rules/labels.ts'
import { absenceSince, type Measured, type Need, type Row, type SeriesNeed } from '../rules/signals.ts'

/** What was measured at a time, or in the bin that begins there. An event is a sum of 1. */
export interface ReplayPoint {
  time: number
  count: number
  min: number
  max: number
  sum: number
}

/** The points of one label set, oldest first. */
export interface ReplayGroup {
  labels: Labels
  points: readonly ReplayPoint[]
}

/** By the key of the need. */
export type ReplayData = ReadonlyMap<string, readonly ReplayGroup[]>

/** Evaluations from the first multiple of `stepMs` in the range to the last. */
export interface ReplayRange {
  from: number
  to: number
  stepMs: number
  /** Since when events were taken in, as far as the store knows: what did not come before is not missing. */
  listensFrom?: number
}

type Sums = Omit<ReplayPoint, 'time'>

const NOTHING: Sums = { count: 0, min: Infinity, max: -Infinity, sum: 0 }

/** Measures the needs at each evaluation of the past: what lies in the window before it. */
export function * replayTicks (needs: readonly Need[], data: ReplayData, { from, to, stepMs, listensFrom = 0 }: ReplayRange): Generator<ReplayTick> {
  const meters = needs.map((need) => ({ key: need.key, measure: meterOf(need, data.get(need.key) ?? [], listensFrom) }))
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) {
    yield { at, values: new Map(meters.map(({ key, measure }) => [key, measure(at)])) }
  }
}

/** Tells whether a series is one that the need asks for; a label with an empty value asks for series without it. */
export function isWanted ({ labels: wanted }: SeriesNeed, labels: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labelOf(labels, name) === value)
}

/** Joins the series that a need asks for, and that differ only in labels that it does not group by. */
export function seriesGroups (need: SeriesNeed, series: readonly ReplayGroup[]): ReplayGroup[] {
  const wanted = series.filter(({ labels }) => isWanted(need, labels))
  const labelled = wanted.map(({ labels, points }) => ({ labels: Object.fromEntries(need.groupBy.map((name) => [name, labelOf(labels, name)])), points }))
  const groups = Map.groupBy(labelled, ({ labels }) => groupKey(labels, need.groupBy))
  return Array.from(groups.values(), (members) => ({
    labels: members[0]?.labels ?? {},
    points: members.length === 1 ? members[0]?.points ?? [] : members.flatMap(({ points }) => points).sort((a, b) => a.time - b.time)
  }))
}

/** The place of a single sample: the live evaluation takes in that of its own ms, and not the one a whole window before. */
export function samplePoint (time: number, value: number): ReplayPoint {
  return { time: time - 1, count: 1, min: value, max: value, sum: value }
}

function meterOf (need: Need, groups: readonly ReplayGroup[], listensFrom: number): (at: number) => Measured {
  const aggregate = need.kind === 'series' ? need.aggregate : 'sum'
  const since = need.kind === 'count' && need.isAbsence ? absenceSince(need, { from: listensFrom, again: listensFrom }) : 0
  const windows = groups.map(({ labels, points }) => ({ labels, valueAt: slidingWindow(points, need.windowMs, aggregate) }))
  return (at) => {
    const rows: Row[] = []
    for (const { labels, valueAt } of windows) {
      const value = valueAt(at)
      if (value !== undefined) rows.push({ labels, value })
    }
    return { rows, since }
  }
}

/**
 * Gives the value of a window that moves forwards over points, undefined while it is empty. Each point is added twice at
 * most, however long the window, and none is ever subtracted, so that no rounding adds up: what leaves lies in a stack of
 * sums from each point on, which is built anew of what came since when it is empty.
 */
function slidingWindow (points: readonly ReplayPoint[], windowMs: number, aggregate: SeriesAggregate): (at: number) => number | undefined {
  let stack: Array<Sums & { time: number }> = []
  let arrived = NOTHING
  let stacked = 0
  let next = 0

  const restack = (): void => {
    stack = []
    let sums = NOTHING
    for (const point of points.slice(stacked, next).reverse()) {
      sums = added(point, sums)
      stack.push({ ...sums, time: point.time })
    }
    stacked = next
    arrived = NOTHING
  }

  return (at) => {
    for (let point = points[next]; point !== undefined && point.time < at; point = points[++next]) arrived = added(arrived, point)
    while ((stack.at(-1)?.time ?? Infinity) < at - windowMs) stack.pop()
    if (stack.length === 0) {
      restack()
      while ((stack.at(-1)?.time ?? Infinity) < at - windowMs) stack.pop()
    }
    return valueOf(added(stack.at(-1) ?? NOTHING, arrived), aggregate, points[next - 1])
  }
}

function added (one: Sums, other: Sums): Sums {
  return { count: one.count + other.count, min: Math.min(one.min, other.min), max: Math.max(one.max, other.max), sum: one.sum + other.sum }
}

function valueOf ({ count, min, max, sum }: Sums, aggregate: SeriesAggregate, last: ReplayPoint | undefined): number | undefined {
  if (count === 0) return undefined
  switch (aggregate) {
    case 'avg': return sum / count
    case 'min': return min
    case 'max': return max
    case 'sum': return sum
    case 'last': return last === undefined ? undefined : last.sum / last.count
    default: return unreachable(aggregate)
  }
}
