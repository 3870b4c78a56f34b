import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { EventFields } from '../../../../schemas/event.ts'
import { LEVELS, SEVERITIES } from '../../../../schemas/words.ts'
import type { Partition } from '../days/partitions.ts'
import type { Tables } from '../tables.ts'

/** An event as the store gives it back: `id` is the row id, `clientId` the sender's where the event is answered by it. */
export interface StoredEvent extends EventFields {
  id: number
  /** ms since the epoch. */
  receivedAt: number
  patternId: string | null
  anomaly: number | null
}

/** A place in the order of pages. */
export interface Cursor {
  time: number
  id: number
}

/** A row of `eventColumns`. */
export interface EventRow extends Omit<StoredEvent, 'level' | 'severity'> {
  level: number
  severity: number
}

/** Columns of an answered event of a partition, for a FROM that calls the row `e`. */
export function eventColumns ({ lead_ms: leadMs }: Pick<Partition, 'lead_ms'>): RawBuilder<unknown> {
  return sql`
  e.id, (e.id >> 10) - ${sql.lit(leadMs)} AS "receivedAt", e.time, e.level, e.severity, e.trace_id AS "traceId", e.client_id AS "clientId", e.message, e.meta,
  CAST(e.pattern_id AS TEXT) AS "patternId", e.anomaly,
  (SELECT name FROM names WHERE id = e.service_id) AS service,
  (SELECT name FROM names WHERE id = e.type_id) AS type,
  (SELECT name FROM names WHERE id = e.host_id) AS host`
}

/** Runs a query that selects `eventColumns`. */
export async function fetchEvents (db: Kysely<Tables>, query: RawBuilder<EventRow>): Promise<StoredEvent[]> {
  const { rows } = await query.execute(db)
  return rows.map(parseRow)
}

export function compareCursors (a: Cursor, b: Cursor): number {
  return a.time - b.time || a.id - b.id
}

function parseRow (row: EventRow): StoredEvent {
  return { ...row, level: LEVELS[row.level - 1] ?? 'INFO', severity: SEVERITIES[row.severity - 1] ?? 'LOW' }
}
