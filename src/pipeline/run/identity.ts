import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { AppError } from '../../core/errors.ts'
import type { Checkpoint, SeenFile } from './checkpoint.ts'
import { headOf, openFile, STANDARD_INPUT } from './input.ts'
import { STANDARD_OUTPUT } from './output.ts'
import { rotatedSet } from './rotation.ts'

const HEAD_BYTES = 256

/** Notes which files are read. Throws `invalid` when one of them is the output, which would be emptied before it is read. */
export async function identified (files: readonly string[], output: string): Promise<SeenFile[]> {
  const seen = await Promise.all(files.map(seenFile))
  const target = output === STANDARD_OUTPUT ? undefined : await stat(output, { bigint: true }).catch(() => undefined)
  const same = target === undefined || !target.isFile() ? undefined : seen.find(({ inode }) => inode === `${target.dev}:${target.ino}`)
  if (same !== undefined) throw new AppError('invalid', `${output} is read and written: name another output`)
  return seen
}

/**
 * The files of a run that goes on: the same, also when they were rotated meanwhile; where one is followed, the newer ones of its set
 * come behind it. Throws `invalid` when a file is another than it was.
 */
export async function resumedFiles ({ files, position }: Checkpoint, named: readonly string[], isFollowed: boolean): Promise<string[]> {
  const current = files[position.file]
  if (current === undefined) return [...named]
  if (await isSame(current, current.path)) return [...named]
  const set = isFollowed ? await rotatedSet(current.path).catch(() => []) : []
  for (const [at, path] of set.entries()) {
    if (await isSame(current, path)) return [...named.slice(0, position.file), ...set.slice(at)]
  }
  throw new AppError('invalid', `${current.path} is another file than the one that was read: start anew without --resume`)
}

async function isSame ({ head, headBytes }: SeenFile, path: string): Promise<boolean> {
  const now = await seenFile(path, headBytes).catch(() => undefined)
  return now?.headBytes === headBytes && now.head === head
}

async function seenFile (path: string, headBytes: number = HEAD_BYTES): Promise<SeenFile> {
  if (path === STANDARD_INPUT) return { path, inode: '', head: '', headBytes: 0 }
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  // A pipe gives what it has once; a file that is yet to come has nothing.
  if (found === undefined || !found.isFile()) return { path, inode: found === undefined ? '' : `${found.dev}:${found.ino}`, head: '', headBytes: 0 }
  const file = await openFile(path)
  try {
    const head = await headOf(file, typeof headBytes === 'number' ? headBytes : HEAD_BYTES)
    return { path, inode: `${found.dev}:${found.ino}`, head: createHash('sha256').update(head).digest('hex'), headBytes: head.length }
  } finally {
    await file.close()
  }
}
