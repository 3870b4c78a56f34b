import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { receivedAt } from '../../../core/row-ids.ts'
import type { Durability } from '../database.ts'

/** Which store this is and how far its commits went. Each number only ever grows. */
export interface Marks {
  store: string | null
  /** The newest partition, and its newest event; null when that partition is dropped. */
  partition: number
  event: number | null
  audit: number
  notice: number
}

/** `boot` is set while the disk may be behind: then the marks hold only as long as the machine runs on. */
interface Marked extends Marks {
  boot?: string
}

const RECORD_BYTES = 256
const BOOT_FILE = '/proc/sys/kernel/random/boot_id'
const READ_MARKS = `SELECT (SELECT id FROM store) AS store,
  coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'partitions'), 0) AS partition,
  (SELECT last_id FROM partitions WHERE n = (SELECT seq FROM sqlite_sequence WHERE name = 'partitions')) AS event,
  coalesce((SELECT max(id) FROM audit), 0) AS audit,
  coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notices'), 0) AS notice`

/** The name goes with those of the log: who moves or copies `bellwether.db*` takes the marker along. */
export function markerFile (file: string): string {
  return `${file}-marker`
}

export function marksOf (raw: SqliteDatabase.Database): Marks {
  return marksStatement(raw).get() ?? { store: null, partition: 0, event: null, audit: 0, notice: 0 }
}

/** What the marker beside the file says, as far as it can be relied on; undefined when there is none that can be read. */
export function readMarks (file: string): Marks | undefined {
  try {
    const { boot, ...marks } = parseMarked(readFileSync(markerFile(file), 'utf8'))
    return boot === undefined || boot === bootId() ? marks : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return undefined
    throw error
  }
}

/** Says what a store lacks that the marker knows of; undefined when it lacks nothing. */
export function lackOf (found: Marks, marked: Marks): string | undefined {
  if (found.store !== marked.store) return 'it is not the store that was here'
  const isBehind = found.partition < marked.partition || (found.partition === marked.partition && (found.event ?? Infinity) < (marked.event ?? 0))
  if (isBehind) return `it ends at ${timeOf(found.event)}, and events were stored until ${timeOf(marked.event)}: ${CAUSES}`
  if (found.audit < marked.audit) return `it ends at entry ${found.audit} of the audit, and ${marked.audit} were stored: ${CAUSES}`
  if (found.notice < marked.notice) return `it ends at notice ${found.notice}, and ${marked.notice} were stored: ${CAUSES}`
  return undefined
}

const CAUSES = 'its write-ahead log is missing or damaged, or it is an older copy'

/** Keeps the marker of an open store up to date. Owned by the one writer. */
export class Marker {
  readonly #fd: number
  readonly #statement: ReturnType<typeof marksStatement>
  readonly #boot: string | undefined
  readonly #isKept: boolean
  #written = ''

  /** Writes what the store holds. What is in its log must be on the disk. */
  constructor (raw: SqliteDatabase.Database, durability: Durability) {
    this.#statement = marksStatement(raw)
    writeMarks(raw.name, marksOf(raw))
    this.#fd = openSync(markerFile(raw.name), 'r+')
    this.#boot = durability === 'fast' ? bootId() : undefined
    this.#isKept = durability === 'durable' || this.#boot !== undefined
  }

  /** Called after each commit, and so without a sync: written over in place, and never ahead of the store. */
  note (): void {
    if (!this.#isKept) return
    try {
      this.#write(this.#boot)
    } catch {
      // One that stands behind the store says less, and nothing false: what is committed must not fail by it.
      this.#written = ''
    }
  }

  /** Called once the log is folded into the file. */
  close (): void {
    this.#write(undefined)
    fsyncSync(this.#fd)
    closeSync(this.#fd)
  }

  #write (boot: string | undefined): void {
    const marks = this.#statement.get()
    if (marks === undefined) return
    const record = recordOf(boot === undefined ? marks : { ...marks, boot })
    if (record === this.#written) return
    writeSync(this.#fd, record, 0)
    this.#written = record
  }
}

/** Writes the marker anew: whole or not at all, and on the disk when it returns. */
function writeMarks (file: string, marks: Marks): void {
  writeWhole(markerFile(file), recordOf(marks))
}

/** Writes the marker of a store that is about to take its place: `raw` is that store. */
export function markAs (file: string, raw: SqliteDatabase.Database): void {
  writeMarks(file, marksOf(raw))
}

/** Puts a text in the place of a file: whole or not at all, and on the disk when it returns. */
export function writeWhole (file: string, text: string): void {
  const draft = `${file}-new`
  const fd = openSync(draft, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(draft, file)
  syncFolder(file)
}

/** Makes a name that was given or taken in the folder of `file` outlast a power cut. Windows cannot. */
export function syncFolder (file: string): void {
  if (process.platform !== 'win32') syncFile(dirname(file), 'r')
}

/** Has what was written of a file, or of the names in a folder, on the disk when it returns. */
export function syncFile (file: string, mode: 'r' | 'r+' = 'r+'): void {
  const fd = openSync(file, mode)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function marksStatement (raw: SqliteDatabase.Database): SqliteDatabase.Statement<[], Marks> {
  return raw.prepare<[], Marks>(READ_MARKS)
}

function recordOf (marked: Marked): string {
  return `${JSON.stringify(marked).padEnd(RECORD_BYTES - 1)}\n`
}

function parseMarked (text: string): Marked {
  return JSON.parse(text) as Marked
}

function timeOf (eventId: number | null): string {
  return eventId === null ? 'nothing' : new Date(receivedAt(eventId, 0)).toISOString()
}

/** Changes with each start of the machine; undefined where there is none. */
function bootId (): string | undefined {
  try {
    return readFileSync(BOOT_FILE, 'latin1').trim()
  } catch {
    return undefined
  }
}
