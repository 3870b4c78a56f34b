import SqliteDatabase from 'better-sqlite3'
import type { NewEvent } from '../schemas/event.ts'
import { LEVELS, SEVERITIES } from '../schemas/words.ts'
import { IDS_PER_MS } from '../src/core/row-ids.ts'
import { partitionSchema } from '../src/store/hot/days/partitions.ts'

const MINUTE_MS = 60_000

/** Lays the service's own tables of one partition, and the names. */
export function createSchema (db: SqliteDatabase.Database): void {
  db.exec(partitionSchema(1, 0))
  db.exec('CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)')
}

/**
 * The least that stores an event as the service does: rows with their indexes, words and minute counts, one
 * transaction a batch, synced to the disk. No checks, no threads, no HTTP.
 */
export class RawStore {
  readonly #db: SqliteDatabase.Database
  readonly #insert: SqliteDatabase.Statement
  readonly #index: SqliteDatabase.Statement
  readonly #count: SqliteDatabase.Statement
  readonly #store: (events: readonly NewEvent[], now: number) => void
  readonly #names = new Map<string, number>()
  #lastId: number

  constructor (file: string, create = createSchema) {
    this.#db = new SqliteDatabase(file)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('synchronous = FULL')
    this.#db.pragma('cache_size = -65536')
    if (this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events_1'").get() === undefined) create(this.#db)
    this.#insert = this.#db.prepare(`INSERT INTO events_1
      (id, time, level, severity, service_id, type_id, host_id, trace_id, client_id, message, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#index = this.#db.prepare('INSERT INTO words_1 (rowid, message) SELECT id, message FROM events_1 WHERE id BETWEEN ? AND ?')
    this.#count = this.#db.prepare('INSERT INTO minutes_1 VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count')
    this.#store = this.#db.transaction((events: readonly NewEvent[], now: number) => { this.#storeAll(events, now) })
    this.#lastId = Number(this.#db.prepare('SELECT coalesce(max(id), 0) FROM events_1').pluck().get())
  }

  /** Stores the events in one transaction, with `now` as their time. */
  store (events: readonly NewEvent[], now: number): void {
    this.#store(events, now)
  }

  close (): void {
    this.#db.close()
  }

  #storeAll (events: readonly NewEvent[], now: number): void {
    const counts = new Map<number, number>()
    const first = Math.max(this.#lastId + 1, now * IDS_PER_MS)
    for (const event of events) {
      const level = LEVELS.indexOf(event.level) + 1
      const serviceId = this.#idOf(event.service)
      this.#lastId = Math.max(this.#lastId + 1, first)
      this.#insert.run(this.#lastId, now, level, SEVERITIES.indexOf(event.severity) + 1, serviceId, this.#idOf(event.type), this.#idOf(event.host),
        event.traceId, event.clientId, event.message, event.meta)
      const key = level * 1_000 + (serviceId ?? 0)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    this.#index.run(first, this.#lastId)
    for (const [key, count] of counts) this.#count.run(now - now % MINUTE_MS, Math.floor(key / 1_000), key % 1_000, count)
  }

  #idOf (name: string | null): number | null {
    if (name === null) return null
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#db.prepare('INSERT OR IGNORE INTO names (name) VALUES (?)').run(name)
    const id = Number(this.#db.prepare('SELECT id FROM names WHERE name = ?').pluck().get(name))
    this.#names.set(name, id)
    return id
  }
}
