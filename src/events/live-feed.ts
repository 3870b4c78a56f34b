import type { Clock } from '../core/clock.ts'
import type { IdentifiedEvent } from './wire-event.ts'

/** What a follower gets: events in order of receipt, and before them how many it missed. */
export interface LiveBatch {
  events: IdentifiedEvent[]
  missed: number
}

export interface Follower {
  accepts: (event: IdentifiedEvent) => boolean
  /** Returns false when the follower cannot take more for now. */
  deliver: (batch: LiveBatch) => boolean
}

interface Following {
  follower: Follower
  waiting: IdentifiedEvent[]
  missed: number
  isBlocked: boolean
  deliveredAt: number
}

const BATCH_EVERY_MS = 250
const MOST_WAITING = 1_000

/** Tells followers of new events, at most one batch each 250 ms; what a slow one cannot take is counted, not kept. */
export class LiveFeed {
  readonly #clock: Clock
  readonly #followings = new Set<Following>()
  #timer: NodeJS.Timeout | undefined

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Begins blocked when the follower first has something else to catch up with; `resume` lets it go on. */
  follow (follower: Follower, { isBlocked }: { isBlocked: boolean }): { stop: () => void, resume: () => void } {
    const following: Following = { follower, waiting: [], missed: 0, isBlocked, deliveredAt: 0 }
    this.#followings.add(following)
    return {
      stop: () => { this.#followings.delete(following) },
      resume: () => {
        following.isBlocked = false
        this.#schedule()
      }
    }
  }

  publish (events: readonly IdentifiedEvent[]): void {
    for (const following of this.#followings) keep(following, events)
    this.#schedule()
  }

  #schedule (): void {
    if (this.#timer !== undefined || this.#followings.size === 0) return
    this.#timer = setTimeout(() => this.#deliver(), this.#waitMs())
    this.#timer.unref()
  }

  #waitMs (): number {
    const last = Math.max(...Array.from(this.#followings, ({ deliveredAt }) => deliveredAt))
    return Math.min(BATCH_EVERY_MS, Math.max(0, last + BATCH_EVERY_MS - this.#clock.now()))
  }

  #deliver (): void {
    this.#timer = undefined
    for (const following of this.#followings) {
      if (following.isBlocked || following.waiting.length + following.missed === 0) continue
      const batch = { events: following.waiting, missed: following.missed }
      following.waiting = []
      following.missed = 0
      following.deliveredAt = this.#clock.now()
      following.isBlocked = !following.follower.deliver(batch)
    }
  }

  close (): void {
    clearTimeout(this.#timer)
    this.#followings.clear()
  }
}

/** The newest are kept; a follower that was too slow is told how many older ones it missed. */
function keep (following: Following, events: readonly IdentifiedEvent[]): void {
  for (const event of events) {
    if (following.follower.accepts(event)) following.waiting.push(event)
  }
  const surplus = following.waiting.length - MOST_WAITING
  if (surplus <= 0) return
  following.waiting.splice(0, surplus)
  following.missed += surplus
}
