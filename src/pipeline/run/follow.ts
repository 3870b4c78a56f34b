import { setTimeout as delay } from 'node:timers/promises'
import type { FileHandle } from 'node:fs/promises'
import { headOf, openFile, type Chunk, type InputProgress } from './input.ts'
import { inodeOf, rotatedSet } from './rotation.ts'

const POLL_MS = 200
const CHUNK_BYTES = 65_536
/** So many bytes tell a file from another that has its inode. */
const HEAD_BYTES = 256
/** Looks, each without a new byte, until nobody writes into a file that was moved away any more. */
const QUIET_LOOKS = 3

export interface FollowOptions {
  /** Bytes of the live file that are known already. */
  skip: number
  progress: InputProgress
  signal: AbortSignal
  /** Told of what may have been missed, in words. */
  onNote: (note: string) => void
}

interface Followed {
  file: FileHandle
  inode: string
  head: Buffer
  at: number
}

/**
 * Reads a file and waits for more, across rotations: a file moved away is read to its end, and so are those that came and went between two
 * looks; a file that was emptied in place is read from its start, and that is told, since what was written just before may be gone.
 */
export async function * follow (path: string, options: FollowOptions): AsyncGenerator<Chunk> {
  let followed = await waitedFor(path, options)
  if (followed === undefined) return
  followed.at = options.skip
  try {
    let quiet = 0
    while (!options.signal.aborted) {
      if (quiet > 0) followed.at = await fromStartIfEmptied(followed, path, options)
      const before = followed.at
      yield * newBytes(followed, options.progress)
      if (followed.at > before) {
        quiet = 0
        continue
      }
      quiet++
      const inode = await inodeOf(path)
      if (inode !== undefined && inode !== followed.inode && quiet >= QUIET_LOOKS) {
        yield { bytes: Buffer.alloc(0), isEnd: true }
        yield * missedBetween(path, followed.inode, options)
        await followed.file.close()
        followed = await opened(path)
        quiet = 0
        continue
      }
      await paused(options.signal)
    }
  } finally {
    await followed.file.close()
  }
}

async function waitedFor (path: string, { signal, onNote }: FollowOptions): Promise<Followed | undefined> {
  if (await inodeOf(path) === undefined) onNote(`${path} is not there yet: waiting for it`)
  while (!signal.aborted) {
    if (await inodeOf(path) !== undefined) return opened(path)
    await paused(signal)
  }
  return undefined
}

async function opened (path: string): Promise<Followed> {
  const file = await openFile(path)
  const { dev, ino } = await file.stat({ bigint: true })
  return { file, inode: `${dev}:${ino}`, head: await headOf(file, HEAD_BYTES), at: 0 }
}

async function * newBytes (followed: Followed, progress: InputProgress): AsyncGenerator<Chunk> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    const { bytesRead } = await followed.file.read(buffer, 0, CHUNK_BYTES, followed.at)
    if (bytesRead === 0) return
    followed.at += bytesRead
    progress.readBytes += bytesRead
    yield { bytes: buffer.subarray(0, bytesRead), isEnd: false }
  }
}

/** A file that is shorter than what was read of it, or begins otherwise, was emptied in place. */
async function fromStartIfEmptied (followed: Followed, path: string, { onNote }: FollowOptions): Promise<number> {
  const { size } = await followed.file.stat()
  const head = await headOf(followed.file, HEAD_BYTES)
  const isOther = !head.subarray(0, followed.head.length).equals(followed.head)
  followed.head = head
  if (size >= followed.at && !isOther) return followed.at
  onNote(`${path} was emptied in place: it is read from its start, and what was written just before that may be missing`)
  return 0
}

/** Files of the set that are newer than the one that was read last, without the live one. */
async function * missedBetween (path: string, inode: string, { progress }: FollowOptions): AsyncGenerator<Chunk> {
  const set = await rotatedSet(path)
  const inodes = await Promise.all(set.map(inodeOf))
  const own = inodes.indexOf(inode)
  if (own === -1) return
  for (const between of set.slice(own + 1, -1)) {
    const followed = await opened(between)
    try {
      yield * newBytes(followed, progress)
      yield { bytes: Buffer.alloc(0), isEnd: true }
    } finally {
      await followed.file.close()
    }
  }
}

/** Waits for the next look, or until it is to end. */
async function paused (signal: AbortSignal): Promise<void> {
  await delay(POLL_MS, undefined, { signal }).catch(() => {})
}
