import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { indexText } from '../../query/index-text.ts'
import { words } from '../../query/words.ts'
import type { Tables } from './tables.ts'

export type Durability = 'durable' | 'fast'

export interface Connection {
  raw: SqliteDatabase.Database
  db: Kysely<Tables>
  close: () => Promise<void>
}

const WRITER_CACHE_KIB = 32 * 1024
const READER_CACHE_KIB = 8 * 1024
const BUSY_MS = 5000
/** Some 16 MB of log: pages that change with every commit are copied into the file a quarter as often as by default. */
const CHECKPOINT_PAGES = 4_000
const PAGE_BYTES = 4_096
const LEAST_CHECKPOINT_PAGES = 100
const LOG_SHARE = 0.05
/** While a long query holds the log, it grows further; beyond so many times its length it is cut again. */
const LOG_GROWTH = 4

const SYNCHRONOUS = { durable: 'FULL', fast: 'NORMAL', draft: 'OFF' } as const

/** Opens the file for its one writer. `durable` syncs the log to the disk before a commit returns; of a `draft` nothing is synced. */
export function openForWriting (file: string, durability: Durability | 'draft'): Connection {
  const raw = new SqliteDatabase(file, { timeout: BUSY_MS })
  raw.pragma(`synchronous = ${SYNCHRONOUS[durability]}`)
  // Counts for a new file alone: that it can give free pages back to the disk is laid down with its first page.
  raw.pragma('auto_vacuum = INCREMENTAL')
  raw.pragma('journal_mode = WAL')
  raw.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
  limitLog(raw)
  raw.function('index_text', { deterministic: true }, (message: unknown) => indexText(String(message)))
  return connection(raw)
}

/** Has the log folded into the file in time for it to take little of a small budget. */
export function limitLog (raw: SqliteDatabase.Database, budgetBytes = Infinity): void {
  const pages = Math.floor(Math.min(CHECKPOINT_PAGES, Math.max(LEAST_CHECKPOINT_PAGES, budgetBytes * LOG_SHARE / PAGE_BYTES)))
  raw.pragma(`wal_autocheckpoint = ${pages}`)
  raw.pragma(`journal_size_limit = ${pages * PAGE_BYTES * LOG_GROWTH}`)
}

/** Opens the file for queries alone; a statement that would write fails. */
export function openForReading (file: string): Connection {
  const raw = new SqliteDatabase(file, { timeout: BUSY_MS, readonly: true })
  raw.pragma('query_only = ON')
  raw.pragma(`cache_size = -${READER_CACHE_KIB}`)
  raw.function('has_words', { deterministic: true }, hasWords)
  return connection(raw)
}

/** Runs a task under other settings of the connection, which are as before afterwards. */
export function withPragmas (raw: SqliteDatabase.Database, pragmas: Record<string, number | string>, task: () => void): void {
  const before = Object.keys(pragmas).map((name) => [name, String(raw.pragma(name, { simple: true }))] as const)
  try {
    for (const [name, value] of Object.entries(pragmas)) raw.pragma(`${name} = ${value}`)
    task()
  } finally {
    for (const [name, value] of before) raw.pragma(`${name} = ${value}`)
  }
}

function connection (raw: SqliteDatabase.Database): Connection {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: raw }) })
  const close = async (): Promise<void> => {
    await db.destroy()
    // Kysely closes only what it has used.
    raw.close()
  }
  return { raw, db, close }
}

/** The row-wise form of the word index, for queries that the index alone cannot answer. */
function hasWords (message: unknown, sought: unknown): number {
  return ` ${words(String(message)).join(' ')} `.includes(String(sought)) ? 1 : 0
}
