import { sql } from 'kysely'
import type { ReadContext } from '../contexts.ts'
import type { Cursor } from './event-rows.ts'
import { parseTable, type Partition } from '../days/partitions.ts'
import { candidates, type Plan } from './plan.ts'
import type { Range } from '../days/windows.ts'

/** A matching event: where it stands in the order of pages, and in which partition. */
export interface Place extends Cursor {
  n: number
}

/** `places`: all that match, when an index offers few candidates. `atLeast`: what is known of the number when it does not. */
export type RareMatches = { places: Place[] } | { atLeast: number }

interface FewRequest extends ReadContext {
  range: Range
  plan: Plan
  partitions: readonly Partition[]
}

/** Of a candidate the row is read, some 1.5 us; the newest rows are searched at 2 us each until a page of 100 is full. */
const ROWS_FOR_A_PAGE = 40
const MOST_FEW = 20_000

/**
 * Finds all matches of rare words, traces and services at once. A common one is left to the search from the newest
 * rows on: so many candidates are few that looking at them costs no more than that search would. So are they all when the deadline comes.
 */
export async function rareMatches (request: FewRequest): Promise<RareMatches> {
  try {
    return await lookUp(request)
  } catch (error) {
    if (!request.guard.isEndOfTime(error)) throw error
    return { atLeast: 0 }
  }
}

async function lookUp (request: FewRequest): Promise<RareMatches> {
  const { db, guard, plan, partitions, range } = request
  const most = Math.min(MOST_FEW, Math.ceil(Math.sqrt(ROWS_FOR_A_PAGE * rowsOf(partitions))))
  let offered = 0
  for (const partition of partitions.toReversed()) {
    const ids = candidates(plan, partition)
    if (ids === undefined) return { atLeast: 0 }
    const { rows: [row] } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${ids} LIMIT ${most + 1 - offered})`.execute(db)
    offered += row?.count ?? 0
    if (offered > most) return { atLeast: plan.isAnswered && includesAll(partitions, range) ? offered : 0 }
    await guard.pause()
  }
  return { places: await placesOf(request) }
}

async function placesOf ({ db, guard, plan, partitions, range }: FewRequest): Promise<Place[]> {
  const places: Place[] = []
  for (const partition of partitions) {
    const { n } = partition
    const { rows } = await sql<Place>`
      SELECT e.time, e.id, ${sql.lit(n)} AS n FROM ${sql.table(parseTable('events', n))} AS e
      WHERE e.id IN (${candidates(plan, partition)}) AND e.time BETWEEN ${range.from} AND ${range.to} AND ${plan.rest}`.execute(db)
    places.push(...rows)
    await guard.pause()
  }
  return places
}

function rowsOf (partitions: readonly Partition[]): number {
  return partitions.reduce((sum, { rows }) => sum + rows, 0)
}

function includesAll (partitions: readonly Partition[], { from, to }: Range): boolean {
  return partitions.every(({ min_time: min, max_time: max }) => from <= min && max <= to)
}
