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
    const parts = expectedBytes === undefined ? new Chunks() : new Whole(expectedBytes)
    let bytes = 0
    const stop = (error: unknown): void => {
      stream.removeAllListeners('data')
      stream.pause()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) return stop(tooLarge(maxBytes))
      parts.add(chunk)
      try {
        onProgress(bytes)
      } catch (error) {
        stop(error)
      }
    })
    stream.once('end', () => resolve(parts.end()))
    stream.once('error', () => stop(new AppError('invalid', 'the body ended before it was whole', { faults: [{ path: '', message: 'ended before it was whole' }] })))
  })
}

function tooLarge (maxBytes: number): AppError {
  return new AppError('too_large', `the body has more than MAX_BODY_BYTES (${maxBytes}) bytes: send it in parts`,
    { faults: [{ path: '', message: `has more than ${maxBytes} bytes` }] })
}

/** Chunks of a body whose size nobody told, put together at its end. */
class Chunks {
  readonly #chunks: Buffer[] = []

  add (chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  end (): Buffer {
    const [only] = this.#chunks
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks)
  }
}

/** A body of a size that is known: each chunk goes to its place at once, and memory that nothing has come for is not touched. One chunk that is all of it is not copied. */
class Whole {
  readonly #expectedBytes: number
  #body: Buffer | undefined
  #bytes = 0

  constructor (expectedBytes: number) {
    this.#expectedBytes = expectedBytes
  }

  add (chunk: Buffer): void {
    if (this.#bytes === 0 && chunk.length === this.#expectedBytes) {
      this.#body = chunk
    } else {
      this.#body ??= Buffer.allocUnsafeSlow(this.#expectedBytes)
      chunk.copy(this.#body, this.#bytes)
    }
    this.#bytes += chunk.length
  }

  end (): Buffer {
    return this.#body?.subarray(0, this.#bytes) ?? Buffer.alloc(0)
  }
}
