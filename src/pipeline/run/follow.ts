import { setTimeout as delay } from 'node:timers/promises'
import { stat, type FileHandle } from 'node:fs/promises'
import type { SeenFile } from './checkpoint.ts'
import { HEAD_BYTES, headOfText, seenFile } from './identity.ts'
import { headOf, openFile, readFiles, type Chunk, type InputProgress } from './input.ts'
import { inodeOf, rotatedSet } from './rotation.ts'

const POLL_MS = 200
const CHUNK_BYTES = 65_536
/** Looks, each without a new byte, until nobody writes into a file that was moved away any more. */
const QUIET_LOOKS = 3
const END: Chunk = { bytes: Buffer.alloc(0), isEnd: true }

export interface FollowOptions {
  /** Bytes of the live file that are known already. */
  skip: number
  progress: InputProgress
  signal: AbortSignal
  /** Told of what may have been missed, in words. */
  onNote: (note: string) => void
  /** Told which file it is that is read from now on, and again while more of its head is known. */
  onFile: (file: SeenFile) => void
}

interface Followed {
  file: FileHandle
  inode: string
  /** The first bytes of what was read. */
  head: Buffer
  at: number
}

/**
 * Reads a file and waits for more, across rotations: a file moved away is read to its end, and so are those that came and went between two
 * looks; a file that was emptied in place is read from its start, and that is told, since what was written just before may be gone.
 */
export async function * follow (path: string, options: FollowOptions): AsyncGenerator<Chunk> {
  const { signal, onNote } = options
  const first = await waitedFor(path, options)
  if (first === undefined) return
  let followed: Followed = first
  try {
    let quiet = 0
    told(path, followed, options)
    while (!signal.aborted) {
      if (await isEmptied(followed)) {
        onNote(`${path} was emptied in place: it is read from its start, and what was written just before that may be missing`)
        yield END
        restart(followed)
        told(path, followed, options)
      }
      const before = followed.at
      yield * newBytes(path, followed, options)
      quiet = followed.at > before ? 0 : quiet + 1
      const next: Followed | undefined = quiet < QUIET_LOOKS ? undefined : await successor(path, followed)
      if (next === undefined) {
        if (quiet > 0) await paused(signal)
        continue
      }
      yield * newBytes(path, followed, options)
      yield END
      yield * missedBetween(path, { followed, next, options })
      await followed.file.close()
      followed = next
      told(path, followed, options)
      quiet = 0
    }
  } finally {
    await followed.file.close()
  }
}

function told (path: string, { inode, head }: Followed, { onFile }: FollowOptions): void {
  onFile({ path, inode, ...headOfText(head) })
}

function restart (followed: Followed): void {
  followed.at = 0
  followed.head = Buffer.alloc(0)
}

async function waitedFor (path: string, { signal, onNote, skip }: FollowOptions): Promise<Followed | undefined> {
  if (await inodeOf(path) === undefined) onNote(`${path} is not there yet: waiting for it`)
  while (!signal.aborted) {
    const followed = await opened(path, skip)
    if (followed !== undefined) return followed
    await paused(signal)
  }
  return undefined
}

/** Undefined when it is not there, which between two steps of a rotation it may be. */
async function opened (path: string, skip: number): Promise<Followed | undefined> {
  if (await inodeOf(path) === undefined) return undefined
  const file = await openFile(path).catch(async (error: unknown) => {
    if (await inodeOf(path) !== undefined) throw error
  })
  if (file === undefined) return undefined
  const { dev, ino } = await file.stat({ bigint: true })
  return { file, inode: `${dev}:${ino}`, head: await headOf(file, Math.min(skip, HEAD_BYTES)), at: skip }
}

/** The file that has the name now, when it is another. */
async function successor (path: string, { inode }: Followed): Promise<Followed | undefined> {
  if (await inodeOf(path) === inode) return undefined
  const next = await opened(path, 0)
  if (next?.inode !== inode) return next
  await next.file.close()
  return undefined
}

async function * newBytes (path: string, followed: Followed, options: FollowOptions): AsyncGenerator<Chunk> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    const { bytesRead } = await followed.file.read(buffer, 0, CHUNK_BYTES, followed.at)
    if (bytesRead === 0) return
    const bytes = buffer.subarray(0, bytesRead)
    followed.at += bytesRead
    options.progress.readBytes += bytesRead
    if (followed.head.length < HEAD_BYTES) {
      followed.head = Buffer.concat([followed.head, bytes]).subarray(0, HEAD_BYTES)
      told(path, followed, options)
    }
    yield { bytes, isEnd: false }
  }
}

/** A file that is shorter than what was read of it, or begins otherwise, was emptied in place. */
async function isEmptied ({ file, head, at }: Followed): Promise<boolean> {
  const { size } = await file.stat()
  return size < at || !(await headOf(file, head.length)).equals(head)
}

interface Passage {
  followed: Followed
  next: Followed
  options: FollowOptions
}

/** Reads the files of the set that came after the one that was read last, and before the one that is followed next. */
async function * missedBetween (path: string, { followed, next, options }: Passage): AsyncGenerator<Chunk> {
  for (const between of await pathsBetween(path, followed, next)) {
    options.onFile(await seenFile(between))
    yield * readFiles([between], { from: { file: 0, bytes: 0 }, progress: options.progress })
  }
}

async function pathsBetween (path: string, followed: Followed, next: Followed): Promise<string[]> {
  const set = await rotatedSet(path).catch(() => [])
  const inodes = await Promise.all(set.map(inodeOf))
  const own = inodes.includes(followed.inode) ? inodes.indexOf(followed.inode) : await packedPlace(set, followed)
  const rotated = set.filter((other, at) => at > own && other !== path && inodes[at] !== next.inode)
  if (own >= 0) return rotated
  // It was removed: those that came after it were written to after it.
  const { mtimeNs } = await followed.file.stat({ bigint: true })
  const times = await Promise.all(rotated.map(async (other) => (await stat(other, { bigint: true }).catch(() => undefined))?.mtimeNs ?? 0n))
  return rotated.filter((_, at) => (times[at] ?? 0n) > mtimeNs)
}

/** Where a file went that was packed: to the only one that begins alike. */
async function packedPlace (set: readonly string[], { head }: Followed): Promise<number> {
  const own = headOfText(head)
  const found = await Promise.all(set.map((path) => seenFile(path, head.length).catch(() => undefined)))
  const alike = found.flatMap((file, at) => head.length > 0 && file?.isPacked === true && file.head === own.head ? [at] : [])
  return alike.length === 1 ? alike[0] ?? -1 : -1
}

/** Waits for the next look, or until it is to end. */
async function paused (signal: AbortSignal): Promise<void> {
  await delay(POLL_MS, undefined, { signal }).catch(() => {})
}
