import { createGunzip, createInflate, createInflateRaw, type Gunzip, type Inflate, type InflateRaw } from 'node:zlib'
import { AppError } from '../core/errors.ts'

type Engine = Gunzip | Inflate | InflateRaw

function tooLarge (maxBytes: number): AppError {
  return new AppError('too_large', `the body is larger than ${maxBytes} bytes after decompression`)
}

/** RFC 9110 means zlib by deflate (RFC 1950), but some clients send the bare stream (RFC 1951). */
function isZlib (body: Buffer): boolean {
  const [method = 0, flags = 0] = body
  return (method & 0x0F) === 8 && (method * 256 + flags) % 31 === 0
}

function engineOf (body: Buffer, encoding: string): Engine {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip': return createGunzip()
    case 'deflate': return isZlib(body) ? createInflate() : createInflateRaw()
    default: throw new AppError('unsupported', `content encoding ${JSON.stringify(encoding)} is not known; send gzip, deflate or identity`)
  }
}

/** Stops at the first chunk beyond the limit, so that a bomb never takes more than that. */
async function readOut (engine: Engine, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of engine) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/**
 * Undoes a Content-Encoding: gzip (several members too), deflate, or none; no bytes are nothing in each. Returns at most `maxBytes` bytes.
 * Throws AppError too_large beyond that, invalid for a stream that is damaged, cut off or followed by something else, unsupported
 * for any other encoding.
 */
export async function decompress (body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') {
    if (body.length > maxBytes) throw tooLarge(maxBytes)
    return body
  }
  const engine = engineOf(body, name)
  try {
    if (body.length === 0) return body
    engine.end(body)
    const plain = await readOut(engine, maxBytes)
    if (engine.bytesWritten < body.length) throw new AppError('invalid', `${body.length - engine.bytesWritten} bytes follow the end of the ${name} body`)
    return plain
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid', `the body is not whole ${name}: ${String(error)}`, { cause: error })
  } finally {
    engine.destroy()
  }
}
