import type { Readable } from 'node:stream'
import { linesOf, type Line } from './lines.ts'
import type { Shipper } from './shipper.ts'

interface BatchesParts {
  shipper: Shipper
  /** How the input is called in messages. */
  file: string
  most: number
  format: 'ndjson' | 'text' | undefined
  signal: AbortSignal
}

const CONTENT_TYPES = { ndjson: 'application/x-ndjson', text: 'text/plain; charset=utf-8' }
const MOST_BYTES = 1024 * 1024
const LONGEST_LINE = 8 * 1024 * 1024
/** No line waits longer for others. */
const WITHIN_MS = 1_000
const OPENING_BRACE = 123

/** Makes batches of the lines of one input, and has them sent one after the other. */
export class Batches {
  readonly #parts: BatchesParts
  #waiting: Line[] = []
  #bytes = 0
  #format: 'ndjson' | 'text' | undefined
  #timer: NodeJS.Timeout | undefined
  #sending = Promise.resolve()

  constructor (parts: BatchesParts) {
    this.#parts = parts
    this.#format = parts.format
  }

  /** Reads an input to its end, or until the signal comes: what was read until then is sent. Throws what sending throws. */
  async send (input: Readable): Promise<void> {
    const { signal } = this.#parts
    const stop = (): void => { input.destroy() }
    signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const lines of linesOf(input, LONGEST_LINE)) for (const line of lines) await this.#add(line, input)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(this.#timer)
    }
    await this.#flush()
  }

  async #add (line: Line, input: Readable): Promise<void> {
    this.#format ??= line.bytes.find((byte) => byte > 32) === OPENING_BRACE ? 'ndjson' : 'text'
    if (this.#bytes + line.bytes.length > MOST_BYTES) await this.#flush()
    this.#waiting.push(line)
    this.#bytes += line.bytes.length
    this.#timer ??= setTimeout(() => { this.#flush().catch((error: unknown) => input.destroy(error instanceof Error ? error : new Error(String(error)))) }, WITHIN_MS)
    if (this.#waiting.length >= this.#parts.most) await this.#flush()
  }

  /** Hands on what waits, behind what is on its way. */
  #flush (): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { shipper, file } = this.#parts
    const lines = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    const contentType = CONTENT_TYPES[this.#format ?? 'text']
    if (lines.length > 0) this.#sending = this.#sending.then(() => shipper.ship({ file, contentType, lines }))
    return this.#sending
  }
}
