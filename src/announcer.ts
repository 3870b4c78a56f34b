import type { Logger } from 'pino'
import type { AlertBook } from './alert-book.ts'
import { announcementOf } from './announcement.ts'
import type { Channels } from './channels.ts'
import type { Body, Evidence } from './evidence.ts'
import type { MuteBook } from './mute-book.ts'
import { noticeBody } from './notify/body.ts'
import type { OwnAddress } from './own-address.ts'
import type { RuleBook } from './rule-book.ts'
import type { Change } from './rules/evaluate.ts'
import type { MutableAlert } from './rules/mutes.ts'
import type { Acts } from './store/acts.ts'
import type { AlertRecord } from './store/alert-rows.ts'
import type { CanaryNotice } from './store/canary-notice.ts'
import type { NewNotice } from './store/notices.ts'
import type { Store } from './store/store.ts'
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
  /** Set by one that saw the canary. */
  canary?: CanaryNotice | undefined
}

/** Stores what becomes of alerts together with the notices that it makes, be it an evaluation or a person who changed them. */
export class Announcer {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  stepsOf (changes: readonly Change[], now: number): Steps {
    return stepsOf(changes, this.#situation(now))
  }

  /** Stores steps, and tells of every alert what is owed now. Only inside `exclusive` of the book. */
  async take (steps: Steps, { changes, ...taking }: Taking): Promise<AlertRecord[]> {
    const { book, mutes, log, onNotices } = this.#parts
    const { now } = taking
    await mutes.endServed(this.#firing(steps), now)
    const { notices: planned, entries, heldBack, marks } = tellingOf(steps.alerts.values(), this.#situation(now))
    const evidence = await this.#evidenceOf(steps, planned, now)
    const notices = planned.map((plan) => this.#noticeOf(plan, evidence.get(plan.alert.id) ?? {}))
    const { opened, crossed } = steps
    const transitions = [...steps.transitions, ...entries]
    const frozen = Array.from(evidence).filter(([id]) => crossed.has(id)).map(([alertId, body]) => ({ alertId, body }))
    const { alerts, abandoned } = await book.apply({ ...taking, opened, transitions, evidence: frozen, notices, heldBack, marks }, changes)
    if (abandoned > 0) log.error({ abandoned }, 'the outbox is full: notices were not made')
    if (notices.length > 0 || taking.canary !== undefined) onNotices()
    return alerts
  }

  #situation (now: number): Situation {
    const { book, rules, mutes, channels } = this.#parts
    return { now, alerts: book.byGroup(), ruleOf: (id) => rules.known(id), mutes: mutes.at(now), channelIds: (names) => channels.idsOf(names) }
  }

  #firing ({ alerts }: Steps): MutableAlert[] {
    const { rules } = this.#parts
    return Array.from(alerts.values()).filter(({ state }) => state === 'firing').map((alert) => mutable(alert, rules.known(alert.ruleId)?.rule.name ?? alert.ruleId))
  }

  /** Of what crosses now it is collected, of what is told later it was frozen. */
  async #evidenceOf ({ alerts, crossed }: Steps, planned: readonly NoticePlan[], now: number): Promise<Map<string, Body>> {
    const { rules, evidence, store } = this.#parts
    const fresh = Array.from(alerts.values()).flatMap((alert) => {
      const rule = crossed.has(alert.id) ? rules.known(alert.ruleId)?.compiled : undefined
      return rule === undefined ? [] : [{ alert, rule }]
    })
    const found = await evidence.of(fresh, now)
    for (const id of new Set(planned.map(({ alert }) => alert.id))) {
      if (!found.has(id)) found.set(id, (await store.read('getAlert', id))?.evidence ?? {})
    }
    return found
  }

  #noticeOf ({ alert, rule, channelId, type }: NoticePlan, evidence: Body): NewNotice {
    return { id: `msg_${crypto.randomUUID()}`, channelId, body: noticeBody(announcementOf({ alert, rule, type, evidence }), this.#parts.own.url) }
  }
}
