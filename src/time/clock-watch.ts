import type { Logger } from 'pino'
import type { Check } from '../../schemas/health.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/** The clock was put forward, or back when `ms` is negative; `at` is what it showed then. */
export interface ClockStep {
  at: number
  ms: number
}

const LOOK_EVERY_MS = 1_000
/** What keeps clocks right slews them by less between two looks. */
const LEAST_MS = 1_000
/** So long health names a step. */
const NAMED_FOR_MS = 3_600_000
const UNITS: ReadonlyArray<[ms: number, name: string]> = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min']]

/**
 * Holds the clock against the time that really passes, and tells of each step: somebody set it, or the machine slept. Whoever keeps
 * times that are to be waited for moves them along.
 */
export class ClockWatch {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  readonly #listeners: Array<(step: ClockStep) => void> = []
  #offset: number
  #last: (ClockStep & { seenAt: number }) | undefined

  private constructor (parts: Parts) {
    this.#parts = parts
    this.#offset = this.#look()
    this.#timer = setInterval(() => this.observe(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  static async open ({ store, ...parts }: Parts & { store: Pick<Store, 'read'> }): Promise<ClockWatch> {
    const watch = new ClockWatch(parts)
    const previousAt = await store.read('lastEvaluation', undefined)
    const now = parts.clock.now()
    // A clock that stands before the last evaluation was set back since.
    if (previousAt !== undefined && previousAt - now > LEAST_MS) watch.#note({ at: now, ms: now - previousAt })
    return watch
  }

  /** The step that was made before the start, as far as it can be told. */
  get beforeStart (): ClockStep | undefined {
    return this.#last
  }

  onStep (listener: (step: ClockStep) => void): void {
    this.#listeners.push(listener)
  }

  /** Looks now: to be called before times are compared that must not lie on both sides of a step. */
  observe (): void {
    const offset = this.#look()
    const ms = offset - this.#offset
    this.#offset = offset
    if (Math.abs(ms) < LEAST_MS) return
    const step = { at: this.#parts.clock.now(), ms }
    this.#note(step)
    for (const listener of this.#listeners) listener(step)
  }

  check (): Check {
    if (this.#last === undefined || this.#passed() - this.#last.seenAt > NAMED_FOR_MS) return { status: 'ok', detail: 'the clock goes evenly' }
    return { status: 'degraded', detail: `the clock jumped by ${spanText(this.#last.ms)}, to ${isoTime(this.#last.at)}: it was set, or the machine slept` }
  }

  close (): void {
    clearInterval(this.#timer)
  }

  #note (step: ClockStep): void {
    this.#last = { ...step, seenAt: this.#passed() }
    this.#parts.log.warn({ ms: step.ms }, 'the clock jumped: what is waited for moves along')
  }

  #look (): number {
    return this.#parts.clock.now() - this.#passed()
  }

  #passed (): number {
    const { clock } = this.#parts
    return clock.steady?.() ?? clock.now()
  }
}

/** Says a span of time with its sign: +2 h, -90 s. */
export function spanText (ms: number): string {
  const [unitMs, name] = UNITS.find(([unit]) => Math.abs(ms) >= unit) ?? [1_000, 's']
  return `${ms < 0 ? '-' : '+'}${Number((Math.abs(ms) / unitMs).toFixed(1))} ${name}`
}
