import { isRecord } from '../core/is-record.ts'
import { systemClock } from '../core/clock.ts'
import type { BackupManifest } from '../../schemas/backup.ts'
import { checkBackup } from '../store/hot/backup/check-backup.ts'
import { restoreBackup } from '../store/hot/backup/restore-backup.ts'
import { takeBackup } from '../store/hot/backup/take-backup.ts'
import { commandLine, readFlags } from './client/client-flags.ts'
import { untilSignal } from './client/terminal.ts'
import { CommandError, configOf, EXIT, say, UsageError } from './command.ts'

interface BackupFlags {
  dataDir?: string
  verify?: true
  json?: true
}

/** Copies the store with what belongs to it, also beside a running service; returns the exit code. */
export async function backup (args: readonly string[]): Promise<number> {
  const command = withFolder(commandLine('backup', 'Copies the store with all that belongs to it into a new folder, also while the service runs: whatever was acknowledged before is in it. It holds the secrets of the service.'))
    .argument('<to>', 'a folder that is not there yet')
  const read = readFlags<BackupFlags>(command, args)
  if (read === undefined) return EXIT.done
  const target = onlyWord(read.words)
  return untilSignal(async (signal) => {
    const manifest = await onDisk(() => takeBackup(dataDirOf(read.flags), target, { now: systemClock.now(), signal }))
    return told(read.flags, manifest, `${target}: ${sizeText(manifest)}, checked; bellwether restore ${target} --verify checks it again`)
  })
}

/** Checks a backup, or puts it into an empty data folder; returns the exit code. */
export async function restore (args: readonly string[]): Promise<number> {
  const command = withFolder(commandLine('restore', 'Checks a backup and puts it into an empty data folder.'))
    .argument('<from>', 'the folder of the backup')
    .option('--verify', 'only check it: hashes, pages, number of events; nothing is written')
  const read = readFlags<BackupFlags>(command, args)
  if (read === undefined) return EXIT.done
  const from = onlyWord(read.words)
  if (read.flags.verify === true) {
    const manifest = await onDisk(() => checkBackup(from))
    return told(read.flags, manifest, `${from} is whole: ${sizeText(manifest)}, made ${manifest.made_at} by ${manifest.version}; hashes, pages and events are right`)
  }
  const dataDir = dataDirOf(read.flags)
  const manifest = await onDisk(() => restoreBackup(from, dataDir))
  return told(read.flags, manifest, `${from} is restored into ${dataDir}: ${sizeText(manifest)}, as of ${manifest.made_at}; start it with bellwether serve`)
}

function withFolder (command: ReturnType<typeof commandLine>) {
  return command.option('--data-dir <folder>', 'of the service; DATA_DIR when left out').option('--json', 'print the manifest as JSON')
}

function dataDirOf ({ dataDir }: BackupFlags): string {
  return configOf(dataDir === undefined ? {} : { 'data-dir': dataDir }).dataDir
}

function onlyWord ([word, more]: readonly string[]): string {
  if (word === undefined || more !== undefined) throw new UsageError('say one folder')
  return word
}

/** What the disk says is told, and is no bug. */
async function onDisk<T> (task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    if (!isRecord(error) || typeof error['syscall'] !== 'string') throw error
    throw new CommandError(`the disk refuses: ${String(error['message'])}`, EXIT.failed, error)
  }
}

function told ({ json }: BackupFlags, manifest: BackupManifest, sentence: string): number {
  return say(json === true ? JSON.stringify(manifest) : sentence)
}

function sizeText ({ events, files }: BackupManifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return `${events} events, ${files.length} files, ${bytes} bytes`
}
