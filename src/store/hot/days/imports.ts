import type SqliteDatabase from 'better-sqlite3'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Appended } from '../../../../schemas/submission.ts'
import type { Partition } from './partitions.ts'
import type { Tables } from '../tables.ts'

/** Keeps which rows were imported: those of one submission have ids in a row, so a first and a last say all. */
export class Imports {
  readonly #add: SqliteDatabase.Statement<[first: number, last: number]>

  constructor (raw: SqliteDatabase.Database) {
    this.#add = raw.prepare('INSERT INTO imports (first_id, last_id) VALUES (?, ?)')
  }

  add ({ ids, duplicates, conflicts }: Appended): void {
    const known = new Set([...duplicates, ...conflicts])
    const fresh = ids.filter((_, at) => !known.has(at))
    const [first, last] = [fresh[0], fresh.at(-1)]
    if (first !== undefined && last !== undefined) this.#add.run(first, last)
  }
}

/** The condition that the row `e` of one of the partitions was not imported. */
export async function notImported (db: Kysely<Tables>, partitions: readonly Partition[]): Promise<RawBuilder<unknown>> {
  const [first, last] = [Math.min(...partitions.map((one) => one.first_id)), Math.max(...partitions.map((one) => one.last_id))]
  const any = await db.selectFrom('imports').select('first_id').where('first_id', '<=', last).where('last_id', '>=', first).limit(1).executeTakeFirst()
  if (any === undefined) return sql`true`
  return sql`e.id > coalesce((SELECT i.last_id FROM imports AS i WHERE i.first_id <= e.id ORDER BY i.first_id DESC LIMIT 1), 0)`
}

/** Forgets those of rows that are gone. */
export async function trimImports (db: Kysely<Tables>): Promise<void> {
  await sql`DELETE FROM imports WHERE last_id < (SELECT min(first_id) FROM partitions)`.execute(db)
}
