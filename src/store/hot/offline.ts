import type { Kysely } from 'kysely'
import { systemClock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { refuseUnfit } from './files/checks.ts'
import { createStore } from './files/create.ts'
import { openForReading, openForWriting, type Connection } from './database.ts'
import { Guard } from './guard.ts'
import { lockFolder } from './files/lock.ts'
import { locate } from './files/place.ts'
import { withoutTrace } from './files/still.ts'
import { migrate } from './migrations/migrate.ts'
import { reads } from './reads.ts'
import type { Store } from '../store.ts'
import type { Tables } from './tables.ts'

/** Answers questions about the store's file, also beside a running service, and leaves nothing there. Throws `not_found` when there is no file. */
export async function withReads<T> (dataDir: string, task: (store: Pick<Store, 'read'>) => Promise<T>): Promise<T> {
  return withoutTrace(locate(dataDir, 'read'), () => readStore(dataDir, task))
}

async function readStore<T> (dataDir: string, task: (store: Pick<Store, 'read'>) => Promise<T>): Promise<T> {
  const { file, isNew } = refuseUnfit(dataDir, 'read')
  if (isNew) throw new AppError('not_found', `there is no store in ${dataDir}: is DATA_DIR right?`)
  const connection = openForReading(file)
  const guard = new Guard(Infinity, systemClock.now)
  try {
    return await task({ read: (name, args) => reads[name]({ db: connection.db, guard }, args) })
  } finally {
    await connection.close()
  }
}

/**
 * Runs a short task of the command line on the store's file, also beside a running service. Makes the file when there is none.
 * Entries of the audit need the whole connection.
 */
export async function withDatabase<T> (dataDir: string, task: (db: Kysely<Tables>, connection: Connection) => Promise<T>): Promise<T> {
  const { file, isNew } = refuseUnfit(dataDir, 'write')
  if (isNew) await createLocked(dataDir, file)
  const connection = openForWriting(file, 'durable')
  try {
    await migrate(connection)
    return await task(connection.db, connection)
  } finally {
    await connection.close()
  }
}

async function createLocked (dataDir: string, file: string): Promise<void> {
  const lock = lockFolder(dataDir)
  try {
    // Whoever had the lock may have made it.
    if (refuseUnfit(dataDir, 'write').isNew) await createStore(file)
  } finally {
    lock.release()
  }
}
