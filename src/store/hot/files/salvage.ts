import type SqliteDatabase from 'better-sqlite3'

export type Row = Record<string, string | number | null>

/** Rows of a table as far as they can be read; each hole is a stretch that cannot. */
export interface Salvage {
  rows: Generator<Row>
  holes: () => number
}

interface Read<T> {
  rows: T[]
  isBroken: boolean
}

const BATCH = 1_000
const LAST_ROWID = Number.MAX_SAFE_INTEGER

/** Reads a table whose pages may be damaged: past a bad one it goes on where the next good one begins. Order: by rowid, or none. */
export function salvage (raw: SqliteDatabase.Database, table: string, columns: readonly string[]): Salvage {
  let holes = 0
  const onHole = (): void => { holes++ }
  const list = columns.map((column) => `"${column}"`).join(', ')
  const rows = hasRowid(raw, table)
    ? byRowid(raw, `SELECT rowid AS rowid_, ${list} FROM "${table}" WHERE rowid >= ? ORDER BY rowid LIMIT ?`, onHole)
    : fromBothEnds(raw, { table, list, onHole })
  return { rows, holes: () => holes }
}

/** The names of tables, and of their columns; throws when not even those can be read. */
export function tablesOf (raw: SqliteDatabase.Database): Map<string, string[]> {
  const names = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'").pluck().all().map(String)
  return new Map(names.map((name) => [name, columnsOf(raw, name)]))
}

function columnsOf (raw: SqliteDatabase.Database, table: string): string[] {
  return raw.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
}

function hasRowid (raw: SqliteDatabase.Database, table: string): boolean {
  return raw.prepare<[string], number>('SELECT wr FROM pragma_table_list WHERE schema = \'main\' AND name = ?').pluck().get(table) === 0
}

function * byRowid (raw: SqliteDatabase.Database, sql: string, onHole: () => void): Generator<Row> {
  const select = raw.prepare<[number, number], Row>(sql)
  let from: number | undefined = 0
  while (from !== undefined) {
    const batch: Read<Row> = readUntilFault(select.iterate(from, BATCH))
    yield * batch.rows
    if (batch.isBroken) onHole()
    else if (batch.rows.length < BATCH) return
    const next: number = Number(batch.rows.at(-1)?.['rowid_'] ?? from - 1) + 1
    from = batch.isBroken ? afterHole(select, next) : next
  }
}

/** Rows after a fault come by the key from its end. What lies between two faults stays. */
function * fromBothEnds (raw: SqliteDatabase.Database, { table, list, onHole }: { table: string, list: string, onHole: () => void }): Generator<Row> {
  const forward = readUntilFault(raw.prepare<[], Row>(`SELECT ${list} FROM "${table}"`).iterate())
  yield * forward.rows
  if (!forward.isBroken) return
  onHole()
  const key = raw.prepare<[string], string>('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').pluck().all(table)
  const order = key.map((column) => `"${column}" DESC`).join(', ')
  yield * readUntilFault(raw.prepare<[], Row>(`SELECT ${list} FROM "${table}" ORDER BY ${order}`).iterate()).rows
}

function readUntilFault<T> (rows: Iterable<T>): Read<T> {
  const read: T[] = []
  try {
    for (const row of rows) read.push(row)
    return { rows: read, isBroken: false }
  } catch (error) {
    if (!isFault(error)) throw error
    return { rows: read, isBroken: true }
  }
}

/** Finds the first rowid from `from` on whose row can be read: by doubling steps, then by halves. Undefined when there is none. */
function afterHole (select: SqliteDatabase.Statement<[number, number]>, from: number): number | undefined {
  let bad = from - 1
  let good = from
  for (let step = 1; !canRead(select, good); step *= 2) {
    if (good >= LAST_ROWID) return undefined
    bad = good
    good = Math.min(good + step, LAST_ROWID)
  }
  while (good - bad > 1) {
    const middle = bad + Math.floor((good - bad) / 2)
    if (canRead(select, middle)) good = middle
    else bad = middle
  }
  return good
}

function canRead (select: SqliteDatabase.Statement<[number, number]>, rowid: number): boolean {
  try {
    select.get(rowid, 1)
    return true
  } catch (error) {
    if (!isFault(error)) throw error
    return false
  }
}

function isFault (error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(String(error.code))
}
