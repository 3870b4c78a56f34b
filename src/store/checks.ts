import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError } from '../errors.ts'
import { refuseNewerSchema } from './migrate.ts'

export interface Damage {
  /** What SQLite or the check said. */
  reason: string
  /** Where the damaged file stands now. */
  keptAs: string
}

export const FILE_NAME = 'bellwether.db'
const COMPANIONS = ['', '-wal', '-shm', '-audit']
const FULL_CHECK_BYTES = 256 * 1024 * 1024

/**
 * Looks at the file before anything is written to it. A damaged one is moved aside with its log, and the
 * caller is told; one of a newer program is refused as it is. Throws `conflict` and `overloaded`.
 */
export function checkFile (dataDir: string): { file: string, damage: Damage | undefined } {
  const file = join(dataDir, FILE_NAME)
  if (!existsSync(file)) return { file, damage: undefined }
  const reason = faultOf(file)
  if (reason === undefined) return { file, damage: undefined }
  const keptAs = freeName(`${file}.damaged-${new Date(statSync(file).mtimeMs).toISOString().replace(/[:.]/g, '')}-${process.pid}`)
  for (const companion of COMPANIONS) {
    if (existsSync(file + companion)) renameSync(file + companion, keptAs + companion)
  }
  return { file, damage: { reason, keptAs } }
}

/** Names the damaged stores that stand in the folder from this or an earlier start. */
export function listDamaged (dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith(`${FILE_NAME}.damaged-`) && !/-(wal|shm|audit)$/.test(name))
}

/** Two damaged files may be of one time: a copy keeps the time, and in a container all processes have one id. */
function freeName (name: string): string {
  let free = name
  for (let number = 2; existsSync(free); number++) free = `${name}-${number}`
  return free
}

function faultOf (file: string): string | undefined {
  if (statSync(file).size === 0) return undefined
  try {
    const raw = new SqliteDatabase(file, { timeout: 5000, readonly: true })
    try {
      refuseNewerSchema(raw)
      return quickCheck(raw, file)
    } finally {
      raw.close()
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error instanceof Error ? error.message : code
    throw new AppError('overloaded', `the store ${file} cannot be opened (${String(error)}): check its permissions and the disk`, { cause: error })
  }
}

/**
 * Checks all of a small file; of a large one the fixed tables and the newest partition, where an
 * interrupted write would show, since a full check reads every page.
 */
function quickCheck (raw: SqliteDatabase.Database, file: string): string | undefined {
  if (statSync(file).size <= FULL_CHECK_BYTES) return firstFault(raw, 'quick_check(1)')
  const newest = raw.prepare('SELECT max(n) FROM partitions').pluck().get()
  const tables = ['sqlite_schema', 'partitions', 'names', 'receipts', 'tokens', `keys_${newest}`, `minutes_${newest}`]
  return tables.map((table) => firstFault(raw, `quick_check('${table}')`)).find((fault) => fault !== undefined)
}

function firstFault (raw: SqliteDatabase.Database, check: string): string | undefined {
  const said = String(raw.pragma(check, { simple: true }))
  return said === 'ok' ? undefined : said
}
