import type { Kysely } from 'kysely'

/** Whether the notices of a channel carry links that acknowledge; those that there are do. */
export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('channels').addColumn('ack_links', 'integer', (column) => column.notNull().defaultTo(1)).execute()
}
