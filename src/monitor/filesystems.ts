import type { Filesystem } from '../../schemas/host.ts'
import { AppError } from '../core/errors.ts'
import { readMounts, type Mounted } from './mounts.ts'

/** Names that container engines lay over single files of /etc. */
const MOUNTED_FILE = /^\/etc\//
const ANSWERS_WITHIN_MS = 5_000

/** Knows how full the file systems are. Dear where others than plain disks are mounted: each look starts `df` or its like. */
export class Filesystems {
  readonly #read: () => Promise<readonly Filesystem[]>
  #reading: Promise<readonly Filesystem[]> | undefined
  #latest: readonly Filesystem[] = []

  constructor (read: () => Promise<readonly Filesystem[]> = readAll) {
    this.#read = read
  }

  get latest (): readonly Filesystem[] {
    return this.#latest
  }

  /** Throws `timeout` when there is no answer: a network disk that is gone holds `df` for ever, and no other is started meanwhile. */
  async look (): Promise<readonly Filesystem[]> {
    this.#reading ??= this.#read().finally(() => { this.#reading = undefined })
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new AppError('timeout', 'the file systems did not answer')), ANSWERS_WITHIN_MS).unref()
    try {
      this.#latest = await Promise.race([this.#reading, late.promise])
    } catch (error) {
      this.#latest = []
      throw error
    } finally {
      clearTimeout(timer)
    }
    return this.#latest
  }
}

async function readAll (): Promise<Filesystem[]> {
  const mounts = await readMounts()
  if (mounts !== undefined) return distinct(mounts)
  const { fsSize } = await import('systeminformation')
  return distinct(await fsSize())
}

/**
 * Takes each file system once, by its shortest mount: bind mounts and subvolumes show one again and again, and the layers of containers show that of
 * the host. What can only be read, and is full by its nature (an image, a disc), is no disk that fills up.
 */
export function distinct (all: readonly Mounted[]): Filesystem[] {
  const shortest = all
    .filter(({ mount, type, size, available, rw }) => size > 0 && !MOUNTED_FILE.test(mount) && (type !== 'overlay' || mount === '/') && (rw !== false || available > 0))
    .toSorted((a, b) => a.mount.length - b.mount.length)
  const seen = new Set<string>()
  return shortest.filter(({ fs }) => !isPlace(fs) || (!seen.has(fs) && seen.add(fs)))
    .map(({ mount, size, used, available }) => ({ mount, usedBytes: used, availableBytes: available, totalBytes: size }))
}

/** A device, or a share of another machine: one name, one file system. `tmpfs` and its like are called the same and are several. */
function isPlace (fs: string): boolean {
  return /[/:]/.test(fs)
}
