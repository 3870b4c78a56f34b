import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'

const MAGIC = 'SQLite format 3\0'

/** The SQLite files of a data folder, biggest first; write-ahead logs are not among them. */
function storeFiles (dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.endsWith('.lock') && isSqlite(file))
    .sort((a, b) => statSync(b).size - statSync(a).size)
}

/** The one data file. Throws when there is none. */
export function storeFile (dataDir: string): string {
  const [file] = storeFiles(dataDir)
  if (file === undefined) throw new Error(`no SQLite file in ${dataDir}: ${readdirSync(dataDir).join(', ')}`)
  return file
}

export function hashOf (file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Puts everything of the write-ahead log into the file; for use while no service runs. */
export function settle (file: string, change?: (db: SqliteDatabase.Database) => void): void {
  const db = new SqliteDatabase(file)
  change?.(db)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

function isSqlite (file: string): boolean {
  const head = Buffer.alloc(MAGIC.length)
  const fd = openSync(file, 'r')
  try {
    return readSync(fd, head, 0, head.length, 0) === head.length && head.toString('latin1') === MAGIC
  } finally {
    closeSync(fd)
  }
}
