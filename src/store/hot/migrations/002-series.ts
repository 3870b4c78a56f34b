import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('series')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('is_own', 'integer', (column) => column.notNull())
    .addColumn('first_seen', 'integer', (column) => column.notNull())
    .addColumn('last_seen', 'integer', (column) => column.notNull())
    .addUniqueConstraint('series_name_labels', ['name', 'labels'])
    .execute()
  await sql`
    CREATE TABLE samples (
      block INTEGER NOT NULL, series_id INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL,
      PRIMARY KEY (block, series_id, time)
    ) WITHOUT ROWID`.execute(db)
  for (const table of ['sample_minutes', 'sample_hours']) {
    await sql`
      CREATE TABLE ${sql.table(table)} (
        block INTEGER NOT NULL, series_id INTEGER NOT NULL, time INTEGER NOT NULL,
        count INTEGER NOT NULL, min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL,
        PRIMARY KEY (block, series_id, time)
      ) WITHOUT ROWID`.execute(db)
  }
}
