import type SqliteDatabase from 'better-sqlite3'
import { parseTable } from './partitions.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

type Upsert = SqliteDatabase.Statement<[number, number, number, number]>

const LEVELS_WIDTH = 8

/** Counts the events of a commit by minute, level and service, then adds them to the partition's table in a few statements. */
export class RollupCounter {
  readonly #minutes: Upsert
  #counts = new Map<number, Map<number, number>>()

  constructor (raw: SqliteDatabase.Database, n: number) {
    this.#minutes = raw.prepare(upsert(parseTable('minutes', n)))
  }

  add (time: number, level: number, serviceId: number | null): void {
    const minute = time - time % MINUTE_MS
    const kind = (serviceId ?? 0) * LEVELS_WIDTH + level
    const ofMinute = this.#counts.get(minute)
    if (ofMinute === undefined) this.#counts.set(minute, new Map([[kind, 1]]))
    else ofMinute.set(kind, (ofMinute.get(kind) ?? 0) + 1)
  }

  flush (): void {
    for (const [minute, kinds] of this.#counts) {
      for (const [kind, count] of kinds) {
        const level = kind % LEVELS_WIDTH
        const serviceId = (kind - level) / LEVELS_WIDTH
        this.#minutes.run(minute, level, serviceId, count)
      }
    }
    this.#counts = new Map()
  }
}

function upsert (table: string): string {
  return `INSERT INTO ${table} (bucket, level, service_id, count) VALUES (?, ?, ?, ?)
    ON CONFLICT (bucket, level, service_id) DO UPDATE SET count = count + excluded.count`
}

/**
 * Sums the minutes of a partition up by hour, once, when it is closed: hours of the open one are read from its minutes,
 * which is less work than keeping both at every commit.
 */
export function closeHours (raw: SqliteDatabase.Database, n: number): void {
  raw.exec(`INSERT INTO ${parseTable('hours', n)} (bucket, level, service_id, count)
    SELECT bucket - bucket % ${HOUR_MS}, level, service_id, sum(count) FROM ${parseTable('minutes', n)} GROUP BY 1, 2, 3`)
}
