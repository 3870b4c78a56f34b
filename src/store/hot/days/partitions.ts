import { sql, type Kysely } from 'kysely'
import { receivedAt } from '../../../core/row-ids.ts'
import type { Connection } from '../database.ts'
import type { PartitionsTable, Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

export type Partition = { [K in keyof PartitionsTable]: number }

/**
 * An event whose time and receipt lie further apart than this is `far`: it has an index of its own, so that
 * the word index, which is in order of receipt, can be cut to a narrow range of ids for all others.
 */
export const FAR_MS = 30_000

/**
 * How new partitions are laid: 2 keeps the token and content of senders' ids, and indexes letters of scripts without blanks one by one.
 * An older one takes no more events.
 */
export const LAYOUT = 2

export const PARTITION_KINDS = ['events', 'words', 'keys', 'minutes', 'hours'] as const
export type PartitionKind = typeof PARTITION_KINDS[number]

/** Names the table of a partition. */
export function parseTable<K extends PartitionKind> (kind: K, n: number): `${K}_${number}` {
  return `${kind}_${n}`
}

/** The condition of the partial index on far events, to the letter: else SQLite would not use it. */
export function farCondition (leadMs: number): string {
  const lead = leadMs === 0 ? '' : ` + ${leadMs}`
  return `time - (id >> 10)${lead} NOT BETWEEN -${FAR_MS} AND ${FAR_MS}`
}

/**
 * Says of each partition by when all of it was received. What came after the next one was begun did not come before: a clock that
 * stood far ahead for a while keeps nothing for ever.
 */
export function receivedUntil (partitions: readonly Partition[]): number[] {
  let bound = Infinity
  return partitions.toReversed().map(({ first_id: first, last_id: last, lead_ms: leadMs }) => {
    const until = Math.min(bound, receivedAt(last, leadMs))
    bound = Math.min(until, receivedAt(first, leadMs))
    return until
  }).reverse()
}

/** The day of receipt in UTC as a number: 20261122. */
export function dayOf (ms: number): number {
  return Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''))
}

export async function listPartitions (db: Kysely<Tables>): Promise<Partition[]> {
  return db.selectFrom('partitions').selectAll().orderBy('n').execute()
}

/** The statements that lay a partition, with the lead of its ids: raw text, since the ingest path runs them inside its own transaction. */
export function partitionSchema (n: number, leadMs: number): string {
  return `
    CREATE TABLE events_${n} (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, level INTEGER NOT NULL, severity INTEGER NOT NULL,
      service_id INTEGER, type_id INTEGER, host_id INTEGER, trace_id TEXT, client_id TEXT,
      message TEXT NOT NULL, meta TEXT, pattern_id INTEGER, anomaly REAL
    );
    CREATE INDEX events_${n}_time ON events_${n} (time, level, service_id);
    CREATE INDEX events_${n}_service ON events_${n} (service_id, time);
    CREATE INDEX events_${n}_grave ON events_${n} (time) WHERE level >= 4;
    CREATE INDEX events_${n}_far ON events_${n} (time) WHERE ${farCondition(leadMs)};
    CREATE INDEX events_${n}_trace ON events_${n} (trace_id) WHERE trace_id IS NOT NULL;
    CREATE VIRTUAL TABLE words_${n} USING fts5 (
      message, content='events_${n}', content_rowid='id', columnsize=0, tokenize='unicode61 remove_diacritics 1'
    );
    CREATE TABLE keys_${n} (
      client_id TEXT NOT NULL, is_other INTEGER NOT NULL, token INTEGER NOT NULL, digest TEXT NOT NULL, id INTEGER NOT NULL,
      PRIMARY KEY (client_id, is_other, token, digest)
    ) WITHOUT ROWID;
    CREATE TABLE minutes_${n} (
      bucket INTEGER NOT NULL, level INTEGER NOT NULL, service_id INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (bucket, level, service_id)
    ) WITHOUT ROWID;
    CREATE TABLE hours_${n} (
      bucket INTEGER NOT NULL, level INTEGER NOT NULL, service_id INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (bucket, level, service_id)
    ) WITHOUT ROWID;`
}

/** Drops a partition whole: its events, words, ids and counts, and its line of the catalogue. */
export function dropPartition (connection: Pick<Connection, 'raw' | 'db'>, n: number): Promise<void> {
  const { db } = connection
  return atomically(connection, async () => {
    for (const kind of PARTITION_KINDS) await sql`DROP TABLE IF EXISTS ${sql.table(parseTable(kind, n))}`.execute(db)
    await db.deleteFrom('partitions').where('n', '=', n).execute()
  })
}
