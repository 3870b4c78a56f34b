import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, openSync, readdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BackupFile } from '../../../../schemas/backup.ts'
import { AppError } from '../../../core/errors.ts'

export const MANIFEST = 'manifest.json'
/** What a disk needs beyond the files themselves. */
const MARGIN_BYTES = 16 * 1024 * 1024

/** Reads a file to its end; throws what reading throws. */
export async function describeFile (folder: string, name: string): Promise<BackupFile> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(join(folder, name)), async function (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      hash.update(chunk)
    }
  })
  return { name, bytes, sha256: hash.digest('hex') }
}

/** The secrets that the service made for itself, which belong to its store. */
export function secretsIn (folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.secret')).sort()
}

/** Has what was written to a file outlast a power cut. */
export function syncFile (file: string): void {
  const fd = openSync(file, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export function writeSynced (file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
  syncFile(file)
}

/** Throws `no_space` when so many bytes would not fit into a folder that is there. */
export function refuseLittleSpace (folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (free >= bytes + MARGIN_BYTES) return
  throw new AppError('no_space', `${folder} has ${free} bytes free, and ${bytes + MARGIN_BYTES} are needed: free some disk, or choose another place; nothing was written`)
}
