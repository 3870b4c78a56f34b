import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { systemClock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { FILE_NAME } from './checks.ts'
import { openForReading, openForWriting, type Connection } from './database.ts'
import { Guard } from './guard.ts'
import { migrate, refuseNewerSchema } from './migrate.ts'
import { reads } from './reads.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/** Answers questions about the store's file, also beside a running service. Throws `not_found` when there is no file. */
export async function withReads<T> (dataDir: string, task: (store: Pick<Store, 'read'>) => Promise<T>): Promise<T> {
  const file = join(dataDir, FILE_NAME)
  if (!existsSync(file)) throw new AppError('not_found', `there is no store in ${dataDir}: is DATA_DIR right?`)
  const connection = openForReading(file)
  const guard = new Guard(Infinity, systemClock.now)
  try {
    refuseNewerSchema(connection.raw)
    return await task({ read: (name, args) => parseAnswer(reads[name]({ db: connection.db, guard }, args as never)) })
  } finally {
    await connection.close()
  }
}

async function parseAnswer<T> (answer: Promise<unknown>): Promise<T> {
  return await answer as T
}

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
