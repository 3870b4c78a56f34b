import { existsSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'

/**
 * Runs what only reads a store, so that nothing new stands beside it afterwards. Who reads a store that was closed well makes a log of
 * it, and may not remove that: the last to leave who may write does, and changes nothing.
 */
export async function withoutTrace<T> (file: string, read: () => Promise<T>): Promise<T> {
  const hasLog = existsSync(`${file}-wal`)
  try {
    return await read()
  } finally {
    if (!hasLog && existsSync(`${file}-wal`)) leave(file)
  }
}

function leave (file: string): void {
  const raw = new SqliteDatabase(file, { fileMustExist: true })
  try {
    raw.pragma('schema_version')
  } catch (error) {
    // Of a damaged store nothing can be read: whoever read it was told.
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error
  } finally {
    raw.close()
  }
}
