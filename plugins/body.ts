import type { Readable } from 'node:stream'
import { AppError } from '../src/core/errors.ts'

export interface BodyOptions {
  /** From the Content-Length; undefined for a chunked body. */
  expectedBytes: number | undefined
  maxBytes: number
  /** Told how much has arrived so far; may throw to refuse the rest. */
  onProgress: (bytes: number) => void
}

/**
 * Reads a body as it arrives, so that a slow sender holds no more than what it has sent. Throws `too_large` before
 * reading when the length says so, otherwise as soon as it is.
 */
export function readBody (stream: Readable, options: BodyOptions): Promise<Buffer> {
  const { expectedBytes, maxBytes, onProgress } = options
  if (expectedBytes !== undefined && expectedBytes > maxBytes) return Promise.reject(tooLarge(maxBytes))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = (error: unknown): void => {
      stream.removeAllListeners('data')
      stream.pause()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) return stop(tooLarge(maxBytes))
      chunks.push(chunk)
      try {
        onProgress(bytes)
      } catch (error) {
        stop(error)
      }
    })
    stream.once('end', () => {
      const [only] = chunks
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes))
      chunks.length = 0
    })
    stream.once('error', () => stop(new AppError('invalid', 'the body ended before it was whole', { faults: [{ path: '', message: 'ended before it was whole' }] })))
  })
}

function tooLarge (maxBytes: number): AppError {
  return new AppError('too_large', `the body has more than MAX_BODY_BYTES (${maxBytes}) bytes: send it in parts`,
    { faults: [{ path: '', message: `has more than ${maxBytes} bytes` }] })
}
