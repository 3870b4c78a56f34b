import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

const QUIET_MS = 250
const LONGEST_MS = 2_000
const MOST_BYTES = 67_108_864

/**
 * An answer before its request was read, after which the connection is closed. To close it at once would reset it under a sender that
 * still writes, and take the answer away before it was seen: what still comes is read away until nothing came for 250 ms, for 2 s or 64 MB at most.
 */
export function lingering (request: IncomingMessage, text: string): Readable {
  return Readable.from(parts(request, text), { objectMode: false })
}

async function * parts (request: IncomingMessage, text: string): AsyncGenerator<string> {
  yield text
  await readAway(request)
}

function readAway (request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const end = (): void => {
      clearTimeout(quiet)
      clearTimeout(longest)
      resolve()
    }
    const quiet = setTimeout(end, QUIET_MS)
    const longest = setTimeout(end, LONGEST_MS)
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      quiet.refresh()
      if (bytes > MOST_BYTES) end()
    })
    for (const name of ['end', 'error', 'close']) request.once(name, end)
    if (request.complete || request.destroyed) end()
    request.resume()
  })
}
