import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../../core/errors.ts'
import type { Appender } from './events/appender.ts'
import { withPragmas } from './database.ts'
import { storeFault } from './store-fault.ts'

interface SoundnessParts {
  /** Writes and syncs something. Throws when that fails. */
  probe: () => void
  onChange: (fault: AppError | undefined) => void
}

/**
 * Knows whether the store can write. A write that failed is followed by a probe at once; while that fails, too, the fault stands and all
 * that would write is refused without being tried, so that nobody waits for the one before.
 */
export class Soundness {
  readonly #parts: SoundnessParts
  #fault: AppError | undefined

  constructor (parts: SoundnessParts) {
    this.#parts = parts
  }

  /** Why nothing can be written at the moment. */
  get fault (): AppError | undefined {
    return this.#fault
  }

  /** Judges what a write has failed for; a bug says nothing about the store. */
  noticed (error: unknown): void {
    const fault = error instanceof AppError ? undefined : storeFault(error)
    if (fault !== undefined) this.probe()
  }

  /** Lifts the fault, or finds the one that stands now. */
  probe (): void {
    const before = this.#fault
    this.#fault = this.#tried()
    if (this.#fault?.message !== before?.message) this.#parts.onChange(this.#fault)
  }

  #tried (): AppError | undefined {
    try {
      this.#parts.probe()
      return undefined
    } catch (error) {
      return storeFault(error) ?? new AppError('overloaded', `the store cannot write (${String(error)})`, { retryAfterSeconds: 1, cause: error })
    }
  }
}

/**
 * Writes the first page as it is, synced to the disk, and goes all the way of an event but its commit. The page is written where the
 * log holds what failed before: SQLite leaves the frames of a commit there whose sync failed, and would find them after a kill.
 */
export function probeStore (raw: SqliteDatabase.Database, appender: Pick<Appender, 'rehearse'>): void {
  withPragmas(raw, { busy_timeout: 0, synchronous: 'FULL' }, () => {
    raw.transaction(() => raw.pragma(`user_version = ${Number(raw.pragma('user_version', { simple: true }))}`)).immediate()
    appender.rehearse()
  })
}
