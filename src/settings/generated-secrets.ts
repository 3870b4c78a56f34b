import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, ConfigurationError } from '../core/errors.ts'

const SECRET_BYTES = 32

/** Windows has neither the modes that are checked here nor folders that can be synced. */
const isPosix = process.platform !== 'win32'

/**
 * Reads the secret `DATA_DIR/<name>.secret`, or makes it: 32 random bytes as base64url, mode 0600, on the disk
 * before it is answered. Processes that start at the same time all get the one secret that came first.
 * Makes `dataDir` (mode 0700) when it is missing. Throws ConfigurationError with the way to mend it for a file
 * that others may open, that cannot be opened, or that holds less than 32 bytes.
 */
export function loadSecret (dataDir: string, name: string): string {
  const file = join(dataDir, `${name}.secret`)
  try {
    return readSecret(file) ?? createSecret(dataDir, file)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new ConfigurationError(`the secret ${file} can be neither read nor made: ${reasonOf(error)}`, { cause: error })
  }
}

function readSecret (file: string): string | undefined {
  const fd = openIfThere(file)
  if (fd === undefined) return undefined
  try {
    const entry = fstatSync(fd)
    if (!entry.isFile()) throw new ConfigurationError(`the secret ${file} is no file: move away what stands there to have one made`)
    refuseLoose(file, entry.mode)
    const secret = readFileSync(fd, 'utf8').trim()
    if (Buffer.byteLength(secret) < SECRET_BYTES) {
      throw new ConfigurationError(`the secret ${file} holds less than ${SECRET_BYTES} bytes: put a longer one there, or remove the file to have one made`)
    }
    return secret
  } finally {
    closeSync(fd)
  }
}

function refuseLoose (file: string, mode: number): void {
  if (!isPosix || (mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new ConfigurationError(`the secret ${file} is open to others (mode ${shown}): run chmod 600 ${shellWord(file)}`)
}

/**
 * Writes a complete file beside `file`, then links it to that name. A link never replaces what is there, so that of
 * several processes one wins, and nobody ever reads a half-written secret, not even after a crash.
 */
function createSecret (dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    writeDurably(draft, randomBytes(SECRET_BYTES).toString('base64url'))
    linkIfFirst(draft, file)
  } finally {
    removeIfThere(draft)
  }
  if (isPosix) syncPath(dataDir)
  const secret = readSecret(file)
  if (secret === undefined) throw new AppError('conflict', `the secret ${file} vanished while it was made`)
  return secret
}

function writeDurably (file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncPath (path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function openIfThere (file: string): number | undefined {
  return unless('ENOENT', () => openSync(file, 'r'))
}

function linkIfFirst (from: string, to: string): void {
  unless('EEXIST', () => linkSync(from, to))
}

function removeIfThere (file: string): void {
  unless('ENOENT', () => unlinkSync(file))
}

/** Answers undefined when the system call fails with just this code. */
function unless<T> (code: string, call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined
    throw error
  }
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Quotes a path so that it can be pasted into a shell. */
function shellWord (text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
