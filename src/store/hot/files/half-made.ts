import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { AppError } from '../../../core/errors.ts'
import { migrations } from '../migrations/index.ts'

/** Names of columns by table, and what belongs to a table without being one. */
interface Shape {
  tables: Map<string, string[]>
  others: Map<string, 'index' | 'trigger'>
}

/**
 * Takes away what a migration made that was killed before it could say that it ran: the first versions did not run them in
 * a transaction. Only what is empty goes. Throws `conflict` for a table with rows, which no killed migration left.
 */
export async function undoHalfMade (raw: SqliteDatabase.Database, applied: readonly string[]): Promise<void> {
  const present = shapeOf(raw)
  // Of a new file, the list of migrations alone.
  if (present.tables.size === 1) return
  const known = await shapeAfter(Object.keys(migrations))
  const due = await shapeAfter(applied)
  for (const [name, kind] of present.others) {
    if (known.others.has(name) && !due.others.has(name)) raw.exec(`DROP ${kind} ${quote(name)}`)
  }
  for (const [table, columns] of present.tables) {
    if (!known.tables.has(table)) continue
    const expected = due.tables.get(table)
    if (expected === undefined) dropEmpty(raw, table)
    else for (const column of columns.filter((name) => !expected.includes(name))) dropColumn(raw, table, column)
  }
}

function dropEmpty (raw: SqliteDatabase.Database, table: string): void {
  refuseFilled(raw, table, `SELECT 1 FROM ${quote(table)} LIMIT 1`)
  raw.exec(`DROP TABLE ${quote(table)}`)
}

function dropColumn (raw: SqliteDatabase.Database, table: string, column: string): void {
  refuseFilled(raw, table, `SELECT 1 FROM ${quote(table)} WHERE ${quote(column)} IS NOT NULL LIMIT 1`)
  raw.exec(`ALTER TABLE ${quote(table)} DROP COLUMN ${quote(column)}`)
}

function refuseFilled (raw: SqliteDatabase.Database, table: string, probe: string): void {
  if (raw.prepare(probe).get() === undefined) return
  throw new AppError('conflict', `the store does not say which migration made its table ${table}, which holds rows: restore a backup, or run bellwether recover; nothing was changed`)
}

async function shapeAfter (names: readonly string[]): Promise<Shape> {
  const raw = new SqliteDatabase(':memory:')
  try {
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: raw }) })
    for (const name of names) await migrations[name]?.up(db)
    return shapeOf(raw)
  } finally {
    raw.close()
  }
}

function shapeOf (raw: SqliteDatabase.Database): Shape {
  const objects = raw.prepare<[], { type: string, name: string }>("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").all()
  const columns = raw.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck()
  const shape: Shape = { tables: new Map(), others: new Map() }
  for (const { type, name } of objects) {
    if (type === 'table') shape.tables.set(name, columns.all(name))
    else if (type === 'index' || type === 'trigger') shape.others.set(name, type)
  }
  return shape
}

function quote (name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
