import { isUtf8 } from 'node:buffer'
import { rm, stat } from 'node:fs/promises'
import { openOutput, type Output } from './output.ts'

/** A line that is an error: its text, or its bytes where they are no text. */
export interface Letter {
  lineNumber: number
  processor: string
  message: string
  line?: string
  bytes?: Buffer
}

/** Writes lines that are errors as NDJSON, with their cause. The file is made for the first one. */
export class DeadLetters {
  readonly #path: string
  readonly #keep: number
  #pending: string[] = []
  #output: Output | undefined

  /** Keeps the first `keep` bytes of what is there. */
  constructor (path: string, keep: number) {
    this.#path = path
    this.#keep = keep
  }

  /** Takes away what an earlier run left there. */
  async begin (): Promise<void> {
    const found = this.#keep > 0 ? undefined : await stat(this.#path).catch(() => undefined)
    if (found?.isFile() === true) await rm(this.#path)
  }

  get bytes (): number {
    return this.#output?.bytes ?? this.#keep
  }

  add ({ lineNumber, processor, message, line, bytes }: Letter): void {
    const content = bytes === undefined ? { line } : isUtf8(bytes) ? { line: bytes.toString() } : { base64: bytes.toString('base64') }
    this.#pending.push(`${JSON.stringify({ line_number: lineNumber, processor, message, ...content })}\n`)
  }

  async flush (): Promise<void> {
    if (this.#pending.length === 0) return
    this.#output ??= await openOutput(this.#path, this.#keep)
    const text = this.#pending.join('')
    this.#pending = []
    await this.#output.write(text)
  }

  /** Has what was written on the disk. */
  async sync (): Promise<void> {
    await this.flush()
    await this.#output?.sync()
  }

  async close (): Promise<void> {
    await this.#output?.close()
  }
}
