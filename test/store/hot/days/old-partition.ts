import type SqliteDatabase from 'better-sqlite3'

export interface OldEvent {
  clientId: string | null
  message: string
}

/** Lays a partition as the first version did, with events received one after the other at `now`: keys knew neither token nor content. */
export function layOldPartition (raw: SqliteDatabase.Database, now: number, events: readonly OldEvent[]): void {
  const first = now * 1024
  raw.prepare('INSERT INTO partitions (n, day, first_id, last_id, rows, bytes, min_time, max_time) VALUES (1, ?, ?, ?, ?, 0, ?, ?)')
    .run(Number(new Date(now).toISOString().slice(0, 10).replaceAll('-', '')), first, first + events.length - 1, events.length, now, now)
  raw.exec(`
    CREATE TABLE events_1 (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, level INTEGER NOT NULL, severity INTEGER NOT NULL,
      service_id INTEGER, type_id INTEGER, host_id INTEGER, trace_id TEXT, client_id TEXT,
      message TEXT NOT NULL, meta TEXT, pattern_id INTEGER, anomaly REAL
    );
    CREATE VIRTUAL TABLE words_1 USING fts5 (
      message, content='events_1', content_rowid='id', columnsize=0, tokenize='unicode61 remove_diacritics 1'
    );
    CREATE TABLE keys_1 (client_id TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID`)
  for (const kind of ['minutes', 'hours']) {
    raw.exec(`CREATE TABLE ${kind}_1 (bucket INTEGER NOT NULL, level INTEGER NOT NULL, service_id INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (bucket, level, service_id)) WITHOUT ROWID`)
  }
  const insert = raw.prepare('INSERT INTO events_1 (id, time, level, severity, client_id, message) VALUES (?, ?, 3, 1, ?, ?)')
  for (const [at, { clientId, message }] of events.entries()) {
    insert.run(first + at, now, clientId, message)
    if (clientId !== null) raw.prepare('INSERT INTO keys_1 VALUES (?, ?)').run(clientId, first + at)
  }
  raw.exec(`
    INSERT INTO words_1 (rowid, message) SELECT id, message FROM events_1;
    INSERT INTO minutes_1 SELECT time - time % 60000, level, 0, count(*) FROM events_1 GROUP BY 1, 2`)
}
