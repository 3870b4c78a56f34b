import { open, type FileHandle } from 'node:fs/promises'
import { createReadStream, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { AppError } from '../../core/errors.ts'

/** Bytes of an input, and how far it was read with them. The buffer is filled again for the next. */
export interface Chunk {
  bytes: Buffer
  /** A file ended with these: what is left of a line is a line. */
  isEnd: boolean
}

/** How far an input was read. Bytes are those of the text, after they were unpacked. */
export interface Position {
  /** Which of the files. */
  file: number
  bytes: number
}

export interface InputProgress {
  /** Bytes on the disk: read so far, and of all files; null where nobody knows. */
  readBytes: number
  totalBytes: number | null
}

const CHUNK_BYTES = 65_536
export const STANDARD_INPUT = '-'

/** Reads files one after the other, from a position on. `.gz` and `.zst` are told by their first bytes and unpacked. Throws `invalid` with the path for what cannot be read. */
export async function * readFiles (paths: readonly string[], { from, progress }: { from: Position, progress: InputProgress }): AsyncGenerator<Chunk> {
  for (const [at, path] of paths.entries()) {
    if (at < from.file) continue
    const skip = at === from.file ? from.bytes : 0
    if (path === STANDARD_INPUT) yield * standardInput(skip, progress)
    else yield * oneFile(path, skip, progress)
    yield { bytes: Buffer.alloc(0), isEnd: true }
  }
}

async function * oneFile (path: string, skip: number, progress: InputProgress): AsyncGenerator<Chunk> {
  const file = await openFile(path)
  try {
    const packing = packingOf(await headOf(file, 4))
    if (packing === undefined) yield * plain(file, skip, progress)
    else yield * skipped(unpacked(file, packing, progress), skip)
  } catch (error) {
    throw readFault(path, error)
  } finally {
    await file.close()
  }
}

async function * plain (file: FileHandle, skip: number, progress: InputProgress): AsyncGenerator<Chunk> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let at = skip
  for (;;) {
    // A hop to another thread and back costs more than reading does.
    const bytesRead = readSync(file.fd, buffer, 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    progress.readBytes += bytesRead
    yield { bytes: buffer.subarray(0, bytesRead), isEnd: false }
  }
}

type Packing = 'gzip' | 'zstd'

function packingOf (head: Buffer): Packing | undefined {
  if (head[0] === 0x1F && head[1] === 0x8B) return 'gzip'
  return head.length === 4 && head.readUInt32LE(0) === 0xFD2FB528 ? 'zstd' : undefined
}

async function * unpacked (file: FileHandle, packing: Packing, progress: InputProgress): AsyncGenerator<Buffer> {
  const source = file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES })
  source.on('data', (bytes) => { progress.readBytes += bytes.length })
  const unpacker = packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES })
  // The error comes out of the unpacker as well, to whoever reads it.
  pipeline(source, unpacker, () => {})
  for await (const bytes of unpacker) yield bytes
}

async function * skipped (chunks: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Chunk> {
  let left = skip
  for await (const bytes of chunks) {
    const rest = left === 0 ? bytes : bytes.subarray(Math.min(left, bytes.length))
    left -= Math.min(left, bytes.length)
    if (rest.length > 0) yield { bytes: rest, isEnd: false }
  }
}

async function * standardInput (skip: number, progress: InputProgress): AsyncGenerator<Chunk> {
  const source = createReadStream('', { fd: 0, autoClose: false, highWaterMark: CHUNK_BYTES })
  const counted = async function * (): AsyncGenerator<Buffer> {
    for await (const bytes of source) {
      progress.readBytes += bytes.length
      yield bytes
    }
  }
  yield * skipped(counted(), skip)
}

export async function openFile (path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r')
    if (!(await file.stat()).isDirectory()) return file
    await file.close()
  } catch (error) {
    throw readFault(path, error)
  }
  throw new AppError('invalid', `${path} is a folder: name a file, or files with a pattern like '${path}/*.log'`)
}

/** The first bytes of a file. */
export async function headOf (file: FileHandle, length: number): Promise<Buffer> {
  const head = Buffer.alloc(length)
  const { bytesRead } = await file.read(head, 0, length, 0)
  return head.subarray(0, bytesRead)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  Z_BUF_ERROR: 'it ends in the middle of what was packed',
  Z_DATA_ERROR: 'what was packed is damaged'
}

function readFault (path: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code = '', message = '' } = Object(error) as { code?: string, message?: string }
  return new AppError('invalid', `cannot read ${path}: ${REASONS[code] ?? message}`, { cause: error })
}
