import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { ClockStep } from '../time/clock-watch.ts'
import { countEvent, countsAt, fillCounts, incompleteAt, shiftCounts, startCounts, type Counts } from '../rules/counts.ts'
import { absenceSince, type CountNeed, type Measured, type Need, type SeriesNeed } from '../rules/signals.ts'
import type { Sight } from '../rules/troubles.ts'
import type { Store } from '../store/store.ts'
import type { IdentifiedEvent } from '../events/wire-event.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  log: Pick<Logger, 'warn'>
  timeoutMs: number
  /** Since when events are listened for, short stops left out. */
  listensFrom: number
  /** The last evaluation before the start. */
  previousAt: number | undefined
}

interface SeriesSight {
  read: Array<[need: SeriesNeed, rows: Measured['rows']]>
  /** By the key of the need. */
  failures: Map<string, string>
}

const STEP_MS = 1_000
/** Between the receipt of an event and the moment at which it is counted. */
const LONGEST_COMMIT_MS = 60_000
/** Of the breaks in the past of series the newest count. */
const MOST_GAPS = 10
/** Label sets of the past that are counted for one need. */
const MOST_GROUPS = 1_000

/** Measures what rules need: events are counted as they are stored, series are summed up in the store. */
export class Measurements {
  readonly #parts: Parts
  #startedAt: number
  #listensFrom: number
  /** When the past of series broke off, and how long a window must be to bridge it. */
  #gaps: ReadonlyArray<{ at: number, ms: number }>
  #counts: Counts = startCounts([], 0)
  #series: readonly SeriesNeed[] = []
  /** Keys of needs that failed when they were read last: each is read by itself, so that it spoils nothing for the others. */
  #suspects: ReadonlySet<string> = new Set()
  #filling: Promise<void> = Promise.resolve()

  constructor (parts: Parts) {
    this.#parts = parts
    const { clock, previousAt = -Infinity } = parts
    this.#startedAt = clock.now()
    this.#listensFrom = parts.listensFrom
    this.#gaps = [{ at: this.#startedAt, ms: Math.abs(this.#startedAt - previousAt) }]
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
    const now = this.#parts.clock.now()
    for (const event of events) {
      // It was stored just now: a time of receipt far from that is of a clock that was set in between.
      const isNear = Math.abs(now - event.receivedAt) < LONGEST_COMMIT_MS
      countEvent(this.#counts, event, isNear ? event.receivedAt : now)
    }
  }

  /** The clock jumped. Events are counted by the time that passes; the past of series lies where the clock was. */
  shift ({ at, ms }: ClockStep): void {
    shiftCounts(this.#counts, ms)
    this.#startedAt += ms
    this.#listensFrom = at
    this.#gaps = [...this.#gaps.slice(1 - MOST_GAPS).map((gap) => ({ ...gap, at: gap.at + ms })), { at, ms: Math.abs(ms) }]
  }

  /** Times that an event was not counted, because its rule counts too many label sets already. */
  get refused (): number {
    return this.#counts.refused
  }

  /** Measures all that is followed. One need that cannot be measured leaves the others as they are. */
  async at (now: number): Promise<Sight> {
    const values = new Map(countsAt(this.#counts, now))
    const incomplete = incompleteAt(this.#counts, now)
    const { read, failures } = await this.#readSeries(now)
    for (const [need, rows] of read) values.set(need.key, { rows, since: this.#sinceOf(need) })
    this.#suspects = new Set(failures.keys())
    return { values, failures, incomplete }
  }

  async #readSeries (now: number): Promise<SeriesSight> {
    const { log, timeoutMs } = this.#parts
    const deadline = performance.now() + timeoutMs
    const suspects = this.#series.filter(({ key }) => this.#suspects.has(key))
    const trusted = this.#series.filter(({ key }) => !this.#suspects.has(key))
    const apart = this.#readApart(suspects, now, timeoutMs)
    const together = await this.#readTogether(trusted, now).catch((error: unknown) => {
      log.warn({ err: error }, 'series could not be read together: each is read by itself')
      // What fails at once leaves time for the others; after a timeout each still gets half of it.
      return this.#readApart(trusted, now, Math.max(deadline - performance.now(), timeoutMs / 2))
    })
    const { read, failures } = await apart
    return { read: [...together.read, ...read], failures: new Map([...together.failures, ...failures]) }
  }

  async #readTogether (needs: readonly SeriesNeed[], now: number): Promise<SeriesSight> {
    const { store, timeoutMs } = this.#parts
    if (needs.length === 0) return { read: [], failures: new Map() }
    const rows = await store.read('seriesValues', { requests: needs, now }, { timeoutMs })
    return { read: needs.map((need, index) => [need, rows[index] ?? []]), failures: new Map() }
  }

  async #readApart (needs: readonly SeriesNeed[], now: number, timeoutMs: number): Promise<SeriesSight> {
    const sight: SeriesSight = { read: [], failures: new Map() }
    await Promise.all(needs.map(async (need) => {
      try {
        const [rows = []] = await this.#parts.store.read('seriesValues', { requests: [need], now }, { timeoutMs })
        sight.read.push([need, rows])
      } catch (error) {
        sight.failures.set(need.key, error instanceof Error ? error.message : String(error))
      }
    }))
    return sight
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
        const received = { from, to: to - 1 }
        // A search has a thread of its own, which a start after a while of silence does without.
        const { rows, other } = await store.read('mayHoldReceived', received, { timeoutMs })
          ? await store.read('countSteps', { where, received, groupBy, most: MOST_GROUPS, stepMs: STEP_MS }, { timeoutMs })
          : { rows: [], other: 0 }
        const groups = rows.map(({ labels, steps }) => ({ labels, steps: steps.map(([step, count]): [number, number] => [from + step * STEP_MS, count]) }))
        fillCounts(this.#counts, key, { since: this.#wholeSince(need, from), groups, other })
      } catch (error) {
        log.warn({ err: error }, 'past events could not be counted: the rule is judged once its window is full')
      }
    }
  }

  /** What came before a stop is counted whole; what did not come is missing only once somebody has listened for a while. */
  #wholeSince (need: CountNeed, from: number): number {
    return need.isAbsence ? Math.max(from, absenceSince(need, { from: this.#listensFrom, again: this.#startedAt })) : from
  }

  /** After a stop, or a jump of the clock, that was longer than the window its samples say nothing of the whole. */
  #sinceOf ({ windowMs }: SeriesNeed): number {
    return Math.max(0, ...this.#gaps.filter(({ ms }) => ms > windowMs).map(({ at }) => at))
  }
}
