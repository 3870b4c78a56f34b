import { open, readFile, rename, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { AppError } from '../../core/errors.ts'
import { isRecord } from '../../core/is-record.ts'
import type { LineEnd } from './line-cutter.ts'
import type { Position } from './input.ts'
import { writeFault } from './output.ts'

/** Where a run stood when its output was last on the disk, so that another can go on from there. */
export interface Checkpoint {
  version: 1
  /** Of the configuration, and of what else decides what comes out. */
  settings: string
  files: SeenFile[]
  position: Position
  lineNumber: number
  lineEnd: LineEnd
  outputBytes: number
  deadLetterBytes: number
  /** ms that the run has taken. */
  elapsedMs: number
  pipeline: unknown
  /** Name of the first run of those that went on, and lines posted. */
  sent: { name: string, lines: number }
}

/** What tells a file from another that takes its name. */
export interface SeenFile {
  path: string
  inode: string
  /** SHA-256 of the first bytes, and how many they were. */
  head: string
  headBytes: number
}

/** Beside the output. */
export function checkpointPath (output: string): string {
  return `${output}.checkpoint`
}

/** Names settings: equal ones have equal names. */
export function settingsName (settings: unknown): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex')
}

/** Writes a checkpoint so that there is always a whole one. Throws `invalid` or `no_space` where it cannot be written. */
export async function writeCheckpoint (path: string, checkpoint: Checkpoint): Promise<void> {
  const next = `${path}.tmp`
  try {
    const file = await open(next, 'w')
    try {
      await file.writeFile(JSON.stringify(checkpoint))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw writeFault(path, error)
  }
}

/** Reads a checkpoint; undefined when there is none. Throws `invalid` for one that cannot be used. */
export async function readCheckpoint (path: string): Promise<Checkpoint | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined
    throw new AppError('invalid', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const read = parsed(text)
  if (read === undefined) throw new AppError('invalid', `${path} is no checkpoint of this version: start anew without --resume`)
  return read
}

export async function removeCheckpoint (path: string): Promise<void> {
  await rm(path, { force: true })
}

function parsed (text: string): Checkpoint | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && value['version'] === 1 ? parseCheckpoint(value) : undefined
  } catch {
    // Cut off or no JSON: the caller says so.
    return undefined
  }
}

/** A file of ours with the version of this program. */
function parseCheckpoint (value: object): Checkpoint {
  return value as Checkpoint
}
