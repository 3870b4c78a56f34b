import { sql, type RawBuilder } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { BinGrid } from '../../../core/time-bins.ts'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { rollupCondition } from '../days/rollup-filter.ts'
import { stripsOf, type Strip } from '../days/strips.ts'
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
  /** What is asked of counts, where those kept know enough. */
  kept: RawBuilder<unknown> | undefined
  binOf: (time: RawBuilder<unknown>) => RawBuilder<unknown>
}

/**
 * Counts the events of a range by time and level, each once. Where the query asks for nothing that the counts kept beside the events do
 * not know (level, service), these are read for whole minutes and hours, and the events themselves at the edges of bins that cut a minute.
 */
export async function histogram (context: ReadContext, { where, range, binMs, origin }: HistogramRequest): Promise<HistogramCounts> {
  const kept = rollupCondition(where)
  const strips = kept === undefined ? [{ kind: 'rows', ...range } as const] : stripsOf(range, { origin, binMs })
  const counting: Counting = {
    ...context,
    partitions: await listPartitions(context.db),
    plan: planOf(where),
    kept,
    binOf: (time) => sql`${time} - (${time} - ${sql.lit(origin)}) % ${sql.lit(binMs)}`
  }
  const bins: BinCounts = new Map()
  const partial = await untilLate(context.guard, range, countStrips(counting, strips), ({ counts }) => collect(bins, counts))
  return { bins, partial, source: strips.some(({ kind }) => kind !== 'rows') ? 'rollup' : 'rows' }
}

/** Counts the events of a range by level. */
export async function countByLevel (context: ReadContext, range: Range): Promise<{ counts: LevelCounts, partial: Range | undefined }> {
  const one = { where: undefined, range, origin: range.from, binMs: Math.max(1, range.to - range.from + 1) }
  const { bins, partial } = await histogram(context, one)
  return { counts: bins.get(range.from) ?? {}, partial }
}

async function * countStrips (counting: Counting, strips: readonly Strip[]): AsyncGenerator<Counted> {
  for (const [at, strip] of strips.entries()) {
    if (at > 0) await counting.guard.pause()
    if (strip.kind === 'rows') yield * countRows(counting, strip)
    else yield { from: strip.from, to: strip.to, counts: await keptCounts(counting, strip) }
  }
}

/** Hours of the open partition are summed up from its minutes: it has no others yet. */
async function keptCounts ({ db, guard, partitions, kept, binOf }: Counting, { kind, from, to }: Strip): Promise<Count[]> {
  const counts: Count[] = []
  const open = partitions.at(-1)?.n
  for (const [at, { n }] of within(partitions, { from, to }).entries()) {
    if (at > 0) await guard.pause()
    const { rows } = await sql<Count>`
      SELECT ${binOf(sql`r.bucket`)} AS bin, r.level AS level, sum(r.count) AS count
      FROM ${sql.table(parseTable(kind === 'hours' && n !== open ? 'hours' : 'minutes', n))} AS r
      WHERE r.bucket BETWEEN ${from} AND ${to} AND ${kept} GROUP BY 1, 2`.execute(db)
    counts.push(...rows)
  }
  return counts
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
