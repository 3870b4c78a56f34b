import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'

/** Credentials by their SHA-256, with the time when each was tried first. */
type Tried = Map<string, number>

const MOST_GUESSES = 100
const WINDOW_MS = 60_000
const MOST_KEPT = 10_000

/**
 * Bounds the guessing of tokens: so many different wrong ones a minute from one address, then those that were not seen to be good
 * are refused unread. A client that keeps sending its one revoked token counts once, and locks nobody out that shares its address.
 */
export class TokenGuessLimiter {
  readonly #clock: Clock
  readonly #byAddress = new Map<string, Tried>()
  readonly #good = new Set<string>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /**
   * Asks whose the credential is, and counts it while that is not known to be somebody. Throws `quota`. `addressOf` is asked for
   * credentials that are not known alone, since it may cost more than the rest.
   */
  async judge<T> (credential: string, addressOf: () => string, identify: () => Promise<T | undefined>): Promise<T | undefined> {
    const digest = hash('sha256', credential)
    if (this.#good.has(digest)) {
      const caller = await identify()
      if (caller === undefined) this.#good.delete(digest)
      return caller
    }
    const address = addressOf()
    const tried = this.#triedFrom(address)
    if (!tried.has(digest)) this.#count(tried, digest)
    let isWrong = false
    try {
      const caller = await identify()
      isWrong = caller === undefined
      if (!isWrong) addTo(this.#good, digest)
      return caller
    } finally {
      if (!isWrong) tried.delete(digest)
      if (tried.size === 0) this.#byAddress.delete(address)
    }
  }

  #count (tried: Tried, digest: string): void {
    const now = this.#clock.now()
    for (const [old, at] of tried) {
      if (Math.abs(now - at) < WINDOW_MS) break
      tried.delete(old)
    }
    const [first] = tried.values()
    if (first !== undefined && tried.size >= MOST_GUESSES) {
      const retryAfterSeconds = Math.max(1, Math.ceil((first + WINDOW_MS - now) / 1000))
      throw new AppError('quota', `this address tried ${MOST_GUESSES} wrong tokens within a minute: try again in ${retryAfterSeconds} s`, { retryAfterSeconds, limit: MOST_GUESSES })
    }
    tried.set(digest, now)
  }

  #triedFrom (address: string): Tried {
    const tried = this.#byAddress.get(address) ?? new Map<string, number>()
    this.#byAddress.delete(address)
    this.#byAddress.set(address, tried)
    const [oldest] = this.#byAddress.keys()
    if (this.#byAddress.size > MOST_KEPT && oldest !== undefined) this.#byAddress.delete(oldest)
    return tried
  }
}

function addTo (good: Set<string>, digest: string): void {
  good.add(digest)
  const [oldest] = good
  if (good.size > MOST_KEPT && oldest !== undefined) good.delete(oldest)
}
