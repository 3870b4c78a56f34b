import type { Clock } from '../core/clock.ts'
import type { Extracted } from '../pipeline/processor.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'write'>
  clock: Clock
  maxSeries: number
}

interface Sum {
  name: string
  labels: Record<string, string>
  sum: number
  count: number
}

const EVERY_MS = 5_000

/** Stores the numbers that processors take out of events: of each series the mean of every 5 s. */
export class ExtractedSamples {
  readonly #parts: Parts
  #sums = new Map<string, Sum>()
  #timer: NodeJS.Timeout | undefined
  #storing: Promise<void> = Promise.resolve()

  constructor (parts: Parts) {
    this.#parts = parts
  }

  add (extracted: readonly Extracted[]): void {
    for (const { series: name, labels, value } of extracted) {
      const key = JSON.stringify([name, labels])
      const known = this.#sums.get(key)
      this.#sums.set(key, { name, labels, sum: (known?.sum ?? 0) + value, count: (known?.count ?? 0) + 1 })
    }
    this.#timer ??= setTimeout(() => { this.#store() }, EVERY_MS).unref()
  }

  /** Stores what is left. */
  async close (): Promise<void> {
    if (this.#timer !== undefined) this.#store()
    await this.#storing
  }

  #store (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { store, clock, maxSeries } = this.#parts
    const samples = [...this.#sums.values()].map(({ name, labels, sum, count }) => ({ name, labels, value: sum / count, time: clock.now() }))
    this.#sums = new Map()
    // A disk that is full is told by the health of the store; these numbers are gone then, as those of the sampler are.
    this.#storing = this.#storing.then(() => store.write('appendSamples', { samples, maxSeries })).then(() => {}, () => {})
  }
}
