import type { Labels } from '../../schemas/sample.ts'
import { unreachable } from '../errors.ts'
import type { ReadContext } from './contexts.ts'
import { listSeries, seriesPoints, type KnownSeries, type Point } from './series.ts'

/** A value over the samples of the last `windowMs`, one for each set of the labels in `groupBy`. */
export interface ValuesRequest {
  name: string
  /** A label with an empty value asks for series without it. */
  labels: Labels
  aggregate: 'avg' | 'min' | 'max' | 'sum' | 'last'
  windowMs: number
  groupBy: readonly string[]
}

export interface SeriesValue {
  labels: Labels
  value: number
}

/** In windows up to this long single samples count; in longer ones those of whole minutes. */
const EXACT_MS = 6 * 3_600_000
const MINUTE_MS = 60_000

/** Sums up series for each request, as of `now`: samples after `now` - window, up to `now`. A group without a sample has no value. */
export async function seriesValues (context: ReadContext, { requests, now }: { requests: readonly ValuesRequest[], now: number }): Promise<SeriesValue[][]> {
  const known = new Map<string, KnownSeries[]>()
  const values: SeriesValue[][] = []
  for (const request of requests) {
    const series = known.get(request.name) ?? await listSeries(context, { name: request.name })
    known.set(request.name, series)
    values.push(await valuesOf(context, request, { series, now }))
  }
  return values
}

async function valuesOf (context: ReadContext, request: ValuesRequest, { series, now }: { series: readonly KnownSeries[], now: number }): Promise<SeriesValue[]> {
  const { name, labels, windowMs, groupBy } = request
  const groups = new Map<string, { labels: Labels, points: Point[] }>()
  const range = { from: now - windowMs + 1, to: now }
  for (const one of series) {
    if (one.last < range.from || !hasLabels(one.labels, labels)) continue
    const found = await seriesPoints(context, { name, labels: one.labels, range, binMs: windowMs <= EXACT_MS ? 1 : MINUTE_MS })
    if (found === undefined || found.points.length === 0) continue
    const own = Object.fromEntries(groupBy.map((label) => [label, labelOf(one.labels, label)]))
    const key = JSON.stringify(Object.values(own))
    const group = groups.get(key) ?? { labels: own, points: [] }
    groups.set(key, group)
    group.points.push(...found.points)
  }
  return Array.from(groups.values(), ({ labels, points }) => ({ labels, value: aggregated(points, request.aggregate) }))
}

function hasLabels (labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labelOf(labels, name) === value)
}

/** Empty when there is none: also of one that is called like a member of every object. */
function labelOf (labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name] ?? '' : ''
}

function aggregated (points: readonly Point[], aggregate: ValuesRequest['aggregate']): number {
  const sum = points.reduce((total, point) => total + point.sum, 0)
  switch (aggregate) {
    case 'sum': return sum
    case 'avg': return sum / points.reduce((total, point) => total + point.count, 0)
    case 'min': return points.reduce((least, point) => Math.min(least, point.min), Infinity)
    case 'max': return points.reduce((most, point) => Math.max(most, point.max), -Infinity)
    case 'last': {
      const newest = points.reduce((last, point) => point.time >= last.time ? point : last)
      return newest.sum / newest.count
    }
    default: return unreachable(aggregate)
  }
}
