import { sql, type RawBuilder } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { BinGrid } from '../../../core/time-bins.ts'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { rollupCondition } from '../days/rollup-filter.ts'
import { batchesOf, isLong, stripsOf, type Strip } from '../days/strips.ts'
import { untilLate, windows, within, type Range } from '../days/windows.ts'
import { matchingRows, planOf, type Plan } from './plan.ts'

export interface HistogramRequest extends BinGrid {
  where: QueryNode | undefined
  range: Range
}

export type LevelCounts = Partial<Record<Level, number>>

/** Counts by level of the bins that hold any event, by the bin's start. */
export type BinCounts = Map<number, LevelCounts>

export type HistogramSource = 'rollup' | 'rows'

export interface HistogramCounts {
  bins: BinCounts
  source: HistogramSource
  /** The newest part of the range, when the deadline came before all was counted. */
  partial: Range | undefined
}

interface Count {
  bin: number
  level: number
  count: number
}

/** All of a stretch of time, counted. */
interface Counted extends Range {
  counts: Count[]
}

interface Counting extends ReadContext {
  partitions: readonly Partition[]
  plan: Plan
  binOf: (time: RawBuilder<unknown>) => RawBuilder<unknown>
}

/** A table to count from. */
interface Source {
  from: RawBuilder<unknown>
  time: RawBuilder<unknown>
  level: RawBuilder<unknown>
  count: RawBuilder<unknown>
  which: RawBuilder<unknown>
}

/**
 * Counts the events of a range by time and level, each once. Where the query asks for nothing that the counts kept beside the events do
 * not know (level, service), these are read for whole minutes and hours, and the events themselves at the edges of bins that cut a minute.
 */
export async function histogram (context: ReadContext, { where, range, binMs, origin }: HistogramRequest): Promise<HistogramCounts> {
  const kept = rollupCondition(where)
  const strips = kept === undefined ? [] : stripsOf(range, { origin, binMs })
  const counting: Counting = {
    ...context,
    partitions: await listPartitions(context.db),
    plan: planOf(where),
    binOf: (time) => sql`${time} - (${time} - ${sql.lit(origin)}) % ${sql.lit(binMs)}`
  }
  const steps = kept === undefined ? countRows(counting, range) : countStrips(counting, strips, kept)
  const bins: BinCounts = new Map()
  const partial = await untilLate(context.guard, range, steps, ({ counts }) => collect(bins, counts))
  return { bins, partial, source: strips.some(({ kind }) => kind !== 'rows') ? 'rollup' : 'rows' }
}

/** Counts the events of a range by level. */
export async function countByLevel (context: ReadContext, range: Range): Promise<{ counts: LevelCounts, partial: Range | undefined }> {
  const one = { where: undefined, range, origin: range.from, binMs: Math.max(1, range.to - range.from + 1) }
  const { bins, partial } = await histogram(context, one)
  return { counts: bins.get(range.from) ?? {}, partial }
}

async function * countStrips (counting: Counting, strips: readonly Strip[], kept: RawBuilder<unknown>): AsyncGenerator<Counted> {
  for (const [at, batch] of batchesOf(strips).entries()) {
    if (at > 0) await counting.guard.pause()
    const range = { from: batch.at(-1)?.from ?? 0, to: batch[0]?.to ?? 0 }
    if (batch.some(isLong)) yield * countRows(counting, range)
    else yield { ...range, counts: await countBatch(counting, { range, batch, kept }) }
  }
}

async function countBatch (
  { db, guard, partitions, plan, binOf }: Counting, { range, batch, kept }: { range: Range, batch: readonly Strip[], kept: RawBuilder<unknown> }
): Promise<Count[]> {
  const counts: Count[] = []
  const open = partitions.at(-1)?.n
  for (const { n } of within(partitions, range)) {
    for (const [kind, strips] of Map.groupBy(batch, ({ kind }) => kind)) {
      // Hours of the open partition are summed up from its minutes: it has no others yet.
      const { from, time, level, count, which } = kind === 'rows' ? rowsOf(n, plan) : keptOf(kind === 'hours' && n !== open ? 'hours' : 'minutes', n, kept)
      const { rows } = await sql<Count>`
        SELECT ${binOf(time)} AS bin, ${level} AS level, ${count} AS count
        FROM json_each(${JSON.stringify(strips)}) AS strip CROSS JOIN ${from} ON ${time} BETWEEN strip.value ->> 'from' AND strip.value ->> 'to'
        WHERE ${which} GROUP BY 1, 2`.execute(db)
      counts.push(...rows)
    }
    await guard.rest()
  }
  return counts
}

function rowsOf (n: number, { everything }: Plan): Source {
  return { from: sql`${sql.table(parseTable('events', n))} AS e`, time: sql`e.time`, level: sql`e.level`, count: sql`count(*)`, which: everything }
}

function keptOf (kind: 'hours' | 'minutes', n: number, kept: RawBuilder<unknown>): Source {
  return { from: sql`${sql.table(parseTable(kind, n))} AS r`, time: sql`r.bucket`, level: sql`r.level`, count: sql`sum(r.count)`, which: kept }
}

async function * countRows ({ db, guard, plan, partitions, binOf }: Counting, range: Range): AsyncGenerator<Counted> {
  for await (const window of windows({ db, guard, partitions: within(partitions, range), range, order: 'desc' })) {
    const counts: Count[] = []
    for (const partition of window.partitions) {
      const { rows } = await sql<Count>`
        SELECT ${binOf(sql`e.time`)} AS bin, e.level AS level, count(*) AS count FROM ${matchingRows(plan, partition, window)} GROUP BY 1, 2`.execute(db)
      counts.push(...rows)
    }
    yield { ...window, counts }
  }
}

/** Counts of which all events were deleted since are 0 for a while. */
function collect (bins: BinCounts, counts: readonly Count[]): void {
  for (const { bin, level, count } of counts) {
    const name = LEVELS[level - 1]
    if (name === undefined || count === 0) continue
    const byLevel = bins.get(bin) ?? {}
    byLevel[name] = (byLevel[name] ?? 0) + count
    bins.set(bin, byLevel)
  }
}
