import type { CallOptions, Thread } from './thread.ts'

/** Long enough for who goes from one search to the next. */
const STAYS_MS = 30_000

/**
 * The threads that read. What is quick has one from the start, and never waits for searches; these share another, so that they take one core at
 * most. It comes with the first search and goes when none has come for a while: an idle service keeps neither its heap nor its page cache.
 */
export class Readers {
  readonly #start: () => Promise<Thread>
  readonly #lookups: Thread
  #searches: Promise<Thread> | undefined
  #running = 0
  #leaving: NodeJS.Timeout | undefined
  readonly #left = new Set<Promise<void>>()

  private constructor (start: () => Promise<Thread>, lookups: Thread) {
    this.#start = start
    this.#lookups = lookups
  }

  /** `start` starts a thread; each is closed by the end of `close`. */
  static async open (start: () => Promise<Thread>): Promise<Readers> {
    return new Readers(start, await start())
  }

  look (name: string, args: unknown, options: CallOptions): Promise<unknown> {
    return this.#lookups.call(name, args, options)
  }

  async search (name: string, args: unknown, options: CallOptions): Promise<unknown> {
    clearTimeout(this.#leaving)
    this.#running++
    try {
      return await (await this.#searcher()).call(name, args, options)
    } finally {
      if (--this.#running === 0) this.#leaving = setTimeout(() => this.#leave(), STAYS_MS).unref()
    }
  }

  async close (): Promise<void> {
    clearTimeout(this.#leaving)
    this.#leave()
    await Promise.all([this.#lookups.close(), ...this.#left])
  }

  /** One that cannot be started, as without memory, fails those who wait for it; the next one asks again. */
  #searcher (): Promise<Thread> {
    this.#searches ??= this.#start().catch((error: unknown) => {
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
  }
}
