import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import SqliteDatabase from 'better-sqlite3'
import { BackupManifest, type BackupFile } from '../../../../schemas/backup.ts'
import { AppError } from '../../../core/errors.ts'
import { foreignSign } from '../files/foreign.ts'
import { FILE_NAME } from '../files/place.ts'
import { refuseNewerSchema } from '../migrations/migrate.ts'
import { describeFile, MANIFEST } from './backup-files.ts'
import { countEvents, faultIn } from './copy-check.ts'

/**
 * Checks a backup and writes nothing: that its files are those of the manifest, byte for byte, and no others, that SQLite finds nothing
 * wrong, and that the events are there. Throws `conflict` with the first fault.
 */
export async function checkBackup (folder: string): Promise<BackupManifest> {
  const manifest = readManifest(folder)
  const names = manifest.files.map(({ name }) => name)
  if (!names.includes(FILE_NAME)) throw bad(folder, `its manifest names no ${FILE_NAME}`)
  const stranger = readdirSync(folder).find((name) => name !== MANIFEST && !names.includes(name))
  if (stranger !== undefined) throw bad(folder, `${stranger} is not in its manifest: move it away`)
  for (const file of manifest.files) await checkFileOf(folder, file)
  checkStore(folder, manifest)
  return manifest
}

function readManifest (folder: string): BackupManifest {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw bad(folder, 'it is no folder: say the one that bellwether backup made')
  const manifest = readJson(folder)
  if (Value.Check(BackupManifest, manifest)) return manifest
  throw bad(folder, `its ${MANIFEST} is none of ours, or damaged`)
}

function readJson (folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'))
    return manifest
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw bad(folder, isMissing ? `there is no ${MANIFEST} in it: it was broken off, or is no backup` : `its ${MANIFEST} cannot be read (${String(error)})`)
  }
}

async function checkFileOf (folder: string, { name, bytes, sha256 }: BackupFile): Promise<void> {
  const entry = lstatSync(join(folder, name), { throwIfNoEntry: false })
  if (entry?.isFile() !== true) throw bad(folder, `${name} is missing`)
  if (entry.size !== bytes) throw bad(folder, `${name} has ${entry.size} bytes, and had ${bytes}`)
  if ((await describeFile(folder, name)).sha256 !== sha256) throw bad(folder, `${name} was changed or is damaged: its SHA-256 is another`)
}

function checkStore (folder: string, manifest: BackupManifest): void {
  const raw = new SqliteDatabase(join(folder, FILE_NAME), { readonly: true })
  try {
    const sign = foreignSign(raw)
    if (sign !== undefined) throw bad(folder, `its ${FILE_NAME} belongs to another program (${sign})`)
    refuseNewerSchema(raw)
    const fault = faultIn(raw, 'integrity_check(1)')
    if (fault !== undefined) throw bad(folder, `its pages are damaged (${fault})`)
    const events = countEvents(raw)
    if (events !== manifest.events) throw bad(folder, `it holds ${events} events, and held ${manifest.events}`)
  } finally {
    raw.close()
  }
}

function bad (folder: string, fault: string): AppError {
  return new AppError('conflict', `${folder} is no backup to rely on: ${fault}`)
}
