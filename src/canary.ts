import type { Logger } from 'pino'
import type { Check } from '../schemas/health.ts'
import type { Clock } from './clock.ts'
import { AppError } from './errors.ts'
import type { Admission } from './ingest/admission.ts'
import type { Intake } from './intake.ts'
import type { Guard } from './notify/guard.ts'
import { JSON_HEADERS } from './notify/notifier.ts'
import { guardedPost } from './notify/post.ts'
import { Repeat } from './repeat.ts'
import type { Store } from './store/store.ts'

interface CanaryParts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  guard: Guard
  admission: Pick<Admission, 'enter'>
  intake: Pick<Intake, 'takeDecoded'>
  log: Pick<Logger, 'warn' | 'info'>
  config: { canaryIntervalMs: number, canaryUrl: string | undefined }
}

const SENDER = 'canary'
const EVENT = { message: 'canary', level: 'DEBUG', service: 'bellwether', type: 'CANARY' }
const USUAL_BYTES = 256
const PING_TIMEOUT_MS = 10_000
/** After so many intervals without an arrival something is wrong. */
const LATE_INTERVALS = 3

/**
 * Sends a marked event the whole way now and then: in, into the store, and out again. How long that took is a series, and an address
 * outside is called only when it arrived, so that silence there tells what this service cannot tell itself.
 */
export class Canary {
  readonly #parts: CanaryParts
  readonly #beats: Repeat | undefined
  readonly #stopped = new AbortController()
  #isFirst = true
  #last: { at: number, ms: number | undefined }
  #fault: string | undefined

  constructor (parts: CanaryParts) {
    const { clock, config: { canaryIntervalMs: everyMs } } = parts
    this.#parts = parts
    this.#last = { at: clock.now(), ms: undefined }
    // Not at the start, when the process is busy with other things.
    this.#beats = everyMs === 0 ? undefined : new Repeat({ everyMs, againMs: everyMs, now: clock.now, task: () => this.#isFirst ? this.#begin() : this.#beat() })
  }

  /** Says whether the canary still arrives. */
  check (): Check {
    const { clock, config: { canaryIntervalMs: everyMs } } = this.#parts
    if (everyMs === 0) return { status: 'ok', detail: 'switched off by CANARY_INTERVAL' }
    const ageMs = clock.now() - this.#last.at
    const arrived = this.#last.ms === undefined ? 'none arrived yet' : `arrived ${Math.round(ageMs / 1_000)} s ago, after ${Math.round(this.#last.ms)} ms`
    const detail = this.#fault === undefined ? arrived : `${arrived}; ${this.#fault}`
    return { status: this.#fault !== undefined || ageMs > LATE_INTERVALS * everyMs ? 'degraded' : 'ok', detail }
  }

  async close (): Promise<void> {
    this.#stopped.abort()
    await this.#beats?.close()
  }

  async #begin (): Promise<void> {
    this.#isFirst = false
  }

  async #beat (): Promise<void> {
    const { log } = this.#parts
    try {
      const ms = await this.#fly()
      await this.#ping(ms)
      if (this.#fault !== undefined) log.info('the canary arrives again')
      this.#fault = undefined
    } catch (error) {
      if (this.#fault === undefined) log.warn({ err: error }, 'the canary failed')
      this.#fault = error instanceof Error ? error.message : String(error)
    }
  }

  /** Returns the ms from sending the event to having read it again. */
  async #fly (): Promise<number> {
    const { store, clock, admission, intake } = this.#parts
    const began = performance.now()
    const ticket = admission.enter(SENDER, USUAL_BYTES)
    try {
      const { id } = await intake.takeDecoded(EVENT, SENDER, ticket)
      if (await store.read('getEvent', id) === undefined) throw new AppError('internal', `the event ${id} was stored and is not found`)
    } finally {
      ticket.leave()
    }
    const ms = performance.now() - began
    this.#last = { at: clock.now(), ms }
    await store.write('appendSamples', { samples: [{ name: 'bellwether_canary_ms', labels: {}, value: ms, time: this.#last.at }] })
    return ms
  }

  async #ping (ms: number): Promise<void> {
    const { guard, config: { canaryUrl: url } } = this.#parts
    if (url === undefined) return
    const result = await guardedPost({ url, headers: JSON_HEADERS, body: JSON.stringify({ ms }) }, { guard, timeoutMs: PING_TIMEOUT_MS, signal: this.#stopped.signal })
    const outcome = 'status' in result ? `status ${result.status}` : result.reason
    const isTaken = 'status' in result && result.status >= 200 && result.status < 300
    if (!isTaken && outcome !== 'aborted') throw new AppError('internal', `CANARY_URL could not be called: ${outcome}`)
  }
}
