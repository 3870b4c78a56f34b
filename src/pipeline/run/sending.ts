import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'

/** Where a run posts what goes out, besides its output. */
export interface SendTarget {
  /** Of a Bellwether; its /events is posted to. */
  url: string
  token: string
  /** Of every line, where it is given. */
  service: string | undefined
}

interface Batch {
  lines: string[]
  letters: number
}

const BATCH_LETTERS = 500_000
const BATCH_LINES = 2_000
const ATTEMPTS = 8
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
const TIMEOUT_MS = 30_000
/** What is answered when trying again makes sense. */
const AGAIN = [408, 429, 500, 502, 503, 504]

/**
 * Posts lines in batches, each line with an id that is made of its place: a run that is resumed, and a post that is tried again, store
 * nothing twice. Waits while the service is busy.
 */
export class LineSender {
  readonly #target: SendTarget
  readonly #name: string
  #batch: Batch = { lines: [], letters: 0 }
  /** Lines posted and taken. */
  sent: number
  refused = 0

  /** `name` is that of the run and of all that go on with it; `sent` are the lines that were posted before. */
  constructor (target: SendTarget, { name, sent }: { name: string, sent: number }) {
    this.#target = target
    this.#name = name
    this.sent = sent
  }

  /** Takes lines, and posts when there are enough. Throws `unauthorized`, `invalid`, `overloaded`. */
  async add (lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      // A line without text is no event.
      if (line.trim() === '') continue
      this.#batch.lines.push(line)
      this.#batch.letters += line.length
      if (this.#batch.letters >= BATCH_LETTERS || this.#batch.lines.length >= BATCH_LINES) await this.flush()
    }
  }

  async flush (): Promise<void> {
    const { lines } = this.#batch
    if (lines.length === 0) return
    this.#batch = { lines: [], letters: 0 }
    const { service } = this.#target
    const { rejected } = await this.#post(JSON.stringify(lines.map((message, at) => ({ message, event_id: `${this.#name}-${this.sent + at}`, ...(service === undefined ? {} : { service }) }))))
    this.sent += lines.length
    this.refused += rejected
  }

  async #post (body: string): Promise<{ rejected: number }> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once(body)
      if (answer.status >= 200 && answer.status < 300) return { rejected: Number(Object(answer.body).rejected ?? 0) }
      if (answer.status === 401 || answer.status === 403) throw new AppError('unauthorized', `${this.#target.url} does not take this token (${answer.status}): give one with the scope ingest in BELLWETHER_TOKEN`)
      if (!AGAIN.includes(answer.status) && answer.status !== 0) throw new AppError('invalid', `${this.#target.url} refused lines (${answer.status}): ${String(Object(answer.body).detail ?? '')}`)
      if (attempt === ATTEMPTS) throw new AppError('overloaded', `${this.#target.url} took no lines in ${ATTEMPTS} attempts, the last: ${answer.told}`)
      await delay(Math.min(LONGEST_WAIT_MS, answer.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1)))
    }
  }

  /** The status is 0 where there was no answer. */
  async #once (body: string): Promise<{ status: number, body?: unknown, waitMs?: number, told: string }> {
    try {
      const response = await fetch(new URL('/events', this.#target.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#target.token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const after = Number(response.headers.get('retry-after'))
      return { status: response.status, body: await response.json().catch(() => ({})), ...(after > 0 ? { waitMs: after * 1000 } : {}), told: `status ${response.status}` }
    } catch (error) {
      const cause = Object(error).cause
      return { status: 0, told: cause instanceof Error ? cause.message : String(error) }
    }
  }
}
