import { open, type FileHandle } from 'node:fs/promises'
import { write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'

export const STANDARD_OUTPUT = '-'

/** Where lines go: bytes written so far count from the start of the output. */
export interface Output {
  readonly bytes: number
  /** Writes a text, and `end` behind it: put together before, both would be copied once more. */
  write: (text: string, end?: string) => Promise<void>
  /** Has what was written on the disk. */
  sync: () => Promise<void>
  close: () => Promise<void>
}

const writeTo = promisify(write)
const RETRY_MS = 2
const BUFFER_BYTES = 262_144

/** Opens a file for the output, from `keep` bytes on; what stands behind them is cut off. Throws `invalid` for a place that cannot be written, `no_space` later. */
export async function openOutput (path: string, keep = 0): Promise<Output> {
  if (path === STANDARD_OUTPUT) return new StandardOutput()
  try {
    const file = await open(path, keep === 0 ? 'w' : 'r+')
    const { size } = await file.stat()
    if (size < keep) {
      await file.close()
      throw new AppError('invalid', `${path} has ${size} bytes, and ${keep} were written to it when the run was stopped: it is another file. Start anew without --resume`)
    }
    const isFile = (await file.stat()).isFile()
    if (isFile) await file.truncate(keep)
    return new FileOutput(path, file, keep, isFile)
  } catch (error) {
    throw writeFault(path, error)
  }
}

class FileOutput implements Output {
  readonly #path: string
  readonly #file: FileHandle
  readonly #isFile: boolean
  /** Filled again for each text: a new one for each would keep the collector busy. */
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  bytes: number

  constructor (path: string, file: FileHandle, bytes: number, isFile: boolean) {
    this.#path = path
    this.#file = file
    this.#isFile = isFile
    this.bytes = bytes
  }

  async write (text: string, end = ''): Promise<void> {
    const most = (text.length + end.length) * 3
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most)
    const written = this.#buffer.write(text)
    const length = written + this.#buffer.write(end, written)
    try {
      for (let at = 0; at < length;) {
        const taken = writeSync(this.#file.fd, this.#buffer, at, length - at, this.#isFile ? this.bytes : null)
        at += taken
        this.bytes += taken
      }
    } catch (error) {
      throw writeFault(this.#path, error)
    }
  }

  async sync (): Promise<void> {
    try {
      if (this.#isFile) await this.#file.datasync()
    } catch (error) {
      throw writeFault(this.#path, error)
    }
  }

  async close (): Promise<void> {
    await this.#file.close()
  }
}

class StandardOutput implements Output {
  bytes = 0

  async write (text: string, end = ''): Promise<void> {
    const bytes = Buffer.from(text + end)
    for (let at = 0; at < bytes.length;) {
      const written = await this.#some(bytes, at)
      at += written
      this.bytes += written
    }
  }

  /** A pipe that another program set so says that it is full in place of waiting. */
  async #some (bytes: Buffer, at: number): Promise<number> {
    try {
      return (await writeTo(1, bytes, at, bytes.length - at)).bytesWritten
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw writeFault('standard output', error)
      await delay(RETRY_MS)
      return 0
    }
  }

  async sync (): Promise<void> {}
  async close (): Promise<void> {}
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'this user may not write there',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'the file may not grow any further',
  EPIPE: 'nobody reads it any more'
}
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Tells whether the reader of a pipe went away, as `head` does when it has enough. */
export function isReaderGone (error: unknown): boolean {
  return error instanceof AppError && codeOf(error.cause) === 'EPIPE'
}

/** Says why something cannot be written. */
export function writeFault (path: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error))
  return new AppError(NO_SPACE.has(code) ? 'no_space' : 'invalid', `cannot write ${path}: ${reason}`, { cause: error })
}

function codeOf (error: unknown): string {
  return String(Object(error).code ?? '')
}
