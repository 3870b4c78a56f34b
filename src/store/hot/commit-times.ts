const MOST_KEPT = 10_000

/** How long commits took, in seconds, until somebody takes them; when nobody does, the further ones are not kept. */
export class CommitTimes {
  #seconds: number[] = []

  measure<T> (commit: () => T): T {
    const startedAt = performance.now()
    try {
      return commit()
    } finally {
      if (this.#seconds.length < MOST_KEPT) this.#seconds.push((performance.now() - startedAt) / 1000)
    }
  }

  take (): number[] {
    const seconds = this.#seconds
    this.#seconds = []
    return seconds
  }
}
