import { closeSync, constants, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** The newest entry of the audit, kept beside the store: it shows when the newest entries are removed. */
export interface Anchor {
  id: number
  hash: string
}

const ID_DIGITS = 16
const FORM = /^(\d{1,16}) ([0-9a-f]{64})\n?$/

/** The name goes with those of the log: who moves or copies `bellwether.db*` takes the anchor along. */
export function anchorFile (databaseFile: string): string {
  return `${databaseFile}-audit`
}

/** Undefined when there is none, or when what stands there is none. */
export function readAnchor (file: string): Anchor | undefined {
  try {
    return parseAnchor(readFileSync(file, 'latin1'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Reads `42 <hash>`; a colon does as well as a blank. */
export function parseAnchor (text: string): Anchor | undefined {
  const [, id, hash] = FORM.exec(text.replace(':', ' ')) ?? []
  return id === undefined || hash === undefined ? undefined : { id: Number(id), hash }
}

/**
 * Writes over what is there: so few bytes, always as many, are written whole or not at all, and need no further disk. Returns once they
 * are on the disk, with the name of a new file.
 */
export function writeAnchor (file: string, { id, hash }: Anchor): void {
  const isNew = !existsSync(file)
  synced(file, constants.O_WRONLY | constants.O_CREAT, (fd) => ftruncateSync(fd, writeSync(fd, `${String(id).padStart(ID_DIGITS, '0')} ${hash}\n`, 0)))
  if (isNew) synced(dirname(file), constants.O_RDONLY, () => {})
}

function synced (file: string, flags: number, write: (fd: number) => void): void {
  const fd = openSync(file, flags, 0o600)
  try {
    write(fd)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
