import { sql, type Kysely, type RawBuilder } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('audit')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('time', 'integer', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('actor_kind', 'text')
    .addColumn('actor_id', 'text')
    .addColumn('actor_name', 'text')
    .addColumn('source', 'text')
    .addColumn('target', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await refuse(db, 'UPDATE', sql`true`)
  await refuse(db, 'DELETE', sql`true`)
  // REPLACE deletes without asking the trigger above.
  await refuse(db, 'INSERT', sql`NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)`)
  await db.schema.createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'integer', (column) => column.notNull())
    .execute()
}

async function refuse (db: Kysely<unknown>, change: 'UPDATE' | 'DELETE' | 'INSERT', when: RawBuilder<unknown>): Promise<void> {
  await sql`CREATE TRIGGER ${sql.id(`audit_${change.toLowerCase()}`)} BEFORE ${sql.raw(change)} ON audit WHEN ${when}
    BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END`.execute(db)
}
