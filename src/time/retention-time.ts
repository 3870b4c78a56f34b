import type { Logger } from 'pino'
import type { Check } from '../../schemas/health.ts'
import type { Clock } from '../core/clock.ts'
import { spanText } from './clock-watch.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  log: Pick<Logger, 'warn' | 'info'>
}

const DAY_MS = 86_400_000
/** A service that was off for a long weekend goes on at once. */
const MOST_AT_ONCE_MS = 3 * DAY_MS
/** Beyond that it follows the clock so many times as fast as time passes. */
const FASTER = 3

const RETAINED_AT = 'retained_at'

/** Gives the time by which ages are judged: the clock's, unless that is days away from where it was; then it follows slowly. */
export function followClock (at: number, { now, passedMs }: { now: number, passedMs: number }): number {
  const away = now - at
  if (Math.abs(away) <= MOST_AT_ONCE_MS) return now
  return at + Math.sign(away) * Math.min(Math.abs(away), FASTER * passedMs)
}

/**
 * The time by which retention judges ages. A clock that is set 400 days ahead would delete everything at its next look: here it
 * deletes a few days' worth in a day, until somebody has seen it.
 */
export class RetentionTime {
  readonly #parts: Parts
  #at: number
  #seenAt: number
  #heldBackMs = 0

  private constructor (parts: Parts, at: number) {
    this.#parts = parts
    this.#at = at
    this.#seenAt = this.#passed()
  }

  static async open (parts: Parts): Promise<RetentionTime> {
    const kept = (await parts.store.read('listSettings', undefined)).find(({ name }) => name === RETAINED_AT)?.value
    const known = typeof kept === 'number' ? kept : await parts.store.read('lastEvaluation', undefined)
    return new RetentionTime(parts, known ?? parts.clock.now())
  }

  /** Goes on as far as it may, and keeps that. Never later than the clock. */
  async next (): Promise<number> {
    const { store, clock } = this.#parts
    const now = clock.now()
    const passed = this.#passed()
    this.#at = followClock(this.#at, { now, passedMs: passed - this.#seenAt })
    this.#seenAt = passed
    this.#hold(Math.max(0, now - this.#at))
    await store.write('saveSettings', { settings: [{ name: RETAINED_AT, value: this.#at }], now })
    return Math.min(this.#at, now)
  }

  /** Adds to what is said of the clock that retention does not trust it. */
  check (clock: Check): Check {
    if (this.#heldBackMs === 0) return clock
    return { status: 'degraded', detail: `${clock.detail}; retention by age is held back: the clock is ${spanText(this.#heldBackMs)} from where it was, and is followed by ${FASTER} days a day` }
  }

  #hold (ms: number): void {
    const { log } = this.#parts
    if (ms > 0 && this.#heldBackMs === 0) log.warn({ ms }, 'the clock is days ahead of where it was: retention by age is held back')
    if (ms === 0 && this.#heldBackMs > 0) log.info('retention by age goes by the clock again')
    this.#heldBackMs = ms
  }

  #passed (): number {
    const { clock } = this.#parts
    return clock.steady?.() ?? clock.now()
  }
}
