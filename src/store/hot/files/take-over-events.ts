import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../../../core/errors.ts'
import { receivedAt } from '../../../core/row-ids.ts'
import type { NameBook } from '../events/names.ts'
import { OpenPartition } from '../days/open-partition.ts'
import { dayOf, partitionSchema, type Partition } from '../days/partitions.ts'
import { closeHours } from '../days/rollups.ts'
import type { Row } from './salvage.ts'
import type { Cells } from '../events/submission.ts'

interface EventsParts {
  /** Columns of the source by table. */
  from: ReadonlyMap<string, readonly string[]>
  read: (table: string, columns: readonly string[]) => Generator<Row>
  names: NameBook
  /** The names of the source by their numbers there. */
  texts: ReadonlyMap<number, string>
  raw: SqliteDatabase.Database
  inOne: (change: () => void) => void
}

const EVENTS = /^events_(\d+)$/
const KEY_COLUMNS = ['client_id', 'is_other', 'token', 'digest', 'id'] as const
/** Of a catalogue that says nothing: a partition that takes no more events. */
const OLD_LAYOUT = 1
const ROWS_AT_ONCE = 5_000

/** Copies the events, a partition in one transaction; words and counts are made anew from them. Answers how many, and how many its catalogue speaks of. */
export function takeOverEvents (parts: EventsParts): { events: number, expected: number } {
  const { from, raw, inOne } = parts
  const catalogue = new Map(from.has('partitions') ? Array.from(parts.read('partitions', from.get('partitions') ?? []), (row): [number, Row] => [Number(row['n']), row]) : [])
  const expected = Array.from(catalogue.values()).reduce((sum, { rows }) => sum + Number(rows), 0)
  const numbers = Array.from(from.keys()).flatMap((table) => EVENTS.exec(table)?.[1] ?? []).map(Number).sort((a, b) => a - b)
  const present = raw.prepare<[], number>('SELECT n FROM partitions ORDER BY n').pluck().all()
  let events = 0
  for (const n of numbers.filter((number) => !present.includes(number))) {
    if (n > (present[0] ?? Infinity)) throw new AppError('conflict', `partition ${n} is younger than what the store holds: recover into an empty folder with --data-dir`)
    inOne(() => { events += takePartition(parts, n, catalogue.get(n)) })
  }
  // Until now none was the last one.
  const open = present.length === 0 ? numbers.at(-1) : undefined
  for (const n of numbers) if (n !== open && !present.includes(n) && isLaid(raw, n)) inOne(() => closeHours(raw, n))
  return { events, expected }
}

function isLaid (raw: SqliteDatabase.Database, n: number): boolean {
  return raw.prepare('SELECT 1 FROM partitions WHERE n = ?').get(n) !== undefined
}

function takePartition (parts: EventsParts, n: number, listed: Row | undefined): number {
  const { from, read, names, texts, raw } = parts
  const rows = read(`events_${n}`, from.get(`events_${n}`) ?? [])
  let partition: OpenPartition | undefined
  for (const row of rows) {
    partition ??= layPartition(raw, n, Number(row['id']), listed)
    partition.insert(Number(row['id']), cellsOf(row, texts), 0, names)
    if (partition.rows % ROWS_AT_ONCE === 0) partition.finish()
  }
  if (partition === undefined) return 0
  partition.finish()
  takeKeys(parts, n)
  return partition.rows
}

function layPartition (raw: SqliteDatabase.Database, n: number, firstId: number, listed: Row | undefined): OpenPartition {
  const leadMs = Number(listed?.['lead_ms'] ?? 0)
  const received = receivedAt(firstId, leadMs)
  const partition: Partition = {
    n, day: Number(listed?.['day'] ?? dayOf(received)), first_id: firstId, last_id: firstId, rows: 0, bytes: 0, min_time: received, max_time: received, lead_ms: leadMs, layout: Number(listed?.['layout'] ?? OLD_LAYOUT)
  }
  const columns = Object.keys(partition)
  raw.prepare(`INSERT INTO partitions (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(Object.values(partition))
  raw.exec(partitionSchema(n, leadMs))
  return new OpenPartition(raw, partition)
}

/** In the order of submission.ts `pack`. */
function cellsOf (row: Row, texts: ReadonlyMap<number, string>): Cells {
  const name = (column: string): string | null => texts.get(Number(row[column])) ?? null
  return [
    row['time'] ?? 0, row['level'] ?? 0, row['severity'] ?? 0, name('service_id'), name('type_id'), name('host_id'),
    row['trace_id'] ?? null, row['client_id'] ?? null, row['message'] ?? '', row['meta'] ?? null
  ]
}

/** The ids of senders. What an older layout does not say of them is left at its default, as by the migration. */
function takeKeys ({ from, read, names, texts, raw }: EventsParts, n: number): void {
  const table = `keys_${n}`
  const columns = KEY_COLUMNS.filter((column) => from.get(table)?.includes(column) === true)
  if (columns.length === 0) return
  const add = raw.prepare(`INSERT OR IGNORE INTO ${table} (${KEY_COLUMNS.join(', ')}) VALUES (?, ?, ?, ?, ?)`)
  for (const { client_id: clientId = '', is_other: isOther = 0, token = 0, digest = '', id = 0 } of read(table, columns)) {
    add.run(clientId, isOther, names.idOf(texts.get(Number(token)) ?? null) ?? 0, digest, id)
  }
}
