import { stat } from 'node:fs/promises'
import type { SeenFile } from './checkpoint.ts'
import { follow } from './follow.ts'
import { readFiles, STANDARD_INPUT, type Chunk, type InputProgress, type Position } from './input.ts'

interface ReadOptions {
  from: Position
  follow: boolean
  progress: InputProgress
  signal: AbortSignal
  onNote: (note: string) => void
  onFile: (file: SeenFile) => void
}

/** Reads files one after the other, and waits for more at the end of the last when that is wished. */
export async function * readAll (files: readonly string[], options: ReadOptions): AsyncGenerator<Chunk> {
  const live = options.follow ? files.at(-1) : undefined
  const isFollowed = live !== undefined && live !== STANDARD_INPUT
  options.progress.totalBytes = isFollowed ? null : await totalOf(files)
  yield * readFiles(isFollowed ? files.slice(0, -1) : files, options)
  if (!isFollowed) return
  const { from, progress, signal, onNote, onFile } = options
  yield * follow(live, { skip: from.file === files.length - 1 ? from.bytes : 0, progress, signal, onNote, onFile })
}

/** Bytes of all files; null when there is one of which nobody knows. */
async function totalOf (files: readonly string[]): Promise<number | null> {
  if (files.includes(STANDARD_INPUT)) return null
  const found = await Promise.all(files.map(async (path) => stat(path).catch(() => undefined)))
  const known = found.flatMap((entry) => entry?.isFile() === true ? [entry.size] : [])
  return known.length === files.length ? known.reduce((sum, size) => sum + size, 0) : null
}
