import type { Summary as SummaryAnswer, SummaryQuery } from '../../schemas/summary.ts'
import { layBins } from '../core/time-bins.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { partOf } from '../core/time-range.ts'
import { readRange } from './series-queries.ts'
import type { AlertTotal } from '../store/hot/alerts/alert-reads.ts'
import type { ReadOptions, ReadValue, Store } from '../store/store.ts'

interface SummaryParts {
  store: Pick<Store, 'read'>
  clock: Clock
  timeoutMs: number
}

interface Range {
  from: number
  to: number
}

const DAY_MS = 86_400_000
/** Fine enough that the ends of the range do not matter. */
const BINS = 500

/** Sums a stretch of time up: what was loaded how much, and what came in. */
export class Summary {
  readonly #parts: SummaryParts

  constructor (parts: SummaryParts) {
    this.#parts = parts
  }

  /** The last 24 hours, unless the query says otherwise. */
  async of ({ from, to }: SummaryQuery, signal: AbortSignal): Promise<SummaryAnswer> {
    const { store, clock, timeoutMs } = this.#parts
    // The end is not part of the range: what came in this millisecond came before it.
    const range = readRange({ from, to }, { now: clock.now() + 1, defaultMs: DAY_MS })
    const counted = { from: range.from, to: range.to - 1 }
    const options: ReadOptions = { timeoutMs, signal }
    const [cpu, memory, latency, events, totals] = await Promise.all([
      this.#average('host_cpu_percent', range, options),
      this.#average('host_memory_percent', range, options),
      this.#average('http_latency_p50_ms', range, options),
      store.read('countByLevel', counted, options),
      store.read('alertTotals', counted, options)
    ])
    return {
      from: isoTime(range.from),
      to: isoTime(range.to),
      total_alerts: totals.reduce((sum, { count }) => sum + count, 0),
      alerts_by_rule: sumsBy(totals, ({ ruleId }) => ruleId),
      alerts_by_severity: sumsBy(totals, ({ severity }) => severity),
      alerts_by_state: sumsBy(totals, ({ state }) => state),
      averages: { cpu_percent: cpu, memory_percent: memory, latency_ms: latency },
      events: eventTotals(events)
    }
  }

  async #average (name: string, { from, to }: Range, options: ReadOptions): Promise<number | null> {
    const { binMs, ...range } = layBins(from, to, BINS)
    const found = await this.#parts.store.read('seriesPoints', { name, labels: {}, range, binMs }, options)
    let count = 0
    let sum = 0
    for (const point of found?.points ?? []) {
      count += point.count
      sum += point.sum
    }
    return count === 0 ? null : sum / count
  }
}

function eventTotals ({ counts, partial }: ReadValue<'countByLevel'>): SummaryAnswer['events'] {
  return { total: Object.values(counts).reduce((sum, count) => sum + count, 0), by_level: counts, ...partOf(partial) }
}

function sumsBy (totals: readonly AlertTotal[], keyOf: (total: AlertTotal) => string): Record<string, number> {
  const groups = Map.groupBy(totals, keyOf)
  return Object.fromEntries(groups.entries().map(([key, group]) => [key, group.reduce((sum, { count }) => sum + count, 0)]))
}
