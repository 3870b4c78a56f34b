import type { Clock } from '../core/clock.ts'
import { usernameKey } from './credentials.ts'
import { AppError } from '../core/errors.ts'

/** Who tries to get in, from where. */
export interface SignInAttempt {
  /** Each is counted for itself. */
  what: 'sign-in' | 'register'
  /** The address, or the network of those that one sender can choose from. */
  address: string
  /** As it was typed; undefined where none is. */
  username: string | undefined
}

interface Tries {
  /** When those of the last minute failed, ms since the epoch. */
  failures: number[]
  running: number
  waiting: Array<() => void>
}

const MOST_FAILURES = 5
const WINDOW_MS = 60_000
const MOST_WAITING = 32
const MOST_KEPT = 10_000

/**
 * Bounds the guessing of passwords: five failures a minute for each account and each address. An attempt that runs counts as one
 * that fails until it is known, so that not one more gets through however many come at once; others wait for it. What succeeds
 * does not count. An address from which somebody has signed in is not locked out by strangers who try the same account.
 */
export class SignInLimiter {
  readonly #clock: Clock
  readonly #tries = new Map<string, Tries>()
  readonly #proven = new Set<string>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Runs the attempt, which fails when it throws `unauthorized` or `forbidden`. Throws `quota` when there were too many, `overloaded`. */
  async run<T> ({ what, address, username }: SignInAttempt, task: () => Promise<T>): Promise<T> {
    const account = username === undefined ? undefined : usernameKey(username)
    const keys = [`${what} address ${address}`]
    if (account !== undefined && !this.#proven.has(pairOf(address, account))) keys.push(`${what} account ${account}`)
    const entered: string[] = []
    let hasFailed = false
    try {
      for (const key of keys) {
        await this.#enter(key)
        entered.push(key)
      }
      const value = await task()
      if (account !== undefined) this.#prove(pairOf(address, account))
      return value
    } catch (error) {
      hasFailed = error instanceof AppError && (error.code === 'unauthorized' || error.code === 'forbidden')
      throw error
    } finally {
      for (const key of entered) this.#leave(key, hasFailed)
    }
  }

  async #enter (key: string): Promise<void> {
    for (;;) {
      const tries = this.#triesOf(key)
      const [first] = tries.failures
      if (first !== undefined && tries.failures.length >= MOST_FAILURES) throw this.#refusal(first)
      if (tries.failures.length + tries.running < MOST_FAILURES) {
        tries.running++
        return
      }
      if (tries.waiting.length >= MOST_WAITING) throw new AppError('overloaded', 'too many attempts at once: try again in a moment', { retryAfterSeconds: 1 })
      await new Promise<void>((resolve) => { tries.waiting.push(resolve) })
    }
  }

  #leave (key: string, hasFailed: boolean): void {
    const tries = this.#triesOf(key)
    tries.running--
    if (hasFailed) tries.failures.push(this.#clock.now())
    for (const resolve of tries.waiting.splice(0)) resolve()
    if (isIdle(tries) && tries.failures.length === 0) this.#tries.delete(key)
  }

  #triesOf (key: string): Tries {
    const tries = this.#tries.get(key) ?? this.#added(key)
    const now = this.#clock.now()
    tries.failures = tries.failures.filter((at) => Math.abs(now - at) < WINDOW_MS)
    return tries
  }

  /** Each failure costs a hash, so that so many in a minute are beyond any attacker: the oldest has passed. */
  #added (key: string): Tries {
    if (this.#tries.size >= MOST_KEPT) {
      const oldest = this.#tries.entries().find(([, tries]) => isIdle(tries))
      if (oldest !== undefined) this.#tries.delete(oldest[0])
    }
    const tries: Tries = { failures: [], running: 0, waiting: [] }
    this.#tries.set(key, tries)
    return tries
  }

  #prove (pair: string): void {
    this.#proven.delete(pair)
    this.#proven.add(pair)
    const [oldest] = this.#proven
    if (this.#proven.size > MOST_KEPT && oldest !== undefined) this.#proven.delete(oldest)
  }

  #refusal (first: number): AppError {
    const retryAfterSeconds = Math.max(1, Math.ceil((first + WINDOW_MS - this.#clock.now()) / 1000))
    return new AppError('quota', `${MOST_FAILURES} attempts failed within a minute: try again in ${retryAfterSeconds} s`, { retryAfterSeconds, limit: MOST_FAILURES })
  }
}

function pairOf (address: string, account: string): string {
  return `${address} ${account}`
}

function isIdle ({ running, waiting }: Tries): boolean {
  return running === 0 && waiting.length === 0
}
