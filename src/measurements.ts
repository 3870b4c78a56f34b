import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { countEvent, countsAt, fillCounts, startCounts, type Counts } from './rules/counts.ts'
import type { CountNeed, Measured, Need, SeriesNeed, Values } from './rules/signals.ts'
import type { Store } from './store/store.ts'
import type { IdentifiedEvent } from './wire.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  log: Pick<Logger, 'warn'>
  timeoutMs: number
  /** The last evaluation before the start. */
  previousAt: number | undefined
}

const IDS_PER_MS = 1_024
const STEP_MS = 1_000
/** Label sets of the past that are counted for one need. */
const MOST_GROUPS = 1_000
/** So long after a start, or after its window, an absence is judged: nobody knows what came while nobody listened. */
const LISTEN_MS = 600_000

/** Measures what rules need: events are counted as they are stored, series are summed up in the store. */
export class Measurements {
  readonly #parts: Parts
  readonly #startedAt: number
  #counts: Counts = startCounts([], 0)
  #series: readonly SeriesNeed[] = []
  #filling: Promise<void> = Promise.resolve()

  constructor (parts: Parts) {
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  /** Begins to measure these; resolves when the past of what is new is known too. */
  follow (needs: readonly Need[]): Promise<void> {
    const counted = needs.filter((need) => need.kind === 'count')
    this.#series = needs.filter((need) => need.kind === 'series')
    const known = new Set(this.#counts.byQuery.flat().map(({ need }) => need.key))
    const now = this.#parts.clock.now()
    this.#counts = startCounts(counted, now, this.#counts)
    const fresh = counted.filter(({ key }) => !known.has(key))
    this.#filling = this.#filling.then(() => this.#fill(fresh, now))
    return this.#filling
  }

  /** Resolves when the past of all that is followed is known, or cannot be had. */
  ready (): Promise<void> {
    return this.#filling
  }

  count (events: readonly IdentifiedEvent[]): void {
    for (const event of events) countEvent(this.#counts, event, Math.floor(event.id / IDS_PER_MS))
  }

  /** What could not be measured is left out. */
  async at (now: number): Promise<Values> {
    const { store, timeoutMs, log } = this.#parts
    const values = new Map<string, Measured>(countsAt(this.#counts, now))
    if (this.#series.length === 0) return values
    try {
      const rows = await store.read('seriesValues', { requests: this.#series, now }, { timeoutMs })
      for (const [index, need] of this.#series.entries()) values.set(need.key, { rows: rows[index] ?? [], since: this.#sinceOf(need) })
    } catch (error) {
      log.warn({ err: error }, 'series could not be read: the rules that need them are not judged this time')
    }
    return values
  }

  async #fill (needs: readonly CountNeed[], to: number): Promise<void> {
    if (needs.length === 0) return
    const { store, log, timeoutMs } = this.#parts
    // The writer does one thing after the other: when this is done, whatever was received before `to` can be read.
    await store.write('space', undefined)
    for (const need of needs) {
      const { key, where, windowMs, groupBy } = need
      try {
        const from = Math.floor((to - windowMs) / STEP_MS) * STEP_MS
        const { rows } = await store.read('countSteps', { where, received: { from, to: to - 1 }, groupBy, most: MOST_GROUPS, stepMs: STEP_MS }, { timeoutMs })
        const groups = rows.map(({ labels, steps }) => ({ labels, steps: steps.map(([step, count]): [number, number] => [from + step * STEP_MS, count]) }))
        fillCounts(this.#counts, key, { since: this.#wholeSince(need, from), groups })
      } catch (error) {
        log.warn({ err: error }, 'past events could not be counted: the rule is judged once its window is full')
      }
    }
  }

  /** What came before a stop is counted whole; what did not come is missing only once somebody has listened for a while. */
  #wholeSince ({ isAbsence, windowMs }: CountNeed, from: number): number {
    return isAbsence ? Math.max(from, this.#startedAt - Math.max(0, windowMs - LISTEN_MS)) : from
  }

  /** After a stop that was longer than the window its samples say nothing of the whole. */
  #sinceOf ({ windowMs }: SeriesNeed): number {
    const { previousAt } = this.#parts
    return previousAt !== undefined && this.#startedAt - previousAt <= windowMs ? 0 : this.#startedAt
  }
}
