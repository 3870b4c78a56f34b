export interface PeriodicTaskOptions {
  everyMs: number
  /** The second run follows the first after so long, when the difference of both says something. */
  againMs: number
  now: () => number
  /** Is told for when it was planned. Must not throw: it knows best what to tell of a fault. */
  task: (plannedAt: number) => Promise<void>
}

/**
 * Runs a task now, soon again, and from then on at each multiple of its interval, so that what is measured lies on round
 * times. A run that takes longer than the interval is not overlapped: those that it outlasts are left out. The timer keeps no
 * process alive.
 */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #running: Promise<void>

  constructor (options: PeriodicTaskOptions) {
    this.#options = options
    this.#running = this.#run(options.now(), options.againMs)
  }

  async #run (plannedAt: number, waitMs?: number): Promise<void> {
    await this.#options.task(plannedAt)
    if (this.#isClosed) return
    const now = this.#options.now()
    const dueAt = waitMs === undefined ? this.#after(plannedAt, now) : now + waitMs
    this.#timer = setTimeout(() => { this.#running = this.#run(this.#plannedAt(dueAt)) }, dueAt - now)
    this.#timer.unref()
  }

  /** The next multiple behind both: a run that is planned for a time never comes twice, also when its timer was a ms early. */
  #after (plannedAt: number, now: number): number {
    const { everyMs } = this.#options
    const from = Math.abs(now - plannedAt) < everyMs ? Math.max(now, plannedAt) : now
    return from - from % everyMs + everyMs
  }

  /** What was planned, unless the timer came too late for it, or the clock was set meanwhile. */
  #plannedAt (dueAt: number): number {
    const { everyMs, now } = this.#options
    const at = now()
    return Math.abs(at - dueAt) < everyMs / 2 ? dueAt : at - at % everyMs
  }

  /** Waits for a run that is under way. */
  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
