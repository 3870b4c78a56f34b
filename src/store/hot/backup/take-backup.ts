import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { BackupManifest } from '../../../../schemas/backup.ts'
import { AppError } from '../../../core/errors.ts'
import { VERSION } from '../../../core/version.ts'
import { refuseUnfit } from '../files/checks.ts'
import { marksOf, syncFolder } from '../files/marker.ts'
import { FILE_NAME, locate } from '../files/place.ts'
import { withoutTrace } from '../files/still.ts'
import { anchorFile } from '../access/audit-anchor.ts'
import { describeFile, MANIFEST, refuseLittleSpace, secretsIn, syncFile, writeSynced } from './backup-files.ts'
import { countEvents, faultIn } from './copy-check.ts'

const STEP_PAGES = 4_096

/**
 * Copies a store with all that belongs to it into a folder that is not there yet, also beside a running service: the state of one moment,
 * which holds whatever was acknowledged before. The folder is there whole or not at all. Throws `not_found` without a store, `conflict`
 * when something is in the place, `no_space`; what `signal` was aborted with when it was.
 */
export async function takeBackup (dataDir: string, target: string, { now, signal }: { now: number, signal: AbortSignal }): Promise<BackupManifest> {
  const file = locate(dataDir, 'read')
  const place = resolve(target)
  if (existsSync(place)) throw new AppError('conflict', `${target} is there already, and no backup is written over: choose another name`)
  if (!existsSync(dirname(place))) throw new AppError('not_found', `there is no folder ${dirname(place)} to put the backup in`)
  return withoutTrace(file, async () => {
    if (refuseUnfit(dataDir, 'read').isNew) throw new AppError('not_found', `there is no store in ${dataDir}: is DATA_DIR right?`)
    const draft = join(dirname(place), `.${basename(place)}.unfinished-${process.pid}`)
    mkdirSync(draft, { mode: 0o700 })
    try {
      const manifest = await fillDraft({ dataDir, file, draft, now, signal })
      renameSync(draft, place)
      syncFolder(place)
      return manifest
    } catch (error) {
      rmSync(draft, { recursive: true, force: true })
      throw error
    }
  })
}

async function fillDraft ({ dataDir, file, draft, now, signal }: { dataDir: string, file: string, draft: string, now: number, signal: AbortSignal }): Promise<BackupManifest> {
  // The anchor names an entry that was stored before, and so is in the copy.
  const beside = [anchorFile(file)].filter((path) => existsSync(path)).map((path) => [anchorFile(FILE_NAME), readFileSync(path)] as const)
  for (const [name, content] of beside) writeSynced(join(draft, name), content)
  const { store, events } = await copyStore(file, join(draft, FILE_NAME), signal)
  const secrets = secretsIn(dataDir)
  for (const name of secrets) writeSynced(join(draft, name), readFileSync(join(dataDir, name)))
  const files = await Promise.all([FILE_NAME, ...beside.map(([name]) => name), ...secrets].map((name) => describeFile(draft, name)))
  signal.throwIfAborted()
  const manifest: BackupManifest = { format: 1, program: 'bellwether', version: VERSION, made_at: new Date(now).toISOString(), store, events, files }
  writeSynced(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  syncFolder(join(draft, MANIFEST))
  return manifest
}

/** Copies the file as it is at one moment, and checks the copy. */
async function copyStore (file: string, copy: string, signal: AbortSignal): Promise<{ store: string, events: number }> {
  const raw = new SqliteDatabase(file, { readonly: true, timeout: 5_000 })
  try {
    // One transaction over all steps: what is committed meanwhile neither shows nor makes it begin anew.
    raw.exec('BEGIN')
    const pages = Number(raw.pragma('page_count', { simple: true }))
    refuseLittleSpace(dirname(copy), pages * Number(raw.pragma('page_size', { simple: true })))
    await raw.backup(copy, {
      progress: () => {
        signal.throwIfAborted()
        return STEP_PAGES
      }
    })
  } finally {
    raw.close()
  }
  return settleCopy(copy)
}

function settleCopy (copy: string): { store: string, events: number } {
  const raw = new SqliteDatabase(copy)
  try {
    // Whoever looks into it later leaves nothing beside it. The service turns it back.
    raw.pragma('journal_mode = DELETE')
    const fault = faultIn(raw, 'quick_check(1)')
    if (fault !== undefined) throw new AppError('conflict', `the copy does not pass its check (${fault}), nor will the store: run bellwether doctor`)
    return { store: marksOf(raw).store ?? '', events: countEvents(raw) }
  } finally {
    raw.close()
    chmodSync(copy, 0o600)
    syncFile(copy)
  }
}
