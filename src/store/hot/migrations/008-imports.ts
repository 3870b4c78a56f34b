import type { Kysely } from 'kysely'

/** Rows that were imported, from one id to another: what they say happened long before they came, so no rule counts them as news. */
export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('imports')
    .addColumn('first_id', 'integer', (column) => column.primaryKey())
    .addColumn('last_id', 'integer', (column) => column.notNull())
    .execute()
}
