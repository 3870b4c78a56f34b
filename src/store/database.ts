import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { words } from '../query/words.ts'
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

/** Opens the file for its one writer. `durable` syncs the log to the disk before a commit returns. */
export function openForWriting (file: string, durability: Durability): Connection {
  const raw = new SqliteDatabase(file, { timeout: BUSY_MS })
  raw.pragma('journal_mode = WAL')
  raw.pragma(`synchronous = ${durability === 'durable' ? 'FULL' : 'NORMAL'}`)
  raw.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
  raw.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  raw.pragma('journal_size_limit = 67108864')
  return connection(raw)
}

/** Opens the file for queries alone; a statement that would write fails. */
export function openForReading (file: string): Connection {
  const raw = new SqliteDatabase(file, { timeout: BUSY_MS, readonly: true })
  raw.pragma('query_only = ON')
  raw.pragma(`cache_size = -${READER_CACHE_KIB}`)
  raw.function('has_words', { deterministic: true }, hasWords)
  return connection(raw)
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
