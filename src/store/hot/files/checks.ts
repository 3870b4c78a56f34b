import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError, ConfigurationError } from '../../../core/errors.ts'
import { COMPANIONS, finishMove, keepAside, openDamage, type Damage } from './damage.ts'
import { foreignSign } from './foreign.ts'
import { lackOf, marksOf, readMarks } from './marker.ts'
import { FILE_NAME, locate } from './place.ts'
import { withoutTrace } from './still.ts'
import { APPLICATION_ID, refuseNewerSchema } from '../migrations/migrate.ts'

const FULL_CHECK_BYTES = 256 * 1024 * 1024
/** What a store leaves behind that was taken away. */
const REMAINS = ['-wal', '-audit', '-marker'] as const

/** `isNew`: nothing stands there, and nothing ever did. */
export interface Checked {
  file: string
  isNew: boolean
  damage: Damage | undefined
}

/**
 * Looks at the file before anything is written to it. A damaged one is moved aside with all that belongs to it, and stays the
 * answer until a store stands there again; one of a newer or of another program is refused as it is. Throws ConfigurationError, `conflict`
 * and `overloaded`.
 */
export function checkFile (dataDir: string): Checked {
  const file = locate(dataDir, 'write')
  const note = openDamage(file)
  if (note !== undefined && (!note.isMoved || !existsSync(file))) return { file, isNew: false, damage: finishMove(file, note) }
  const reason = faultOf(file, readFault)
  if (reason !== undefined) return { file, isNew: false, damage: keepAside(file, reason) }
  return { file, isNew: !existsSync(file) || statSync(file).size === 0, damage: undefined }
}

/** As `checkFile` for a short task of the command line: moves nothing, reads no pages. Throws `conflict` also for what is damaged. */
export function refuseUnfit (dataDir: string, use: 'read' | 'write'): { file: string, isNew: boolean } {
  const file = locate(dataDir, use)
  const reason = openDamage(file)?.reason ?? faultOf(file, () => undefined)
  if (reason !== undefined) throw new AppError('conflict', `the store in ${dataDir} is damaged: ${reason}; run bellwether recover, or bellwether serve --accept-empty`)
  return { file, isNew: !existsSync(file) || statSync(file).size === 0 }
}

/** What a look at a store finds that changes nothing. */
export interface Look {
  file: string
  isNew: boolean
  /** Why the store is damaged. */
  fault: string | undefined
  /** Names of damaged stores that stand aside. */
  damaged: string[]
}

/** As `checkFile`, also beside a running service: nothing is moved, and nothing new stands there afterwards. Throws what that throws. */
export async function lookAtStore (dataDir: string): Promise<Look> {
  const file = locate(dataDir, 'read')
  return withoutTrace(file, async () => {
    const fault = openDamage(file)?.reason ?? faultOf(file, readFault)
    return { file, isNew: !existsSync(file) || statSync(file).size === 0, fault, damaged: listDamaged(dataDir) }
  })
}

/** Names the damaged stores that stand in the folder from this or an earlier start. */
export function listDamaged (dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith(`${FILE_NAME}.damaged-`) && !COMPANIONS.some((companion) => name.endsWith(companion)))
}

function faultOf (file: string, look: (raw: SqliteDatabase.Database, file: string) => string | undefined): string | undefined {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined || size === 0) return goneFault(file, size)
  try {
    return lookInto(file, look)
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error instanceof Error ? error.message : code
    throw new AppError('overloaded', `the store ${file} cannot be opened (${String(error)}): check its permissions and the disk`, { cause: error })
  }
}

function goneFault (file: string, size: number | undefined): string | undefined {
  const companions = REMAINS.filter((companion) => (statSync(file + companion, { throwIfNoEntry: false })?.size ?? 0) > 0)
  const remains = [...companions.map((companion) => FILE_NAME + companion), ...secretsBeside(file)]
  if (remains.length === 0) return undefined
  return `${size === 0 ? 'the file is empty' : 'the file is gone'}, and of an earlier start stands there ${remains.join(', ')}`
}

/** They are made once a store is there. */
function secretsBeside (file: string): string[] {
  const folder = dirname(file)
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.secret')) : []
}

function lookInto (file: string, look: (raw: SqliteDatabase.Database, file: string) => string | undefined): string | undefined {
  const raw = new SqliteDatabase(file, { timeout: 5000, readonly: true })
  try {
    const sign = foreignSign(raw)
    if (sign !== undefined) throw new ConfigurationError(`${file} belongs to another program (${sign}): move it away, or set DATA_DIR; nothing was changed`)
    refuseNewerSchema(raw)
    return look(raw, file) ?? lackIn(raw, file)
  } finally {
    raw.close()
  }
}

function lackIn (raw: SqliteDatabase.Database, file: string): string | undefined {
  const marked = readMarks(file)
  if (marked === undefined) return undefined
  const isMarkable = raw.pragma('application_id', { simple: true }) === APPLICATION_ID
  return isMarkable ? lackOf(marksOf(raw), marked) : 'it is older than its marker'
}

/**
 * Checks all of a small file; of a large one the fixed tables and the newest partition, where an
 * interrupted write would show, since a full check reads every page.
 */
function readFault (raw: SqliteDatabase.Database, file: string): string | undefined {
  if (statSync(file).size <= FULL_CHECK_BYTES) return firstFault(raw, 'quick_check(1)')
  const newest = raw.prepare('SELECT max(n) FROM partitions').pluck().get()
  const tables = ['sqlite_schema', 'partitions', 'names', 'receipts', 'tokens', `keys_${newest}`, `minutes_${newest}`]
  return tables.map((table) => firstFault(raw, `quick_check('${table}')`)).find((fault) => fault !== undefined)
}

function firstFault (raw: SqliteDatabase.Database, check: string): string | undefined {
  const said = String(raw.pragma(check, { simple: true }))
  return said === 'ok' ? undefined : `its pages are damaged (${said.replace(/\s+/g, ' ')})`
}
