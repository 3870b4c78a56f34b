export interface RepeatOptions {
  everyMs: number
  /** The second run follows the first after so long, when the difference of both says something. */
  againMs: number
  now: () => number
  /** Must not throw: it knows best what to tell of a fault. */
  task: () => Promise<void>
}

/**
 * Runs a task now, soon again, and from then on at each multiple of its interval, so that what is measured lies on round
 * times. A run that takes longer than the interval is not overlapped: those that it outlasts are left out. The timer keeps no
 * process alive.
 */
export class Repeat {
  readonly #options: RepeatOptions
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #running: Promise<void>

  constructor (options: RepeatOptions) {
    this.#options = options
    this.#running = this.#run(options.againMs)
  }

  async #run (waitMs?: number): Promise<void> {
    await this.#options.task()
    if (this.#isClosed) return
    this.#timer = setTimeout(() => { this.#running = this.#run() }, waitMs ?? this.#untilNext())
    this.#timer.unref()
  }

  /** A timer may be a ms early: what is less than half an interval away was meant just now. */
  #untilNext (): number {
    const { everyMs, now } = this.#options
    const wait = everyMs - now() % everyMs
    return wait < everyMs / 2 ? wait + everyMs : wait
  }

  /** Waits for a run that is under way. */
  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
