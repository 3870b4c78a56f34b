import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError } from '../../../core/errors.ts'
import { checkFile, listDamaged } from './checks.ts'
import { createStore } from './create.ts'
import { settleDamage } from './damage.ts'
import { openForWriting, type Connection } from '../database.ts'
import { lockFolder } from './lock.ts'
import { migrate } from '../migrations/migrate.ts'
import { takeOver, type TakenOver } from './take-over.ts'

export interface Recovered extends TakenOver {
  /** What was read. */
  from: string
  /** The store that holds it now. */
  file: string
}

/**
 * Reads what can be read of a damaged store into the one that stands in its place, or into a new one: `from`, or the last that
 * was kept aside. That file is only read, and stays. Throws `not_found` when nothing is damaged, `conflict` while a service has
 * the store open and when nothing can be read.
 */
export async function recoverStore (dataDir: string, from: string | undefined, told: (connection: Connection, recovered: Recovered) => Promise<void>): Promise<Recovered> {
  const lock = lockFolder(dataDir)
  try {
    const { file, isNew, damage } = checkFile(dataDir)
    const source = from === undefined ? damage?.keptAs ?? newestDamaged(dataDir) : resolve(from)
    if (source === undefined) throw new AppError('not_found', `nothing in ${dataDir} is damaged: to read another file, say bellwether recover FILE`)
    if (!existsSync(source)) throw new AppError('not_found', `nothing is left to be read at ${source}: put a backup in the place of ${file}, or start with --accept-empty`)
    const taken = await recoverInto(file, source, isNew || damage !== undefined)
    const recovered = { ...taken, from: source, file }
    await onStore(file, (connection) => told(connection, recovered))
    settleDamage(file)
    return recovered
  } finally {
    lock.release()
  }
}

async function recoverInto (file: string, source: string, isNew: boolean): Promise<TakenOver> {
  const raw = openDamaged(source)
  try {
    if (!isNew) return await onStore(file, async (connection) => takeOver(raw, connection))
    let taken: TakenOver | undefined
    await createStore(file, { fill: async (connection) => { taken = takeOver(raw, connection) } })
    if (taken === undefined) throw new Error('a store was made and not filled')
    return taken
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB)/.test(String(error.code))) {
      throw new AppError('conflict', `nothing can be read of ${source} (${error.message}): put a backup in the place of ${file}, or start with --accept-empty; nothing was changed`, { cause: error })
    }
    throw error
  } finally {
    raw.close()
  }
}

/** Reads past what a healthy store is refused for: a length that is not that of the header, a schema with faults. */
function openDamaged (source: string): SqliteDatabase.Database {
  const raw = new SqliteDatabase(source, { readonly: true })
  raw.unsafeMode(true)
  raw.pragma('writable_schema = ON')
  raw.pragma('cell_size_check = ON')
  return raw
}

async function onStore<T> (file: string, task: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = openForWriting(file, 'durable')
  try {
    await migrate(connection)
    return await task(connection)
  } finally {
    await connection.close()
  }
}

function newestDamaged (dataDir: string): string | undefined {
  const name = listDamaged(dataDir).sort().at(-1)
  return name === undefined ? undefined : join(dataDir, name)
}
