import type SqliteDatabase from 'better-sqlite3'
import { APPLICATION_ID, appliedMigrations } from '../migrations/migrate.ts'
import { migrations } from '../migrations/index.ts'

/**
 * Says by what a SQLite file shows that another program wrote it; undefined for a store, one that a first start left unfinished, and
 * an empty file. Stores of the first versions carry no application_id, and are known by the list of their migrations.
 */
export function foreignSign (raw: SqliteDatabase.Database): string | undefined {
  const id = Number(raw.pragma('application_id', { simple: true }))
  if (id === APPLICATION_ID) return undefined
  if (id !== 0) return `its application_id is 0x${id.toString(16)}`
  const tables = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all().map(String)
  if (tables.length === 0) return undefined
  const applied = appliedMigrations(raw)
  const isOurs = tables.includes('kysely_migration') && (applied.length === 0 || applied.some((name) => name in migrations))
  return isOurs ? undefined : `it has the table ${tables[0]}`
}
