import type { Sample } from '../../schemas/sample.ts'

/** The samples of one moment. */
export interface SampleBatch {
  /** ms since the epoch. */
  time: number
  samples: readonly Sample[]
}

/** Tells followers of the service's own samples as they are taken. Nothing is kept for one who is slow: newer ones follow. */
export class SampleFeed {
  readonly #followers = new Set<(batch: SampleBatch) => void>()

  /** Returns what ends it. */
  follow (deliver: (batch: SampleBatch) => void): () => void {
    this.#followers.add(deliver)
    return () => this.#followers.delete(deliver)
  }

  publish (batch: SampleBatch): void {
    for (const deliver of this.#followers) deliver(batch)
  }

  close (): void {
    this.#followers.clear()
  }
}
