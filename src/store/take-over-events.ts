import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../errors.ts'
import { receivedAt } from '../row-ids.ts'
import type { NameBook } from './names.ts'
import { OpenPartition } from './open-partition.ts'
import { dayOf, partitionSchema, type Partition } from './partitions.ts'
import { closeHours } from './rollups.ts'
import type { Row } from './salvage.ts'
import { CLIENT_ID, type Cells } from './submission.ts'
import type { TakenOver } from './take-over.ts'

interface EventsParts {
  /** Columns of the source by table. */
  from: ReadonlyMap<string, readonly string[]>
  read: (table: string, columns: readonly string[]) => Generator<Row>
  taken: TakenOver
  names: NameBook
  /** The names of the source by their numbers there. */
  texts: ReadonlyMap<number, string>
  raw: SqliteDatabase.Database
  inOne: (change: () => void) => void
}

const EVENTS = /^events_(\d+)$/
const ROWS_AT_ONCE = 5_000

/** Copies the events, a partition in one transaction; words, counts and keys are made anew from them. */
export function takeOverEvents (parts: EventsParts): void {
  const { from, raw, taken, inOne } = parts
  const catalogue = new Map(from.has('partitions') ? Array.from(parts.read('partitions', from.get('partitions') ?? []), (row): [number, Row] => [Number(row['n']), row]) : [])
  taken.expected = Array.from(catalogue.values()).reduce((sum, { rows }) => sum + Number(rows), 0)
  const numbers = Array.from(from.keys()).flatMap((table) => EVENTS.exec(table)?.[1] ?? []).map(Number).sort((a, b) => a - b)
  const present = raw.prepare<[], number>('SELECT n FROM partitions ORDER BY n').pluck().all()
  for (const n of numbers.filter((number) => !present.includes(number))) {
    if (n > (present[0] ?? Infinity)) throw new AppError('conflict', `partition ${n} is younger than what the store holds: recover into an empty folder with --data-dir`)
    inOne(() => { taken.events += takePartition(parts, n, catalogue.get(n)) })
  }
  // Until now none was the last one.
  const open = present.length === 0 ? numbers.at(-1) : undefined
  for (const n of numbers) if (n !== open && !present.includes(n) && isLaid(raw, n)) inOne(() => closeHours(raw, n))
}

function isLaid (raw: SqliteDatabase.Database, n: number): boolean {
  return raw.prepare('SELECT 1 FROM partitions WHERE n = ?').get(n) !== undefined
}

function takePartition ({ from, read, names, texts, raw }: EventsParts, n: number, listed: Row | undefined): number {
  const rows = read(`events_${n}`, from.get(`events_${n}`) ?? [])
  let partition: OpenPartition | undefined
  for (const row of rows) {
    partition ??= layPartition(raw, n, Number(row['id']), listed)
    partition.insert(Number(row['id']), cellsOf(row, texts, partition), 0, names)
    if (partition.rows % ROWS_AT_ONCE === 0) partition.finish()
  }
  partition?.finish()
  return partition?.rows ?? 0
}

function layPartition (raw: SqliteDatabase.Database, n: number, firstId: number, listed: Row | undefined): OpenPartition {
  const leadMs = Number(listed?.['lead_ms'] ?? 0)
  const received = receivedAt(firstId, leadMs)
  const partition: Partition = {
    n, day: Number(listed?.['day'] ?? dayOf(received)), first_id: firstId, last_id: firstId, rows: 0, bytes: 0, min_time: received, max_time: received, lead_ms: leadMs
  }
  const columns = Object.keys(partition)
  raw.prepare(`INSERT INTO partitions (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(Object.values(partition))
  raw.exec(partitionSchema(n, leadMs))
  return new OpenPartition(raw, partition)
}

/** In the order of submission.ts `pack`. An id that is there already names another event: one of the two keeps it. */
function cellsOf (row: Row, texts: ReadonlyMap<number, string>, partition: OpenPartition): Cells {
  const name = (column: string): string | null => texts.get(Number(row[column])) ?? null
  const cells: Cells = [
    row['time'] ?? 0, row['level'] ?? 0, row['severity'] ?? 0, name('service_id'), name('type_id'), name('host_id'),
    row['trace_id'] ?? null, row['client_id'] ?? null, row['message'] ?? '', row['meta'] ?? null
  ]
  const clientId = cells[CLIENT_ID]
  if (typeof clientId === 'string' && partition.findKey(clientId) !== undefined) cells[CLIENT_ID] = null
  return cells
}
