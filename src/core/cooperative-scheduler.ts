const SLICE_MS = 10

/**
 * Shares the event loop: pieces of work run at once while they are few, and wait for the next turn of the loop when
 * this one has lasted too long. Without it a hundred bodies that arrive together are all read in one turn, and whoever
 * asks for /health waits behind them.
 */
export class CooperativeScheduler {
  #waiting: Array<() => void> = []
  #turnBegan: number | undefined

  /** Runs a piece of work, in order. A piece is never interrupted, so it should take some ms at most. */
  run<T> (work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const piece = (): void => {
        try {
          resolve(work())
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      if (this.#waiting.length === 0 && this.#hasTime()) piece()
      else this.#waiting.push(piece)
    })
  }

  #hasTime (): boolean {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now()
      setImmediate(() => this.#nextTurn())
    }
    return performance.now() - this.#turnBegan < SLICE_MS
  }

  #nextTurn (): void {
    this.#turnBegan = undefined
    while (this.#waiting.length > 0 && this.#hasTime()) this.#waiting.shift()?.()
  }
}
