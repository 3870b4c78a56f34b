import type { Kysely } from 'kysely'
import type { Guard } from '../guard.ts'
import { parseTable, type Partition } from './partitions.ts'
import type { Tables } from '../tables.ts'

export type Order = 'desc' | 'asc'

/** Bounds in ms since the epoch, both included. */
export interface Range {
  from: number
  to: number
}

/** A stretch of time that is cheap enough to search in one go, and the partitions that may hold events of it. */
export interface Window extends Range {
  partitions: readonly Partition[]
}

export interface WindowRequest {
  db: Kysely<Tables>
  guard: Guard
  partitions: readonly Partition[]
  range: Range
  order: Order
}

const FIRST_ROWS = 4_000
const MOST_ROWS = 128_000
const GROWTH = 8
const QUICK_MS = 5
const SLOW_MS = 20

/**
 * Cuts a range of time into windows, newest first for `desc`. Each holds at most so many rows a partition, the more
 * the cheaper the last one was: a query over anything is a row of short steps, between which others run and the
 * guard is asked.
 */
export async function * windows (request: WindowRequest): AsyncGenerator<Window> {
  const { guard, order } = request
  const held = narrow(request.partitions, request.range)
  let rows = FIRST_ROWS
  let edge = order === 'desc' ? held.to : held.from
  const isWithin = (time: number): boolean => time >= held.from && time <= held.to
  while (isWithin(edge)) {
    const started = guard.now()
    const window = await windowAt({ ...request, range: held }, edge, rows)
    yield { ...window, partitions: request.partitions.filter((partition) => overlaps(partition, window)) }
    rows = nextRows(rows, guard.now() - started)
    edge = order === 'desc' ? window.from - 1 : window.to + 1
    // What is done is not cut, however late it is.
    if (isWithin(edge)) await guard.pause()
  }
}

/**
 * Counts a range step by step, newest first, until all is done, `count` answers false, or the deadline has come. Answers the part of
 * the range that was counted in the latter case.
 */
export async function untilLate<S extends Range> (
  guard: Guard, range: Range, steps: AsyncIterable<S>, count: (step: S) => Promise<boolean | void> | void
): Promise<Range | undefined> {
  let from = range.to + 1
  try {
    for await (const step of steps) {
      if (await count(step) === false) break
      from = step.from
    }
  } catch (error) {
    if (!guard.isEndOfTime(error)) throw error
    return { from, to: range.to }
  }
  return undefined
}

/** The partitions that hold events of the range, by their catalogue. */
export function within (partitions: readonly Partition[], range: Range): Partition[] {
  return partitions.filter((partition) => partition.rows > 0 && overlaps(partition, range))
}

function narrow (partitions: readonly Partition[], { from, to }: Range): Range {
  const first = Math.min(...partitions.map(({ min_time: time }) => time))
  const last = Math.max(...partitions.map(({ max_time: time }) => time))
  return { from: Math.max(from, first), to: Math.min(to, last) }
}

function overlaps (partition: Partition, { from, to }: Range): boolean {
  return partition.min_time <= to && partition.max_time >= from
}

async function windowAt (request: WindowRequest, edge: number, rows: number): Promise<Range> {
  const { order, range } = request
  const limits = await Promise.all(request.partitions.map((partition) => timeAfterRows(request, partition.n, edge, rows)))
  const bounds = limits.filter((time) => time !== undefined)
  if (order === 'desc') return { from: Math.max(range.from, ...bounds), to: edge }
  return { from: edge, to: Math.min(range.to, ...bounds) }
}

/** Walks the index of times alone, some 20 ns a row. */
async function timeAfterRows ({ db, order, range }: WindowRequest, n: number, edge: number, rows: number): Promise<number | undefined> {
  const row = await db.selectFrom(parseTable('events', n)).select('time')
    .where('time', '>=', order === 'desc' ? range.from : edge)
    .where('time', '<=', order === 'desc' ? edge : range.to)
    .orderBy('time', order).limit(1).offset(rows).executeTakeFirst()
  return row?.time
}

function nextRows (rows: number, tookMs: number): number {
  if (tookMs < QUICK_MS) return Math.min(MOST_ROWS, rows * GROWTH)
  return tookMs > SLOW_MS ? Math.max(FIRST_ROWS, Math.floor(rows / 2)) : rows
}
