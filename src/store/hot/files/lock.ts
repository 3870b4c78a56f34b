import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError, ConfigurationError } from '../../../core/errors.ts'
import { makeFolder, refuseUnusable } from './place.ts'

/** The command line holds it for a moment when it makes a store. */
const SHORT_MS = 1_000

/**
 * Keeps a second service off the same folder. The lock is an exclusive transaction on a file of its own: the
 * system releases it when the process ends in any way, and the command line can still write beside the service.
 * Throws `conflict` when another process holds it, ConfigurationError when the folder may not be written, `overloaded` when the disk fails.
 */
export function lockFolder (dataDir: string): { release: () => void } {
  const file = join(dataDir, 'bellwether.lock')
  makeFolder(dataDir)
  refuseUnusable(file, 'write')
  try {
    const raw = new SqliteDatabase(file, { timeout: SHORT_MS })
    raw.pragma('journal_mode = MEMORY')
    raw.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (n); DELETE FROM held; INSERT INTO held VALUES (1)')
    return { release: () => raw.close() }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (code.startsWith('SQLITE_BUSY')) {
      throw new AppError('conflict', `another bellwether process uses ${dataDir}: stop it, or give this one a DATA_DIR of its own`, { cause })
    }
    if (code === 'SQLITE_NOTADB') throw new ConfigurationError(`${file} is no lock: move away what stands there, or set DATA_DIR`, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('overloaded', `the data folder ${dataDir} cannot be written: ${reason}`, { cause })
  }
}
