import type { Labels } from '../../../../schemas/sample.ts'
import { unreachable } from '../../../core/errors.ts'
import type { ReadContext } from '../contexts.ts'
import { readSamples } from './sample-reads.ts'
import { namedSeries, seriesPoints, type NumberedSeries, type Point } from './series.ts'
import { chooseTier, TIERS } from './tiers.ts'

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

type Sums = Omit<Point, 'time'>

interface Group extends Sums {
  labels: Labels
  newest: { time: number, order: number, value: number }
}

/** A series that a request is about, and the group that it belongs to. */
interface Member {
  series: NumberedSeries
  group: Group
}

interface Asked {
  request: ValuesRequest
  from: number
  groups: ReadonlyMap<string, Group>
  members: readonly Member[]
}

/** Who wants samples of a series, and the time from which on anybody does. */
interface Wish {
  series: NumberedSeries
  from: number
  by: Array<{ from: number, group: Group }>
}

/**
 * Sums up series for each request, as of `now`: samples after `now` - window, up to `now`. A group without a sample has no value. Samples of a
 * series are read once, for the longest of the windows that they are wanted for.
 */
export async function seriesValues (context: ReadContext, { requests, now }: { requests: readonly ValuesRequest[], now: number }): Promise<SeriesValue[][]> {
  const known = await namedSeries(context, new Set(requests.map(({ name }) => name)))
  const asked = requests.map((request) => askedOf(request, known.get(request.name) ?? [], now))
  const isExact = await exactness(context, asked)
  await addSamples(context, asked.filter(isExact), now)
  for (const one of asked) if (!isExact(one)) await addSummedUp(context, one, now)
  return asked.map(({ request: { aggregate }, groups }) =>
    Array.from(groups.values()).filter(({ count }) => count > 0).map((group) => ({ labels: group.labels, value: aggregated(group, aggregate) })))
}

function askedOf (request: ValuesRequest, known: readonly NumberedSeries[], now: number): Asked {
  const from = now - request.windowMs + 1
  const groups = new Map<string, Group>()
  const members = known.filter((series) => series.last >= from && hasLabels(series.labels, request.labels)).map((series): Member => {
    const labels = Object.fromEntries(request.groupBy.map((label) => [label, labelOf(series.labels, label)]))
    const key = JSON.stringify(Object.values(labels))
    const group = groups.get(key) ?? { labels, count: 0, min: Infinity, max: -Infinity, sum: 0, newest: { time: -Infinity, order: 0, value: 0 } }
    groups.set(key, group)
    return { series, group }
  })
  return { request, from, groups, members }
}

/** Tells for which requests single samples count; for none when retention has left too few. */
async function exactness (context: ReadContext, asked: readonly Asked[]): Promise<(one: Asked) => boolean> {
  const isShort = ({ request }: Asked): boolean => request.windowMs <= EXACT_MS
  const from = asked.filter(isShort).reduce((earliest, one) => Math.min(earliest, one.from), Infinity)
  if (from === Infinity) return isShort
  const { table } = await chooseTier(context, { from, binMs: TIERS.samples.widthMs })
  return table === 'samples' ? isShort : () => false
}

async function addSamples (context: ReadContext, asked: readonly Asked[], now: number): Promise<void> {
  const wishes = wishesOf(asked)
  for (const [from, some] of Map.groupBy(wishes.values(), (wish) => wish.from)) {
    for await (const rows of readSamples(context, some.map(({ series }) => series.id), { from, to: now })) {
      for (const { id, time, value } of rows) {
        const { series, by = [] } = wishes.get(id) ?? {}
        for (const wish of by) if (time >= wish.from) add(wish.group, { time, count: 1, min: value, max: value, sum: value }, series?.order ?? 0)
      }
    }
  }
}

function wishesOf (asked: readonly Asked[]): Map<number, Wish> {
  const wishes = new Map<number, Wish>()
  for (const { from, members } of asked) {
    for (const { series, group } of members) {
      const wish = wishes.get(series.id) ?? { series, from, by: [] }
      wish.from = Math.min(wish.from, from)
      wish.by.push({ from, group })
      wishes.set(series.id, wish)
    }
  }
  return wishes
}

async function addSummedUp (context: ReadContext, { request: { windowMs }, from, members }: Asked, now: number): Promise<void> {
  const binMs = windowMs <= EXACT_MS ? TIERS.samples.widthMs : MINUTE_MS
  for (const { series: { name, labels, order }, group } of members) {
    const found = await seriesPoints(context, { name, labels, range: { from, to: now }, binMs })
    for (const point of found?.points ?? []) add(group, point, order)
  }
}

/** Of points of the same time, that of the series that is listed last is the newest. */
function add (group: Group, { time, count, min, max, sum }: Point, order: number): void {
  group.count += count
  group.sum += sum
  group.min = Math.min(group.min, min)
  group.max = Math.max(group.max, max)
  const { newest } = group
  if (time < newest.time || (time === newest.time && order < newest.order)) return
  newest.time = time
  newest.order = order
  newest.value = sum / count
}

function hasLabels (labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labelOf(labels, name) === value)
}

/** Empty when there is none: also of one that is called like a member of every object. */
function labelOf (labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name] ?? '' : ''
}

function aggregated ({ count, min, max, sum, newest }: Group, aggregate: ValuesRequest['aggregate']): number {
  switch (aggregate) {
    case 'sum': return sum
    case 'avg': return sum / count
    case 'min': return min
    case 'max': return max
    case 'last': return newest.value
    default: return unreachable(aggregate)
  }
}
