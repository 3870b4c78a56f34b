import { setImmediate } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'

const RETRY_AFTER_SECONDS = 1

/** Bounds one query: its slices call `pause` between them, which lets others run and ends what is late or unwanted. */
export class Guard {
  readonly deadline: number
  readonly now: () => number
  #isCancelled = false

  constructor (deadline: number, now: () => number) {
    this.deadline = deadline
    this.now = now
  }

  cancel (): void {
    this.#isCancelled = true
  }

  get isLate (): boolean {
    return this.now() >= this.deadline
  }

  /** Tells whether a query ended with this error because its time was over: what was found until then may be answered. */
  isEndOfTime (error: unknown): boolean {
    return error instanceof AppError && error.code === 'timeout' && this.isLate && !this.#isCancelled
  }

  /** Lets others run in the middle of a slice, which is finished however late it is. */
  async rest (): Promise<void> {
    await setImmediate()
  }

  /** Throws `timeout` when the deadline is past or the caller has left. */
  async pause (): Promise<void> {
    await this.rest()
    if (this.#isCancelled) throw new AppError('timeout', 'the caller left before the answer was ready')
    if (this.isLate) {
      throw new AppError('timeout',
        'the query was cut because it took too long: narrow the time range, or add a service or level',
        { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
  }
}
