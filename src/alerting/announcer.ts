import type { Logger } from 'pino'
import type { AlertBook } from './alert-book.ts'
import { announcementOf } from './announcement.ts'
import type { Channels } from '../outgoing/channels.ts'
import type { Evidence } from './evidence.ts'
import type { Body } from './evidence-parts.ts'
import type { Gap } from './missed-ticks.ts'
import type { MuteBook } from './mute-book.ts'
import { noticeBody } from '../notify/body.ts'
import type { OwnAddress } from '../outgoing/own-address.ts'
import type { RuleBook } from './rule-book.ts'
import type { Change } from '../rules/evaluate.ts'
import type { MutableAlert } from '../rules/mutes.ts'
import type { Acts } from '../store/hot/access/acts.ts'
import type { AlertRecord } from '../store/hot/alerts/alert-rows.ts'
import type { AppliedChanges } from '../store/hot/alerts/alerts.ts'
import type { CanaryNotice } from '../store/hot/outbox/canary-notice.ts'
import type { NewNotice } from '../store/hot/outbox/notices.ts'
import type { Store } from '../store/store.ts'
import { piecesOf, type TickPiece } from './tick-pieces.ts'
import { mutable, stepsOf, tellingOf, type NoticePlan, type Situation, type Steps } from './tick-plan.ts'

interface Parts {
  store: Pick<Store, 'read'>
  log: Pick<Logger, 'error'>
  book: AlertBook
  rules: Pick<RuleBook, 'known'>
  mutes: Pick<MuteBook, 'at' | 'endServed'>
  evidence: Pick<Evidence, 'of'>
  channels: Pick<Channels, 'idsOf'>
  own: Pick<OwnAddress, 'url'>
  /** Called when there is something to send. */
  onNotices: () => void
}

interface Taking extends Acts {
  now: number
  /** What becomes of the states. */
  changes: readonly Change[]
  /** Set by an evaluation of all rules. */
  evaluatedAt?: number
  /** Timers were set: had it happened to some alone, the next evaluation would set those anew. */
  isWhole?: boolean
  /** Set when it comes so late: between these times there was no evaluation. */
  late?: Gap | undefined
  /** Set by one that saw the canary. */
  canary?: CanaryNotice | undefined
}

/** Label sets that are stored in one transaction: events wait for so long, and no longer. */
const MOST_AT_ONCE = 50

/** Stores what becomes of alerts together with the notices that it makes, be it an evaluation or a person who changed them. */
export class Announcer {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  stepsOf (changes: readonly Change[], now: number): Steps {
    return stepsOf(changes, this.#situation(now))
  }

  /**
   * Stores steps, and tells of every alert what is owed now. Many alerts are stored some at a time, between which the writer takes
   * events in; when it fails in between, the next evaluation finds the rest. Only inside `exclusive` of the book.
   */
  async take (steps: Steps, { changes, isWhole = false, ...taking }: Taking): Promise<AlertRecord[]> {
    const { mutes, log, onNotices } = this.#parts
    const { now, acts, late, canary } = taking
    await mutes.endServed(this.#firing(steps), now)
    const telling = tellingOf(steps.alerts.values(), this.#situation(now))
    const fresh = await this.#collected(steps, now)
    const pieces = piecesOf(steps, telling, changes, isWhole || acts !== undefined ? Infinity : MOST_AT_ONCE)
    const stored: AppliedChanges[] = []
    try {
      for (const [at, piece] of pieces.entries()) stored.push(await this.#store(piece, fresh, at === pieces.length - 1 ? taking : { now, late }))
    } finally {
      const abandoned = stored.reduce((sum, { abandoned: count }) => sum + count, 0)
      if (abandoned > 0) log.error({ abandoned }, 'the outbox is full: notices were not made')
      if (telling.notices.length > 0 || canary !== undefined) onNotices()
    }
    return stored.flatMap(({ alerts }) => alerts)
  }

  async #store ({ changes, planned, ...piece }: TickPiece, fresh: ReadonlyMap<string, Body>, taking: Omit<Taking, 'changes' | 'isWhole'>): Promise<AppliedChanges> {
    const ids = new Set(piece.transitions.map(({ alertId }) => alertId))
    const frozen = Array.from(fresh).filter(([id]) => ids.has(id)).map(([alertId, body]) => ({ alertId, body }))
    const earlier = await this.#frozenEarlier(planned.map(({ alert: { id } }) => id).filter((id) => !fresh.has(id)))
    const { late, ...changed } = taking
    const notices = planned.map((plan) => this.#noticeOf({ ...plan, late: ids.has(plan.alert.id) ? late : undefined }, fresh.get(plan.alert.id) ?? earlier.get(plan.alert.id) ?? {}))
    return this.#parts.book.apply({ ...changed, ...piece, evidence: frozen, notices }, changes)
  }

  #situation (now: number): Situation {
    const { book, rules, mutes, channels } = this.#parts
    return { now, alerts: book.byGroup(), ruleOf: (id) => rules.known(id), mutes: mutes.at(now), channelIds: (names) => channels.idsOf(names) }
  }

  #firing ({ alerts }: Steps): MutableAlert[] {
    const { rules } = this.#parts
    return Array.from(alerts.values()).filter(({ state }) => state === 'firing').map((alert) => mutable(alert, rules.known(alert.ruleId)))
  }

  /** The evidence of what crosses now. */
  #collected ({ alerts, crossed }: Steps, now: number): Promise<Map<string, Body>> {
    const { rules, evidence } = this.#parts
    const fresh = Array.from(alerts.values()).flatMap((alert) => {
      const rule = crossed.has(alert.id) ? rules.known(alert.ruleId)?.compiled : undefined
      return rule === undefined ? [] : [{ alert, rule }]
    })
    return evidence.of(fresh, now)
  }

  async #frozenEarlier (ids: readonly string[]): Promise<Map<string, Body>> {
    if (ids.length === 0) return new Map()
    const found = await this.#parts.store.read('evidenceOf', [...new Set(ids)])
    return new Map(found.map(({ alertId, body }) => [alertId, body]))
  }

  #noticeOf ({ channelId, ...told }: NoticePlan & { late: Gap | undefined }, evidence: Body): NewNotice {
    return { id: `msg_${crypto.randomUUID()}`, channelId, body: noticeBody(announcementOf({ ...told, evidence }), this.#parts.own.url) }
  }
}
