import { sql, type Kysely } from 'kysely'

/** Until now ids were taken for the time of receipt, so they lead it by nothing. */
export async function up (db: Kysely<unknown>): Promise<void> {
  for (const table of ['partitions', 'receipts', 'rejected']) {
    await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN lead_ms INTEGER NOT NULL DEFAULT 0`.execute(db)
  }
}
