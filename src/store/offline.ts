import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { FILE_NAME } from './checks.ts'
import { openForWriting, type Connection } from './database.ts'
import { migrate, refuseNewerSchema } from './migrate.ts'
import type { Tables } from './tables.ts'

/**
 * Runs a short task of the command line on the store's file, also beside a running service. Makes the file when there is none.
 * Entries of the audit need the whole connection.
 */
export async function withDatabase<T> (dataDir: string, task: (db: Kysely<Tables>, connection: Connection) => Promise<T>): Promise<T> {
  if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const connection = openForWriting(join(dataDir, FILE_NAME), 'durable')
  try {
    refuseNewerSchema(connection.raw)
    await migrate(connection)
    return await task(connection.db, connection)
  } finally {
    await connection.close()
  }
}
