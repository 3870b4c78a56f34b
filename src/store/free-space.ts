import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../errors.ts'

export interface SpaceOptions {
  file: string
  minFreeBytes: number
  now: () => number
}

/** Bytes: what the store takes, how much of that is free for reuse, and what the disk has left. */
export interface Space {
  storeBytes: number
  reusableBytes: number
  diskFreeBytes: number
  isLow: boolean
}

const LOOK_EVERY_MS = 500
const RETRY_AFTER_SECONDS = 5

/** Watches the disk: under the floor new events are refused, while retention still has room to work. */
export class FreeSpace {
  readonly #raw: SqliteDatabase.Database
  readonly #options: SpaceOptions
  #lookedAt = -Infinity
  #space: Space = { storeBytes: 0, reusableBytes: 0, diskFreeBytes: Infinity, isLow: false }

  constructor (raw: SqliteDatabase.Database, options: SpaceOptions) {
    this.#raw = raw
    this.#options = options
  }

  look (): Space {
    const pageBytes = Number(this.#raw.pragma('page_size', { simple: true }))
    const pages = Number(this.#raw.pragma('page_count', { simple: true }))
    const reusable = Number(this.#raw.pragma('freelist_count', { simple: true }))
    const { bavail, bsize } = statfsSync(dirname(this.#options.file))
    const diskFreeBytes = bavail * bsize
    const reusableBytes = reusable * pageBytes
    this.#space = { storeBytes: pages * pageBytes, reusableBytes, diskFreeBytes, isLow: diskFreeBytes < this.#options.minFreeBytes }
    return this.#space
  }

  /** Says why events are refused at the moment, or nothing. Looks at the disk at most twice a second. */
  refusal (): AppError | undefined {
    const now = this.#options.now()
    if (Math.abs(now - this.#lookedAt) > LOOK_EVERY_MS) {
      this.#lookedAt = now
      this.look()
    }
    if (!this.#space.isLow) return undefined
    return new AppError('no_space',
      `only ${this.#space.diskFreeBytes} bytes of disk are free, MIN_FREE_BYTES is ${this.#options.minFreeBytes}: nothing was stored; free some disk, or lower RETENTION_BYTES`,
      { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}
