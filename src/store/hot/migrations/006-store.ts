import { sql, type Kysely } from 'kysely'

/** One row: which store this is. What stands beside the file names it, so that a file that was exchanged is noticed. */
export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('store').addColumn('id', 'text', (column) => column.notNull()).execute()
  await sql`INSERT INTO store (id) VALUES (lower(hex(randomblob(16))))`.execute(db)
}
