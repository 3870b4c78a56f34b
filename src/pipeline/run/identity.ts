import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { AppError } from '../../core/errors.ts'
import type { Checkpoint, SeenFile } from './checkpoint.ts'
import { readFiles, STANDARD_INPUT, type Position } from './input.ts'
import { STANDARD_OUTPUT } from './output.ts'
import { inodeOf, rotatedSet } from './rotation.ts'

/** So many bytes tell a file from another that has its inode. */
export const HEAD_BYTES = 256

/** Notes which files are read. Throws `invalid` when one of them is to be written, which would empty it before it is read. */
export async function identified (files: readonly string[], targets: ReadonlyArray<string | undefined>): Promise<SeenFile[]> {
  const seen = await Promise.all(files.map((path) => seenFile(path)))
  for (const target of targets) {
    if (target === undefined || target === STANDARD_OUTPUT || (await stat(target).catch(() => undefined))?.isFile() !== true) continue
    const inode = await inodeOf(target)
    if (seen.some((file) => file.inode === inode)) throw new AppError('invalid', `${target} is read and written: name another output`)
  }
  return seen
}

/**
 * The files of a run that goes on, and where: the same, also when they were rotated or packed meanwhile; where one is followed, the newer
 * ones of its set come behind it. Throws `invalid` when a file is another than it was.
 */
export async function resumption ({ files, position }: Checkpoint, named: readonly string[], isFollowed: boolean): Promise<{ files: readonly string[], from: Position }> {
  const current = files[position.file]
  if (current === undefined) return { files: named, from: position }
  const live = named.at(-1) ?? current.path
  const isLive = isFollowed && position.file >= named.length - 1
  const candidates = isLive ? withLast(await rotatedSet(live).catch(() => []), live) : named
  const at = await placeOf(current, candidates, position.bytes)
  if (at === -1) throw new AppError('invalid', `${current.path} is another file than the one that was read: start anew without --resume`)
  return isLive ? { files: candidates.slice(at), from: { file: 0, bytes: position.bytes } } : { files: candidates, from: { file: at, bytes: position.bytes } }
}

function withLast (paths: readonly string[], last: string): readonly string[] {
  return paths.at(-1) === last ? paths : [...paths, last]
}

/** Which of the files is the one that was read: the one with its inode, else the one with its name, else any that begins as it did. */
async function placeOf (current: SeenFile, candidates: readonly string[], bytes: number): Promise<number> {
  const found = await Promise.all(candidates.map((path) => seenFile(path, current.headBytes).catch(() => undefined)))
  const sizes = await Promise.all(candidates.map(sizeOf))
  const fits = found.flatMap((file, at) => file?.headBytes === current.headBytes && file.head === current.head && (file.isPacked || (sizes[at] ?? 0) >= bytes) ? [{ file, at }] : [])
  const best = fits.find(({ file }) => file.inode === current.inode) ?? fits.find(({ file }) => file.path === current.path) ?? (current.headBytes > 0 ? fits[0] : undefined)
  return best?.at ?? -1
}

async function sizeOf (path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

/** What a file is told by. A pipe gives what it has once, and a file that is yet to come has nothing. */
export async function seenFile (path: string, headBytes = HEAD_BYTES): Promise<SeenFile & { isPacked: boolean }> {
  const inode = path === STANDARD_INPUT ? undefined : await inodeOf(path)
  const isFile = inode !== undefined && (await stat(path)).isFile()
  if (!isFile) return { path, inode: inode ?? '', ...headOfText(Buffer.alloc(0)), isPacked: false }
  const progress = { readBytes: 0, totalBytes: null }
  let head = Buffer.alloc(0)
  for await (const { bytes } of headBytes === 0 ? [] : readFiles([path], { from: { file: 0, bytes: 0 }, progress })) {
    head = Buffer.concat([head, bytes]).subarray(0, headBytes)
    if (head.length === headBytes) break
  }
  return { path, inode, ...headOfText(head), isPacked: progress.readBytes > 0 && /\.(?:gz|zst|zstd)$/.test(path) }
}

/** What the beginning of a file, unpacked, tells of it. */
export function headOfText (head: Buffer): Pick<SeenFile, 'head' | 'headBytes'> {
  return { head: createHash('sha256').update(head).digest('hex'), headBytes: head.length }
}
