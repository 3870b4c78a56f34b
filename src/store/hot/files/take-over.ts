import type SqliteDatabase from 'better-sqlite3'
import type { Connection } from '../database.ts'
import { NameBook } from '../events/names.ts'
import { takeOverEvents } from './take-over-events.ts'
import { salvage, tablesOf, type Row } from './salvage.ts'

/** What was read, and how many stretches could not be. */
export interface TakenOver {
  events: number
  /** What the catalogue of the source says, as far as it can be read. */
  expected: number
  /** Rows by table, events left out. */
  rows: Record<string, number>
  holes: number
}

interface Trigger {
  name: string
  sql: string
}

/** What belongs to a file, and what is made anew from the events. */
const OWN = /^(kysely_|store$|partitions$|names$|series$|audit$|(events|words|keys|minutes|hours)_\d)/
const SAMPLES = /^sample/

/**
 * Copies what can be read into a store that is whole: what is there already stays as it is. Events keep their ids; names and series get
 * the numbers of the store. Throws when not even the list of tables can be read.
 */
export function takeOver (source: SqliteDatabase.Database, { raw }: Pick<Connection, 'raw'>): TakenOver {
  const from = tablesOf(source)
  const taken: TakenOver = { events: 0, expected: 0, rows: {}, holes: 0 }
  const names = new NameBook(raw)
  const read = function * (table: string, columns: readonly string[]): Generator<Row> {
    const { rows, holes } = salvage(source, table, columns)
    yield * rows
    taken.holes += holes()
  }
  const inOne = (change: () => void): void => raw.transaction(change).immediate()

  const texts = from.has('names') ? Array.from(read('names', ['id', 'name']), ({ id, name }): [number, string] => [Number(id), String(name)]) : []
  Object.assign(taken, takeOverEvents({ from, read, names, raw, texts: new Map(texts), inOne }))
  inOne(() => {
    const series = from.has('series') ? takeOverSeries(raw, read('series', from.get('series') ?? [])) : new Map<number, number>()
    for (const [table, columns] of tablesOf(raw)) {
      const shared = columns.filter((column) => from.get(table)?.includes(column) === true)
      if (shared.length === 0 || OWN.test(table)) continue
      const rows = read(table, shared)
      taken.rows[table] = insert(raw, { table, columns: shared, rows: SAMPLES.test(table) ? renumbered(rows, series) : rows })
    }
    if (from.has('audit')) taken.rows['audit'] = takeOverAudit(raw, read('audit', from.get('audit') ?? []))
  })
  return taken
}

function insert (raw: SqliteDatabase.Database, { table, columns, rows }: { table: string, columns: readonly string[], rows: Iterable<Row> }): number {
  const statement = raw.prepare(`INSERT OR IGNORE INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
  let count = 0
  for (const row of rows) count += statement.run(columns.map((column) => row[column])).changes
  return count
}

/** A series that the store has already lends its number; answers the new numbers by the old ones. */
function takeOverSeries (raw: SqliteDatabase.Database, rows: Iterable<Row>): Map<number, number> {
  const add = raw.prepare('INSERT OR IGNORE INTO series (name, labels, is_own, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)')
  const find = raw.prepare<[unknown, unknown], number>('SELECT id FROM series WHERE name = ? AND labels = ?').pluck()
  const numbers = new Map<number, number>()
  for (const { id, name, labels, is_own: isOwn, first_seen: first, last_seen: last } of rows) {
    add.run(name, labels, isOwn, first, last)
    numbers.set(Number(id), find.get(name, labels) ?? 0)
  }
  return numbers
}

function * renumbered (rows: Iterable<Row>, series: ReadonlyMap<number, number>): Generator<Row> {
  for (const row of rows) {
    const id = series.get(Number(row['series_id']))
    if (id !== undefined) yield { ...row, series_id: id }
  }
}

/** A chain is taken over whole or, where another has begun, left in its file: two do not make one. What is missing shows as a break. */
function takeOverAudit (raw: SqliteDatabase.Database, rows: Iterable<Row>): number {
  if (raw.prepare('SELECT 1 FROM audit LIMIT 1').get() !== undefined) return 0
  const triggers = raw.prepare<[], Trigger>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'").all()
  for (const { name } of triggers) raw.exec(`DROP TRIGGER "${name}"`)
  const columns = raw.prepare<[], string>("SELECT name FROM pragma_table_info('audit')").pluck().all()
  const count = insert(raw, { table: 'audit', columns, rows })
  for (const { sql } of triggers) raw.exec(sql)
  return count
}
