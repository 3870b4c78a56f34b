import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../../../core/errors.ts'

export interface SpaceOptions {
  file: string
  minFreeBytes: number
  now: () => number
}

/** Bytes. */
export interface Space {
  /** What the file and its log take on the disk. */
  storeBytes: number
  /** Pages of the file that hold something, and those that are free for reuse. */
  usedBytes: number
  reusableBytes: number
  diskFreeBytes: number
  /** The most that the store may take: RETENTION_BYTES, or less where the disk does not hold so much. */
  budgetBytes: number
  isLow: boolean
}

interface Disk {
  /** As if nothing were on it. */
  totalBytes: number
  freeBytes: number
}

const LOOK_EVERY_MS = 500
const RETRY_AFTER_SECONDS = 5
/** Of what the disk could hold: the rest takes what comes until retention has made room. */
const SHARE_OF_DISK = 0.8
/** Of what the store could have on its own: so much it keeps, whatever others put on the disk. */
const OWN_SHARE = 0.25

/**
 * Watches the disk: under the floor new events are refused, while retention still has room to work. Free pages count as room, since
 * new events go there first.
 */
export class FreeSpace {
  /** RETENTION_BYTES; it may change at run time. */
  maxBytes = Infinity
  readonly #raw: SqliteDatabase.Database
  readonly #options: SpaceOptions
  #lookedAt = -Infinity
  #space: Space = { storeBytes: 0, usedBytes: 0, reusableBytes: 0, diskFreeBytes: Infinity, budgetBytes: Infinity, isLow: false }

  constructor (raw: SqliteDatabase.Database, options: SpaceOptions) {
    this.#raw = raw
    this.#options = options
  }

  look (): Space {
    const { file, minFreeBytes } = this.#options
    const pageBytes = Number(this.#raw.pragma('page_size', { simple: true }))
    const reusableBytes = Number(this.#raw.pragma('freelist_count', { simple: true })) * pageBytes
    const usedBytes = Number(this.#raw.pragma('page_count', { simple: true })) * pageBytes - reusableBytes
    const storeBytes = sizeOf(file) + sizeOf(`${file}-wal`)
    const disk = diskOf(dirname(file))
    const budgetBytes = budgetOf({ maxBytes: this.maxBytes, storeBytes, minFreeBytes, disk })
    const isLow = disk.freeBytes + reusableBytes < minFreeBytes
    this.#space = { storeBytes, usedBytes, reusableBytes, diskFreeBytes: disk.freeBytes, budgetBytes, isLow }
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

/**
 * The most that a store may take: `maxBytes`, or what the disk holds beside the floor. What others put on the disk shrinks that to a
 * quarter of what the store could have there alone, and no further: then events are refused, and the older ones stay.
 */
export function budgetOf ({ maxBytes, storeBytes, minFreeBytes, disk }: { maxBytes: number, storeBytes: number, minFreeBytes: number, disk: Disk }): number {
  const alone = Math.min(maxBytes, disk.totalBytes - minFreeBytes)
  if (alone <= 0) return maxBytes
  const room = (storeBytes + disk.freeBytes - minFreeBytes) * SHARE_OF_DISK
  return Math.min(maxBytes, Math.max(room, alone * OWN_SHARE))
}

function diskOf (folder: string): Disk {
  const { blocks, bfree, bavail, bsize } = statfsSync(folder)
  return { totalBytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize }
}

function sizeOf (file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
