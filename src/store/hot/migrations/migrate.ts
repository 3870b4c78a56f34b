import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../../../core/errors.ts'
import type { Connection } from '../database.ts'
import { undoHalfMade } from '../files/half-made.ts'
import { migrations } from './index.ts'
import { atomically } from '../transaction.ts'

const SCHEMA_VERSION = Object.keys(migrations).length
/** "Blwt", in the header of the file (PRAGMA application_id): what carries it is a store, and no other program's file. */
export const APPLICATION_ID = 0x426c7774

/** Throws when the file was written by a newer version; reads alone, so that nothing is changed then. */
export function refuseNewerSchema (raw: SqliteDatabase.Database): void {
  const version = Number(raw.pragma('user_version', { simple: true }))
  const unknown = appliedMigrations(raw).filter((name) => !(name in migrations))
  if (version <= SCHEMA_VERSION && unknown.length === 0) return
  throw new AppError('conflict',
    `the store has schema version ${Math.max(version, SCHEMA_VERSION + unknown.length)}, this program knows ${SCHEMA_VERSION}: start the newer program, or restore a backup; nothing was changed`)
}

/**
 * Brings the schema up to date: all that is missing in one transaction, so that whatever ends the process leaves either the old
 * store or the new one. The Migrator of Kysely runs on SQLite statement by statement, and left stores that never started again.
 */
export async function migrate ({ raw, db }: Pick<Connection, 'raw' | 'db'>): Promise<void> {
  if (isUpToDate(raw)) return
  try {
    await atomically({ raw }, async () => {
      raw.exec('CREATE TABLE IF NOT EXISTS kysely_migration (name varchar(255) NOT NULL PRIMARY KEY, timestamp varchar(255) NOT NULL)')
      await undoHalfMade(raw, appliedMigrations(raw))
      await applyMissing({ raw, db })
      raw.pragma(`user_version = ${SCHEMA_VERSION}`)
      raw.pragma(`application_id = ${APPLICATION_ID}`)
    })
  } catch (error) {
    if (error instanceof AppError) throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw new AppError('internal', `the store could not be brought up to date: ${cause}; nothing was changed`, { cause: error })
  }
}

export function appliedMigrations (raw: SqliteDatabase.Database): string[] {
  const table = raw.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get()
  if (table === undefined) return []
  return raw.prepare('SELECT name FROM kysely_migration ORDER BY name').pluck().all().map(String)
}

function isUpToDate (raw: SqliteDatabase.Database): boolean {
  return raw.pragma('user_version', { simple: true }) === SCHEMA_VERSION &&
    raw.pragma('application_id', { simple: true }) === APPLICATION_ID &&
    appliedMigrations(raw).length === SCHEMA_VERSION
}

async function applyMissing ({ raw, db }: Pick<Connection, 'raw' | 'db'>): Promise<void> {
  const applied = new Set(appliedMigrations(raw))
  const note = raw.prepare('INSERT INTO kysely_migration (name, timestamp) VALUES (?, ?)')
  for (const [name, { up }] of Object.entries(migrations)) {
    if (applied.has(name)) continue
    await up(db)
    note.run(name, new Date().toISOString())
  }
}
