import type { CallOptions, Thread } from './thread.ts'

/** Long enough for who goes from one search to the next. */
const STAYS_MS = 30_000
/** Longer than a thread takes to come, also on a busy machine: who has less time, as the evidence of an alert, is not to wait for one. */
const HURRIED_MS = 2_000

/**
 * The threads that read. What is quick has one from the start, and waits for no search that has time; these share another, so that they take one core at
 * most. It comes with the first search and goes when none has come for a while: an idle service keeps neither its heap nor its page cache.
 */
export class Readers {
  readonly #start: () => Promise<Thread>
  readonly #lookups: Thread
  #searches: Promise<Thread> | undefined
  #running = 0
  #leaving: NodeJS.Timeout | undefined
  #isReady = false
  #isClosed = false
  readonly #left = new Set<Promise<void>>()

  /** `lookups` is for what is quick; `start` starts another. All are closed by the end of `close`. */
  constructor (lookups: Thread, start: () => Promise<Thread>) {
    this.#lookups = lookups
    this.#start = start
  }

  look (name: string, args: unknown, options: CallOptions): Promise<unknown> {
    return this.#lookups.call(name, args, options)
  }

  async search (name: string, args: unknown, options: CallOptions): Promise<unknown> {
    // Closed, because a thread that came now would have nobody to close it.
    if (this.#isClosed || (!this.#isReady && isHurried(options))) return this.look(name, args, options)
    clearTimeout(this.#leaving)
    this.#running++
    try {
      return await (await this.#searcher()).call(name, args, options)
    } finally {
      if (--this.#running === 0 && !this.#isClosed) this.#leaving = setTimeout(() => this.#leave(), STAYS_MS).unref()
    }
  }

  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#leaving)
    this.#leave()
    await Promise.all([this.#lookups.close(), ...this.#left])
  }

  /** One that cannot be started, as without memory, fails those who wait for it; the next one asks again. */
  #searcher (): Promise<Thread> {
    this.#searches ??= this.#start().then((thread) => {
      this.#isReady = true
      return thread
    }, (error: unknown) => {
      this.#searches = undefined
      throw error
    })
    return this.#searches
  }

  /** What comes while it goes has a thread of its own. */
  #leave (): void {
    if (this.#searches === undefined) return
    const going = this.#searches.then((thread) => thread.close(), () => {}).finally(() => { this.#left.delete(going) })
    this.#left.add(going)
    this.#searches = undefined
    this.#isReady = false
  }
}

function isHurried ({ deadline = Infinity }: CallOptions): boolean {
  return deadline - Date.now() < HURRIED_MS
}
