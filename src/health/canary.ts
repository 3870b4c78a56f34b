import type { Logger } from 'pino'
import type { Check } from '../../schemas/health.ts'
import type { Settlement } from '../../schemas/outbox.ts'
import { steadyClock, type Clock } from '../core/clock.ts'
import type { Delivery } from '../outgoing/delivery.ts'
import type { Evaluator } from '../alerting/evaluator.ts'
import type { Admission } from '../ingest/admission.ts'
import type { Intake } from '../events/intake.ts'
import { testBody } from '../notify/body.ts'
import type { OwnAddress } from '../outgoing/own-address.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import type { RuleBook } from '../alerting/rule-book.ts'
import { CANARY_RULE, canaryDeadlineMsOf } from '../rules/built-in.ts'
import type { Values } from '../rules/signals.ts'
import { newId } from '../core/secret-hash.ts'
import type { CanaryNotice } from '../store/hot/outbox/canary-notice.ts'
import type { Store } from '../store/store.ts'

interface CanaryParts {
  store: Pick<Store, 'write'>
  clock: Clock
  admission: Pick<Admission, 'enter'>
  intake: Pick<Intake, 'takeDecoded'>
  rules: Pick<RuleBook, 'known'>
  evaluator: Pick<Evaluator, 'showTo'>
  delivery: Pick<Delivery, 'carryCanary'>
  own: Pick<OwnAddress, 'url'>
  log: Pick<Logger, 'warn' | 'info'>
  config: { canaryIntervalMs: number, canaryUrl: string | undefined, evaluateIntervalMs: number }
}

/** Where a beat is on its way, or stuck. */
type Stage = 'ingest' | 'rule' | 'outbox' | 'ping'

interface Beat {
  id: string
  sentAt: number
  /** In steady time, which no change of the clock disturbs. */
  began: number
  stage: Stage
  /** Of its event; undefined before it is stored. */
  receivedAt?: number
  fault?: string | undefined
}

const SENDER = 'canary'
const EVENT = { message: 'canary', level: 'DEBUG', service: 'bellwether', type: 'CANARY' }
const USUAL_BYTES = 256
const FIRST_AFTER_MS = 60_000
/** After so many beats without an arrival something is wrong. */
const LATE_BEATS = 3

/**
 * Sends a marked event the whole way now and then: in, into the store, past the rules, into the outbox and out. How long that took is
 * a series, and an address outside is called by its delivery alone, so that silence there tells what this service cannot tell itself.
 */
export class Canary {
  readonly #parts: CanaryParts
  readonly #canaryDeadlineMs: number
  readonly #beats: PeriodicTask | undefined
  #isFirst = true
  /** The one that is under way. */
  #beat: Beat | undefined
  #last: { passed: number, ms: number | undefined }
  /** What became of those that did not arrive; undefined while they do. */
  #failure: string | undefined

  constructor (parts: CanaryParts) {
    const { clock, evaluator, delivery, config } = parts
    this.#parts = parts
    this.#canaryDeadlineMs = canaryDeadlineMsOf(config)
    this.#last = { passed: this.#passed(), ms: undefined }
    const everyMs = config.canaryIntervalMs
    if (everyMs === 0) return
    delivery.carryCanary(config.canaryUrl ?? '', (settlement) => this.#settled(settlement))
    evaluator.showTo((values) => this.#noticeOf(values))
    // Not at the start, when the process is busy with other things, but before its rule is judged for the first time.
    this.#beats = new PeriodicTask({ everyMs, againMs: Math.min(everyMs, FIRST_AFTER_MS), now: clock.now, task: () => this.#isFirst ? this.#begin() : this.#send() })
  }

  /** Says whether the canary still arrives, and if not, how far it came. */
  check (): Check {
    if (this.#beats === undefined) return { status: 'ok', detail: 'switched off by CANARY_INTERVAL' }
    const ageMs = this.#passed() - this.#last.passed
    const arrived = this.#last.ms === undefined ? 'none arrived yet' : `arrived ${Math.round(ageMs / 1_000)} s ago, after ${Math.round(this.#last.ms)} ms`
    const isLate = ageMs > LATE_BEATS * this.#canaryDeadlineMs
    const failure = this.#failure ?? (isLate && this.#beat !== undefined ? told(this.#beat) : undefined)
    return { status: isLate ? 'degraded' : 'ok', detail: failure === undefined ? arrived : `${arrived}; ${failure}` }
  }

  #passed (): number {
    return steadyClock(this.#parts.clock).now()
  }

  async close (): Promise<void> {
    await this.#beats?.close()
  }

  async #begin (): Promise<void> {
    this.#isFirst = false
  }

  /** A beat that did not arrive in its time gives way to the next one. */
  async #send (): Promise<void> {
    const { clock, admission, intake, config } = this.#parts
    const before = this.#beat
    // A timer may be a little early.
    const hasTime = before !== undefined && this.#passed() - before.began + config.canaryIntervalMs / 2 < this.#canaryDeadlineMs
    if (hasTime && before.stage !== 'ingest') return
    if (before !== undefined) this.#fail(before)
    const beat: Beat = { id: `canary_${newId()}`, sentAt: clock.now(), began: this.#passed(), stage: 'ingest' }
    this.#beat = beat
    try {
      const ticket = admission.enter(SENDER, USUAL_BYTES)
      try {
        const { received_at: receivedAt } = await intake.takeDecoded({ ...EVENT, meta: { beat: beat.id } }, { tokenId: SENDER, isPiped: false }, ticket)
        Object.assign(beat, { receivedAt: Date.parse(receivedAt), stage: 'rule' })
      } finally {
        ticket.leave()
      }
    } catch (error) {
      this.#fail(beat, error instanceof Error ? error.message : String(error))
    }
  }

  /** Lets the beat go on once the rule has counted it; told at each evaluation, since one may not be stored. */
  #noticeOf (values: Values): CanaryNotice | undefined {
    const beat = this.#beat
    const rule = this.#parts.rules.known(CANARY_RULE)
    const [need] = rule?.compiled.signal.needs ?? []
    const [row] = values.get(need?.key ?? '')?.rows ?? []
    if (beat?.receivedAt === undefined || rule === undefined || (row?.latest ?? 0) < beat.receivedAt) return undefined
    if (beat.stage === 'rule') beat.stage = 'outbox'
    return { id: beat.id, body: testBody({ id: beat.id, rule: { id: CANARY_RULE, name: rule.rule.name }, now: beat.sentAt, baseUrl: this.#parts.own.url }) }
  }

  #settled ({ attempt, steps }: Settlement): void {
    const beat = this.#beat
    const step = steps.find(({ notice }) => notice.id === beat?.id)
    if (beat === undefined || step === undefined) return
    beat.stage = 'ping'
    if (step.next.state !== 'delivered') this.#fail(beat, `CANARY_URL could not be called: ${attempt.status === undefined ? attempt.reason : `status ${attempt.status}`}`)
    else void this.#arrived(beat)
  }

  async #arrived ({ began }: Beat): Promise<void> {
    const { store, clock, log } = this.#parts
    const ms = this.#passed() - began
    this.#beat = undefined
    this.#last = { passed: this.#passed(), ms }
    if (this.#failure !== undefined) log.info('the canary arrives again')
    this.#failure = undefined
    await store.write('appendSamples', { samples: [{ name: 'bellwether_canary_ms', labels: {}, value: ms, time: clock.now() }] })
      .catch((error: unknown) => log.warn({ err: error }, 'the time of the canary could not be stored'))
  }

  #fail (beat: Beat, fault = beat.fault): void {
    beat.fault = fault
    if (this.#failure === undefined) this.#parts.log.warn({ stage: beat.stage, fault }, 'the canary did not arrive')
    this.#failure = told(beat)
  }
}

function told ({ stage, fault }: Beat): string {
  return fault === undefined ? `stuck at ${stage}` : `stuck at ${stage}: ${fault}`
}
