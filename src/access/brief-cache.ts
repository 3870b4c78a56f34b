import { steadyClock, type Clock } from '../core/clock.ts'

interface Entry<T> {
  value: T | undefined
  readAt: number
}

/** What another process changed is noticed within this time. */
const KNOWN_FOR_MS = 500
const MOST_KNOWN = 1_000

/** Remembers for half a second what the store answered, so that a caller who asks often costs few look-ups. */
export class BriefCache<T> {
  readonly #clock: Clock
  readonly #read: (key: string) => Promise<T | undefined>
  readonly #entries = new Map<string, Entry<T>>()

  constructor (clock: Clock, read: (key: string) => Promise<T | undefined>) {
    this.#clock = steadyClock(clock)
    this.#read = read
  }

  async get (key: string): Promise<T | undefined> {
    const known = this.#entries.get(key)
    const now = this.#clock.now()
    if (known !== undefined && now - known.readAt < KNOWN_FOR_MS) return known.value
    const value = await this.#read(key)
    if (this.#entries.size >= MOST_KNOWN) this.#entries.clear()
    this.#entries.set(key, { value, readAt: now })
    return value
  }

  /** Lets a change that was made here hold at once. */
  forget (): void {
    this.#entries.clear()
  }
}
