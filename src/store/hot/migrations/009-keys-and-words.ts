import { sql, type Kysely } from 'kysely'

/** Adds columns alone, whose defaults say that nothing is known: a store of any size is brought up to date at once. */
export async function up (db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ n: number }>`SELECT n FROM partitions`.execute(db)
  for (const { n } of rows) {
    const keys = sql.table(`keys_${n}`)
    await sql`ALTER TABLE ${keys} ADD COLUMN is_other INTEGER NOT NULL DEFAULT 0`.execute(db)
    await sql`ALTER TABLE ${keys} ADD COLUMN token INTEGER NOT NULL DEFAULT 0`.execute(db)
    await sql`ALTER TABLE ${keys} ADD COLUMN digest TEXT NOT NULL DEFAULT ''`.execute(db)
  }
  await sql`ALTER TABLE partitions ADD COLUMN layout INTEGER NOT NULL DEFAULT 1`.execute(db)
}
