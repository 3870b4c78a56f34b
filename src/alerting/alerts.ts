import { ALERT_PHASES, type Acknowledging, type Alert, type AlertFile, type AlertPhase, type AlertsPage, type AlertsQuery } from '../../schemas/alert.ts'
import type { Actor } from '../../schemas/audit.ts'
import type { Requester } from '../../schemas/token.ts'
import { groupName, type AlertBook } from './alert-book.ts'
import { wireAlert, wireFile } from './alert-wire.ts'
import type { Announcer } from './announcer.ts'
import type { Audit } from '../access/audit.ts'
import type { Channels } from '../outgoing/channels.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { parseExpiry } from '../core/expiry.ts'
import type { OwnAddress } from '../outgoing/own-address.ts'
import type { RuleBook } from './rule-book.ts'
import type { Change } from '../rules/evaluate.ts'
import { closedPhase, closeState, INITIAL_STATE } from '../rules/state.ts'
import type { AlertFile as StoredFile } from '../store/hot/alerts/alert-reads.ts'
import { advance, type AlertRecord, type NewTransition } from '../store/hot/alerts/alert-rows.ts'
import type { Store } from '../store/store.ts'
import { textFaults, refuseFaults } from '../core/faults.ts'
import { parseTimeParam } from '../core/time-range.ts'

interface Parts {
  store: Pick<Store, 'read'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
  book: AlertBook
  rules: Pick<RuleBook, 'known'>
  announcer: Pick<Announcer, 'take'>
  channels: Pick<Channels, 'nameOf'>
  own: Pick<OwnAddress, 'url'>
}

/** What somebody does to an alert. `state` is that of its label set afterwards, where it changes. */
interface Deed {
  action: 'alert.acknowledge' | 'alert.unacknowledge' | 'alert.resolve'
  entry: NewTransition
  until?: string | undefined
  changes?: readonly Change[]
}

/** When something ends: as it was said, and in ms since the epoch. */
interface Ending {
  said: string | undefined
  at: number | null
}

/** Who does something: one who signed in, or a channel by the link of a notice. */
interface Doer {
  caller: Actor | undefined
  from: string
}

const LISTED = 100

/** The alerts, as people see them and act on them. */
export class Alerts {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Lists alerts, those that began last first. Throws `invalid` for a bad time or state. */
  async list ({ state, rule, severity, from, to, limit = LISTED, cursor }: AlertsQuery): Promise<AlertsPage> {
    const { store, clock } = this.#parts
    const now = clock.now()
    const records = await store.read('listAlerts', {
      states: state === undefined ? undefined : state.split(',').map(knownState),
      ruleId: rule,
      severity,
      from: from === undefined ? undefined : parseTimeParam('from', from, now),
      to: to === undefined ? undefined : parseTimeParam('to', to, now),
      limit: limit + 1,
      before: cursor === undefined ? undefined : placeOf(cursor)
    })
    const page = records.slice(0, limit)
    const last = page.at(-1)
    const next = records.length > limit && last !== undefined ? `${last.startedAt}.${last.id}` : null
    return { alerts: page.map((alert) => this.#wire(alert)), next }
  }

  /** Those that began to fire at a time or after, and fire still. */
  firingSince (time: number): Alert[] {
    const { book } = this.#parts
    return Array.from(book.alerts.values()).filter(({ state, firedAt }) => state === 'firing' && firedAt !== null && firedAt >= time).map((alert) => this.#wire(alert))
  }

  /** Has `listener` told of alerts that have changed. Returns what ends it. */
  follow (listener: (alerts: Alert[]) => void): () => void {
    return this.#parts.book.follow((alerts) => listener(alerts.map((alert) => this.#wire(alert))))
  }

  /** An alert with its timeline, evidence and deliveries. Throws `not_found`. */
  async get (id: string): Promise<AlertFile> {
    const { rules, own, channels } = this.#parts
    const file = await this.#file(id)
    return wireFile(file, { rule: rules.known(file.alert.ruleId)?.rule, baseUrl: own.url, channelName: (channelId) => channels.nameOf(channelId) })
  }

  /** Says that somebody looks after it: nobody is told more of it until it gets worse, or until a time. Throws `not_found`, `conflict` when it is over. */
  async acknowledge (id: string, given: Acknowledging, by: Requester): Promise<Alert> {
    refuseFaults(textFaults({ note: given.note }))
    const until = this.#endOf(given)
    return this.#act(id, by, (alert, actor) => this.#acknowledging(alert, { ...given, until, actor }))
  }

  /** As `acknowledge`, as the entry `eventId` of the timeline. Throws `conflict` too when that is there already. */
  async acknowledgeOnce (id: string, { eventId, ...given }: Acknowledging & { eventId: string }, by: Doer): Promise<Alert> {
    const until = this.#endOf(given)
    return this.#act(id, by, async (alert, actor) => {
      const { timeline } = await this.#file(id)
      if (timeline.some((entry) => entry.id === eventId)) throw new AppError('conflict', `the alert ${id} was acknowledged by this before`)
      const deed = this.#acknowledging(alert, { ...given, until, actor })
      return { ...deed, entry: { ...deed.entry, id: eventId } }
    })
  }

  /** Takes an acknowledgement back. Throws as `acknowledge`, and `conflict` when there is none. */
  async unacknowledge (id: string, by: Requester): Promise<Alert> {
    return this.#act(id, by, (alert, actor) => {
      if (alert.acknowledgement === null) throw new AppError('conflict', `the alert ${id} is not acknowledged`)
      return { entry: { ...this.#entry(alert, actor), reason: 'unacknowledged', acknowledgement: null }, action: 'alert.unacknowledge' }
    })
  }

  /** Ends it. It begins anew if its limit is still crossed. Throws as `acknowledge`. */
  async resolve (id: string, by: Requester): Promise<Alert> {
    return this.#act(id, by, (alert, actor) => {
      const { book, clock } = this.#parts
      const state = book.states.get(alert.ruleId)?.get(alert.groupKey) ?? INITIAL_STATE
      const step = closeState(state, { now: clock.now(), reason: 'operator', isDraft: alert.isDraft })
      const entry: NewTransition = { ...this.#entry(alert, actor), to: closedPhase(alert.state), reason: 'operator' }
      return { entry, action: 'alert.resolve', changes: [{ ruleId: alert.ruleId, key: alert.groupKey, state: step.state }] }
    })
  }

  #wire (alert: AlertRecord): Alert {
    return wireAlert(alert, this.#parts.rules.known(alert.ruleId)?.rule)
  }

  #endOf ({ until }: Acknowledging): Ending {
    return { said: until, at: until === undefined ? null : parseExpiry(until, this.#parts.clock.now(), { name: 'until' }) }
  }

  #acknowledging (alert: AlertRecord, { note = null, until, actor }: { note?: string | null, until: Ending, actor: string }): Deed {
    const acknowledgement = { by: actor, at: this.#parts.clock.now(), severity: alert.severity ?? 'warning', until: until.at, note }
    return { entry: { ...this.#entry(alert, actor), reason: 'acknowledged', note, acknowledgement }, action: 'alert.acknowledge', until: until.said }
  }

  /** Does something to an open alert, writes it down, and tells whoever is to be told of it, all in one. */
  #act (id: string, { caller, from }: Doer, deed: (alert: AlertRecord, actor: string) => Deed | Promise<Deed>): Promise<Alert> {
    const { book, clock, audit, announcer } = this.#parts
    return book.exclusive(async () => {
      const alert = book.alerts.get(id)
      if (alert === undefined) throw new AppError('conflict', `the alert ${id} is ${(await this.#file(id)).alert.state} and cannot be changed any more`)
      const { entry, action, until, changes = [] } = await deed(alert, caller?.name ?? 'service')
      const after = advance(alert, entry)
      const alerts = new Map(book.byGroup()).set(groupName(alert.ruleId, alert.groupKey), after)
      const act = audit.recordOf({ action, actor: caller, from, target: id, detail: { rule: alert.ruleId, ...(until === undefined ? {} : { until }) } })
      const stored = await announcer.take({ opened: [], transitions: [entry], alerts, crossed: new Set() }, { now: clock.now(), changes, acts: [act] })
      return this.#wire(stored.find((one) => one.id === id) ?? after)
    })
  }

  /** An entry of a person, which leaves the alert as it is. */
  #entry ({ id, ruleId, ruleVersion, state, severity, value, limit, isFlapping, isDraft }: AlertRecord, actor: string): NewTransition {
    const { rules, clock } = this.#parts
    return {
      id: `evt_${crypto.randomUUID()}`,
      alertId: id,
      ruleVersion: rules.known(ruleId)?.version ?? ruleVersion,
      from: state,
      to: state,
      level: severity,
      value,
      limit,
      at: clock.now(),
      reason: 'operator',
      isFlapping,
      isDraft,
      actor,
      note: null
    }
  }

  async #file (id: string): Promise<StoredFile> {
    const file = await this.#parts.store.read('getAlert', id)
    if (file === undefined) throw new AppError('not_found', `there is no alert ${JSON.stringify(id)}: GET /alerts lists them`)
    return file
  }
}

function knownState (text: string): AlertPhase {
  const state = ALERT_PHASES.find((phase) => phase === text.trim() && phase !== 'inactive')
  if (state !== undefined) return state
  const message = `${JSON.stringify(text)} is no state: there are pending, firing, resolved`
  throw new AppError('invalid', `state: ${message}`, { faults: [{ path: 'state', message }] })
}

function placeOf (cursor: string): { startedAt: number, id: string } {
  const point = cursor.indexOf('.')
  return { startedAt: Number(cursor.slice(0, point)), id: cursor.slice(point + 1) }
}
