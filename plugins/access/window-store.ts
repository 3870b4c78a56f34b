import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Clock } from '../../src/core/clock.ts'

interface Window {
  count: number
  endsAt: number
}

const MOST_KEPT = 10_000

/** The store of @fastify/rate-limit on our clock: fixed windows, of which those used last are kept. */
export function windowStore (clock: Clock): FastifyRateLimitStoreCtor {
  return class WindowStore implements FastifyRateLimitStore {
    readonly #windows = new Map<string, Window>()

    incr (key: string, done: (error: Error | null, result?: { current: number, ttl: number }) => void, windowMs: number): void {
      const now = clock.now()
      const last = this.#windows.get(key)
      const isOpen = last !== undefined && now < last.endsAt && last.endsAt - now <= windowMs
      const window = isOpen ? last : { count: 0, endsAt: now + windowMs }
      window.count++
      this.#keep(key, window)
      done(null, { current: window.count, ttl: window.endsAt - now })
    }

    child (): FastifyRateLimitStore {
      return new WindowStore()
    }

    #keep (key: string, window: Window): void {
      this.#windows.delete(key)
      this.#windows.set(key, window)
      const [oldest] = this.#windows.keys()
      if (this.#windows.size > MOST_KEPT && oldest !== undefined) this.#windows.delete(oldest)
    }
  }
}
