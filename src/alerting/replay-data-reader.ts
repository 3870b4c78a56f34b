import { isWanted, seriesGroups, type ReplayData, type ReplayGroup, type ReplayPoint, type ReplayRange } from './replay-data.ts'
import { receivedAt } from '../core/row-ids.ts'
import type { CountNeed, Need, SeriesNeed } from '../rules/signals.ts'
import type { ReadOptions, Store } from '../store/store.ts'

type Reading = Pick<Store, 'read'>

export interface ReplayDataRequest {
  needs: readonly Need[]
  from: number
  to: number
  intervalMs: number
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
/** In windows up to this long single samples count, as in the live evaluation. */
const EXACT_MS = 6 * 3_600_000
/** Label sets that are counted for one need, as in the live evaluation. */
const MOST_GROUPS = 1_000

interface ReadPast {
  /** Evaluations nearer together would see the same points. */
  stepMs: number
  groups: ReplayGroup[]
}

/** Reads from the store what rules would have seen; the step is wider than the interval where only coarser sums are left. */
export async function readReplayData (store: Reading, { needs, from, to, intervalMs }: ReplayDataRequest, options: ReadOptions): Promise<{ data: ReplayData, range: ReplayRange }> {
  const read = await Promise.all(needs.map((need) => {
    const range = { from: Math.max(0, Math.floor(from / intervalMs) * intervalMs - need.windowMs), to }
    return need.kind === 'series' ? readSeries(store, need, range, options) : readCounts(store, need, { ...range, intervalMs }, options)
  }))
  const stepMs = Math.max(intervalMs, ...read.map((one) => one.stepMs))
  const isAbsence = needs.some((need) => need.kind === 'count' && need.isAbsence)
  const listens = isAbsence ? { listensFrom: await firstReceipt(store, options) } : {}
  return { data: new Map(needs.map((need, at) => [need.key, read[at]?.groups ?? []])), range: { from, to, stepMs, ...listens } }
}

/** When the oldest event that is left was received; of an empty store nobody knows whether anybody listened. */
async function firstReceipt (store: Reading, options: ReadOptions): Promise<number> {
  const partitions = await store.read('partitions', undefined, options)
  return Math.min(...partitions.filter(({ rows }) => rows > 0).map(({ first_id: id, lead_ms: leadMs }) => receivedAt(id, leadMs)))
}

async function readSeries (store: Reading, need: SeriesNeed, range: { from: number, to: number }, options: ReadOptions): Promise<ReadPast> {
  const known = await store.read('listSeries', { name: need.name }, options)
  const wanted = known.filter(({ labels }) => isWanted(need, labels))
  const binMs = need.windowMs <= EXACT_MS ? 1 : MINUTE_MS
  const read = await Promise.all(wanted.map(async ({ labels }) => {
    const found = await store.read('seriesPoints', { name: need.name, labels, range, binMs }, options)
    return { labels, binMs: found?.binMs ?? binMs, points: found?.points.map((point) => placed(point, found.binMs)) ?? [] }
  }))
  return { stepMs: Math.max(...read.map((one) => one.binMs), 0), groups: seriesGroups(need, read) }
}

/** The live evaluation takes in the sample of its own ms, and not the one a window before; bins are whole when their end is reached. */
function placed (point: ReplayPoint, binMs: number): ReplayPoint {
  return binMs === 1 ? { ...point, time: point.time - 1 } : point
}

async function readCounts (
  store: Reading, { where, groupBy, windowMs }: CountNeed, { from, to, intervalMs }: { from: number, to: number, intervalMs: number }, options: ReadOptions
): Promise<ReadPast> {
  // Steps as long as the interval are exact when the window is made of them.
  const stepMs = windowMs % intervalMs === 0 ? intervalMs : SECOND_MS
  const { rows } = await store.read('countSteps', { where, received: { from, to: to - 1 }, groupBy, most: MOST_GROUPS, stepMs }, options)
  const pointOf = ([step, count]: [step: number, count: number]): ReplayPoint => ({ time: from + step * stepMs, count, min: 1, max: 1, sum: count })
  return { stepMs: SECOND_MS, groups: rows.map(({ labels, steps }) => ({ labels, points: steps.map(pointOf) })) }
}
