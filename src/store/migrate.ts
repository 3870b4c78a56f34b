import type SqliteDatabase from 'better-sqlite3'
import { Migrator } from 'kysely/migration'
import { AppError } from '../errors.ts'
import type { Connection } from './database.ts'
import { migrations } from './migrations/index.ts'

const SCHEMA_VERSION = Object.keys(migrations).length

/** Throws when the file was written by a newer version; reads alone, so that nothing is changed then. */
export function refuseNewerSchema (raw: SqliteDatabase.Database): void {
  const version = Number(raw.pragma('user_version', { simple: true }))
  const unknown = appliedMigrations(raw).filter((name) => !(name in migrations))
  if (version <= SCHEMA_VERSION && unknown.length === 0) return
  throw new AppError('conflict',
    `the store has schema version ${Math.max(version, SCHEMA_VERSION + unknown.length)}, this program knows ${SCHEMA_VERSION}: start the newer program, or restore a backup; nothing was changed`)
}

/** Brings the schema up to date; each migration in a transaction of its own. */
export async function migrate ({ raw, db }: Connection): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new AppError('internal', 'the store could not be brought up to date', { cause: error })
  raw.pragma(`user_version = ${SCHEMA_VERSION}`)
}

function appliedMigrations (raw: SqliteDatabase.Database): string[] {
  const table = raw.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get()
  if (table === undefined) return []
  return raw.prepare('SELECT name FROM kysely_migration').pluck().all().map(String)
}
