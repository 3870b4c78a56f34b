import { fsSize } from 'systeminformation'
import type { Filesystem } from '../../schemas/host.ts'
import { AppError } from '../errors.ts'

/** Names that container engines lay over single files of /etc. */
const MOUNTED_FILE = /^\/etc\//
const ANSWERS_WITHIN_MS = 5_000

/** Knows how full the file systems are. Dear: each look starts `df` or its like. */
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
  const all = await fsSize()
  return all
    .filter(({ mount, size }) => size > 0 && !MOUNTED_FILE.test(mount))
    .map(({ mount, size, used, available }) => ({ mount, usedBytes: used, availableBytes: available, totalBytes: size }))
}
