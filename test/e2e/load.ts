import { setTimeout as delay } from 'node:timers/promises'
import { Client, NoAnswer, type Reply } from './http.ts'
import { eventOf, idOf } from './oracle-event.ts'

const CONNECTIONS = 64
const RETRY_RESET_MS = 10
const REFUSALS = new Set([429, 503, 507])

export interface LoadOptions {
  base: string | (() => string)
  token?: string
  /** Default 64. */
  connections?: number
  /** Events in a request; 1 (the default) posts single objects. */
  batch?: number
  /** Stops by itself after so many events. */
  total?: number
  /** Offers so many events a second (while connections are free) instead of as many as are answered. */
  eventsPerSecond?: number
  timeoutMs?: number
  /** Sends what was refused again until it is stored, instead of going on to other events. */
  retriesRefused?: boolean
  /** Retry-After is obeyed up to so many ms; default 200. */
  longestWaitMs?: number
  /** What an earlier load is owed by the same service. */
  owed?: Iterable<string>
}

/** A request without an answer: when it was wholly sent, and what happened to it. */
export interface Lost { sentAt: number | undefined, code: string }

type Outcome =
  | { kind: 'stored', rejected: readonly number[] }
  | { kind: 'refused', waitMs: number }
  | { kind: 'unanswered' }
  | { kind: 'unexpected' }

/** Sends events that it can derive from their ids again, and keeps the books: what is owed, refused, or maybe stored. */
export class Load {
  readonly owed: Set<string>
  readonly maybe = new Set<string>()
  /** Events refused and not sent again: they must not be there. */
  refused = 0
  /** Ms from sending to the 2xx. */
  readonly latencies: number[] = []
  readonly lost: Lost[] = []
  /** Answers that no client of a sound service gets: status and text. */
  readonly unexpected: string[] = []
  refusals = 0
  refusalsWithoutRetryAfter = 0
  readonly #options: LoadOptions
  readonly #client: Client
  readonly #startMs = Date.now()
  #startedAt = 0
  #next = 0
  #offered = 0
  #isStopping = false
  #senders: Promise<void>[] = []
  #stopped: Promise<void> | undefined

  constructor (options: LoadOptions) {
    this.#options = options
    this.owed = new Set(options.owed)
    this.#client = new Client(options.base, options.token, options.connections ?? CONNECTIONS)
  }

  /** Opens every connection before the load, where opening is not what is measured. */
  connect (): Promise<void> {
    return this.#client.connect(this.#options.connections ?? CONNECTIONS)
  }

  start (): void {
    this.#startedAt = performance.now()
    this.#senders = Array.from({ length: this.#options.connections ?? CONNECTIONS }, () => this.#sender())
  }

  /** Waits until `total` events were answered. */
  async finished (): Promise<void> {
    await Promise.all(this.#senders)
  }

  /** Sends nothing new, and waits for the answers to what was sent. Maybe ids stay maybe. */
  stop (): Promise<void> {
    this.#isStopping = true
    this.#stopped ??= this.finished()
    return this.#stopped
  }

  /** Posts one more event, which must be accepted in time. */
  async fresh (withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs
    const id = idOf(this.#startMs, this.#next++)
    const body = this.#bodyOf([id])
    let outcome = await this.#post(body, 1)
    while (outcome.kind !== 'stored' && performance.now() < deadline) {
      await delay(RETRY_RESET_MS)
      outcome = await this.#post(body, 1)
    }
    if (outcome.kind !== 'stored') throw new Error(`a fresh event was not accepted within ${withinMs} ms: ${outcome.kind} ${this.unexpected.at(-1) ?? ''}`)
    this.owed.add(id)
  }

  /** Events that were sent so far, each time that they were sent, whatever became of them. */
  get offered (): number { return this.#offered }

  counts (): { acknowledged: number, refused: number, maybe: number } {
    return { acknowledged: this.owed.size, refused: this.refused, maybe: this.maybe.size }
  }

  close (): void {
    this.#client.close()
  }

  async #sender (): Promise<void> {
    for (let ids = this.#nextIds(); ids.length > 0; ids = this.#nextIds()) await this.#deliver(ids)
  }

  #nextIds (): string[] {
    const { batch = 1, total = Infinity } = this.#options
    const first = this.#next
    const count = this.#isStopping ? 0 : Math.min(batch, total - first)
    this.#next += count
    return Array.from({ length: count }, (_, i) => idOf(this.#startMs, first + i))
  }

  /** Posts until there is an answer; what was reset stays maybe until a 2xx, whatever refuses it meanwhile. */
  async #deliver (ids: readonly string[]): Promise<void> {
    const body = this.#bodyOf(ids)
    let isMaybe = false
    for (;;) {
      await this.#paced(ids.length)
      const outcome = await this.#post(body, ids.length)
      if (outcome.kind === 'stored') return this.#own(ids, outcome.rejected)
      if (outcome.kind === 'unanswered' || outcome.kind === 'unexpected') {
        isMaybe = true
        for (const id of ids) this.maybe.add(id)
      }
      if (outcome.kind === 'unexpected') return
      if (outcome.kind === 'refused' && !isMaybe) this.refused += ids.length
      await delay(outcome.kind === 'refused' ? outcome.waitMs : RETRY_RESET_MS)
      const isDone = outcome.kind === 'refused' && !isMaybe && this.#options.retriesRefused !== true
      if (this.#isStopping || isDone) return
    }
  }

  /** Waits for the turn of the next events when a rate is set. */
  async #paced (count: number): Promise<void> {
    const { eventsPerSecond } = this.#options
    const dueMs = eventsPerSecond === undefined ? 0 : this.#offered / eventsPerSecond * 1_000 - (performance.now() - this.#startedAt)
    this.#offered += count
    if (dueMs > 0) await delay(dueMs)
  }

  #own (ids: readonly string[], rejected: readonly number[]): void {
    for (const id of ids) { this.owed.add(id); this.maybe.delete(id) }
    for (const index of rejected) this.owed.delete(ids[index] ?? '')
  }

  #bodyOf (ids: readonly string[]): string {
    const events = ids.map(eventOf)
    return JSON.stringify((this.#options.batch ?? 1) === 1 ? events[0] : events)
  }

  async #post (body: string, count: number): Promise<Outcome> {
    const { timeoutMs = 20_000 } = this.#options
    try {
      return this.#judge(await this.#client.call({ path: '/events', body, timeoutMs }), count)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      this.lost.push({ sentAt: error.sentAt, code: error.code })
      return { kind: 'unanswered' }
    }
  }

  #judge (reply: Reply, count: number): Outcome {
    if (reply.status >= 200 && reply.status < 300) {
      this.latencies.push(reply.ms)
      return { kind: 'stored', rejected: (this.#options.batch ?? 1) === 1 ? [] : this.#rejectedOf(reply, count) }
    }
    if (REFUSALS.has(reply.status)) {
      const seconds = reply.headers['retry-after']
      this.refusals++
      if (seconds === undefined) this.refusalsWithoutRetryAfter++
      return { kind: 'refused', waitMs: Math.min(Number(seconds ?? 0) * 1_000 || 0, this.#options.longestWaitMs ?? 200) }
    }
    this.unexpected.push(`${reply.status} ${reply.text.slice(0, 500)}`)
    return { kind: 'unexpected' }
  }

  #rejectedOf (reply: Reply, count: number): number[] {
    const receipt = parseReceipt(reply.text)
    const rejected = receipt.items.filter((item) => item.error !== undefined).map((item) => item.index)
    const sum = receipt.accepted + receipt.duplicates + receipt.rejected
    if (sum !== count || rejected.length !== receipt.rejected) this.unexpected.push(`a receipt that does not add up to ${count}: ${reply.text.slice(0, 500)}`)
    return rejected
  }
}

interface Receipt {
  receipt: string
  accepted: number
  duplicates: number
  rejected: number
  items: { index: number, id?: string, status: unknown, error?: unknown }[]
}

export function parseReceipt (text: string): Receipt {
  return JSON.parse(text) as Receipt
}
