import { sql, type RawBuilder } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { matchingRows, planOf } from './plan.ts'
import { rollupCondition } from '../days/rollup-filter.ts'
import { HOUR_MS, MINUTE_MS } from '../days/rollups.ts'
import { windows, within, type Range } from '../days/windows.ts'

export interface HistogramRequest {
  where: QueryNode | undefined
  /** Both ends on a multiple of `binMs`; `to` is the last ms of the last bin. */
  range: Range
  binMs: number
}

/** Counts by level of the bins that hold any event, by the bin's start. */
export type BinCounts = Map<number, Partial<Record<Level, number>>>

interface Count {
  bin: number
  level: number
  count: number
}

export type HistogramSource = 'rollup' | 'rows'

/**
 * Counts events by time and level. Reads the counts kept beside the events where the query asks for nothing that
 * they do not know (level, service) and the bins are whole minutes; otherwise the events themselves.
 */
export async function histogram (context: ReadContext, request: HistogramRequest): Promise<{ bins: BinCounts, source: HistogramSource }> {
  const all = await listPartitions(context.db)
  const partitions = within(all, request.range)
  const kept = request.binMs % MINUTE_MS === 0 ? rollupCondition(request.where) : undefined
  const counts = kept === undefined
    ? await countEvents(context, request, partitions)
    : await countRollups(context, request, { partitions, kept, open: all.at(-1)?.n })
  return { bins: collect(counts), source: kept === undefined ? 'rows' : 'rollup' }
}

async function countRollups (
  { db, guard }: ReadContext, { range, binMs }: HistogramRequest, { partitions, kept, open }: { partitions: Partition[], kept: RawBuilder<unknown>, open: number | undefined }
): Promise<Count[]> {
  const counts: Count[] = []
  for (const { n } of partitions) {
    const kind = binMs % HOUR_MS === 0 && n !== open ? 'hours' : 'minutes'
    const { rows } = await sql<Count>`
      SELECT r.bucket - r.bucket % ${sql.lit(binMs)} AS bin, r.level AS level, sum(r.count) AS count
      FROM ${sql.table(parseTable(kind, n))} AS r
      WHERE r.bucket BETWEEN ${range.from} AND ${range.to} AND ${kept} GROUP BY 1, 2`.execute(db)
    counts.push(...rows)
    await guard.pause()
  }
  return counts
}

async function countEvents (context: ReadContext, { where, range, binMs }: HistogramRequest, partitions: Partition[]): Promise<Count[]> {
  const plan = planOf(where)
  const counts: Count[] = []
  for await (const window of windows({ ...context, partitions, range, order: 'desc' })) {
    for (const partition of window.partitions) {
      const { rows } = await sql<Count>`
        SELECT e.time - e.time % ${sql.lit(binMs)} AS bin, e.level AS level, count(*) AS count
        FROM ${matchingRows(plan, partition, window)} GROUP BY 1, 2`.execute(context.db)
      counts.push(...rows)
    }
  }
  return counts
}

function collect (counts: readonly Count[]): BinCounts {
  const bins: BinCounts = new Map()
  for (const { bin: time, level, count } of counts) {
    const name = LEVELS[level - 1]
    if (name === undefined) continue
    const byLevel = bins.get(time) ?? {}
    byLevel[name] = (byLevel[name] ?? 0) + count
    bins.set(time, byLevel)
  }
  return bins
}
