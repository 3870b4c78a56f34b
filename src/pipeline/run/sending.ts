import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'
import { isRecord } from '../../core/is-record.ts'
import { isPassingStatus, waitMsAfter } from '../../core/net/retry.ts'

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
const GIVE_UP_MS = 120_000
const TIMEOUT_MS = 30_000
const TOO_LARGE = 413

interface Answer {
  /** 0 where there was no answer. */
  status: number
  body: Record<string, unknown>
  retryAfterSeconds: number | undefined
  /** In words. */
  told: string
}

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
    this.#batch = { lines: [], letters: 0 }
    if (lines.length > 0) await this.#send(lines)
  }

  /** What is too large for the service goes in halves; a line that is too large by itself is refused. */
  async #send (lines: readonly string[]): Promise<void> {
    const { status, body } = await this.#post(lines)
    if (status === TOO_LARGE && lines.length > 1) {
      const half = Math.ceil(lines.length / 2)
      await this.#send(lines.slice(0, half))
      return await this.#send(lines.slice(half))
    }
    this.sent += lines.length
    this.refused += status === TOO_LARGE ? 1 : Number(body['rejected'] ?? 0)
  }

  /** Tries again while it may help; answers what the service took, or found too large. */
  async #post (lines: readonly string[]): Promise<Answer> {
    const { url, service } = this.#target
    const text = JSON.stringify(lines.map((message, at) => ({ message, event_id: `${this.#name}-${this.sent + at}`, ...(service === undefined ? {} : { service }) })))
    const startedAt = performance.now()
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once(text)
      const { status, body, told, retryAfterSeconds } = answer
      if ((status >= 200 && status < 300) || status === TOO_LARGE) return answer
      if (status === 401 || status === 403) throw new AppError('unauthorized', `${url} does not take this token (${status}): give one with the scope ingest in BELLWETHER_TOKEN`)
      if (status !== 0 && !isPassingStatus(status)) throw new AppError('invalid', `${url} refused lines (${status}): ${String(body['detail'] ?? '')}`)
      if (performance.now() - startedAt > GIVE_UP_MS) throw new AppError('overloaded', `${url} took no lines in ${attempt} attempts, the last: ${told}`)
      await delay(waitMsAfter(attempt, retryAfterSeconds))
    }
  }

  async #once (body: string): Promise<Answer> {
    try {
      const response = await fetch(new URL('/events', this.#target.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#target.token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const after = Number(response.headers.get('retry-after'))
      const said: unknown = await response.json().catch(() => undefined)
      return { status: response.status, body: isRecord(said) ? said : {}, retryAfterSeconds: after > 0 ? after : undefined, told: `status ${response.status}` }
    } catch (error) {
      const cause = Object(error).cause
      return { status: 0, body: {}, retryAfterSeconds: undefined, told: cause instanceof Error ? cause.message : String(error) }
    }
  }
}
