import type { RunLook } from '../pipeline/run/job.ts'

const EVERY_MS = 1_000

/** Tells those who follow where a run stands, each second in which lines came; looks at nothing while nobody follows. */
export class RunFeed {
  readonly #look: () => RunLook
  readonly #followers = new Set<(look: RunLook) => void>()
  #timer: NodeJS.Timeout | undefined
  #told = -1

  constructor (look: () => RunLook) {
    this.#look = look
  }

  /** Tells where it stands now, and from then on; answers how to stop. */
  follow (deliver: (look: RunLook) => void): () => void {
    this.#followers.add(deliver)
    this.#timer ??= setInterval(() => { this.#tell() }, EVERY_MS).unref()
    deliver(this.#look())
    return () => {
      this.#followers.delete(deliver)
      if (this.#followers.size === 0) this.close()
    }
  }

  close (): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tell (): void {
    const look = this.#look()
    if (look.run.lines_in === this.#told) return
    this.#told = look.run.lines_in
    for (const deliver of this.#followers) deliver(look)
  }
}
