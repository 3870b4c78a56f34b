import { copyFileSync, chmodSync, existsSync, readdirSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { BackupManifest } from '../../../../schemas/backup.ts'
import { AppError } from '../../../core/errors.ts'
import { lockFolder } from '../files/lock.ts'
import { markAs, syncFolder } from '../files/marker.ts'
import { FILE_NAME } from '../files/place.ts'
import { checkBackup } from './check-backup.ts'
import { describeFile, refuseLittleSpace, syncFile } from './backup-files.ts'

/** Left behind in an otherwise empty folder, by who has or had the lock. */
const LOCK = 'bellwether.lock'

/**
 * Checks a backup and puts it into a data folder that is empty or not there yet. The store takes its place last, and whole. Throws
 * `conflict` for a bad backup, for a folder that holds anything, and while a service has it; `no_space`.
 */
export async function restoreBackup (folder: string, dataDir: string): Promise<BackupManifest> {
  refuseUsed(dataDir)
  const manifest = await checkBackup(folder)
  const lock = lockFolder(dataDir)
  try {
    refuseUsed(dataDir)
    refuseLittleSpace(dataDir, manifest.files.reduce((sum, { bytes }) => sum + bytes, 0))
    const draft = `${FILE_NAME}-draft`
    for (const { name } of manifest.files) copySynced(join(folder, name), join(dataDir, name === FILE_NAME ? draft : name))
    await refuseOther(dataDir, draft, manifest)
    mark(join(dataDir, draft), join(dataDir, FILE_NAME))
    renameSync(join(dataDir, draft), join(dataDir, FILE_NAME))
    syncFolder(join(dataDir, FILE_NAME))
    return manifest
  } finally {
    lock.release()
  }
}

function refuseUsed (dataDir: string): void {
  const found = existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name !== LOCK) : []
  if (found.length === 0) return
  throw new AppError('conflict', `${resolve(dataDir)} is not empty (${found.slice(0, 3).join(', ')}): a backup is put into an empty data folder alone; stop the service and move what is there away, or say another with --data-dir`)
}

function copySynced (from: string, to: string): void {
  copyFileSync(from, to)
  chmodSync(to, 0o600)
  syncFile(to)
}

/** What was copied must be what was checked. */
async function refuseOther (dataDir: string, draft: string, { files }: BackupManifest): Promise<void> {
  for (const { name, sha256 } of files) {
    const copied = await describeFile(dataDir, name === FILE_NAME ? draft : name)
    if (copied.sha256 !== sha256) throw new AppError('conflict', `${name} changed while it was copied: empty ${dataDir} and try again`)
  }
}

/** From here on an older copy in its place is noticed. */
function mark (draft: string, file: string): void {
  const raw = new SqliteDatabase(draft, { readonly: true })
  try {
    markAs(file, raw)
  } finally {
    raw.close()
  }
}
