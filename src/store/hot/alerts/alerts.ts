import type { Kysely } from 'kysely'
import type { Told } from '../../../../schemas/alert-state.ts'
import { AppError } from '../../../core/errors.ts'
import { toJsonText } from '../../../core/text/json-text.ts'
import { advance, alertRow, openAlert, parseAlert, type AlertRecord, type NewAlert, type NewTransition } from './alert-rows.ts'
import type { TransitionsTable } from './alert-tables.ts'
import { replaceCanary, type CanaryNotice } from '../outbox/canary-notice.ts'
import type { Connection } from '../database.ts'
import { insertHeldBack, type HeldBack } from './held-back.ts'
import { insertNotices, type NewNotice } from '../outbox/notices.ts'
import { saveStates, type StateChange } from './rule-states.ts'
import { listSettings, saveSettings } from '../settings.ts'
import type { Tables } from '../tables.ts'
import { atomically, pieces } from '../transaction.ts'

/** What one tick changed of some alerts, or one act of an operator. What is left out did not change. */
export interface AlertChanges {
  /** ms since the epoch. */
  now: number
  states?: readonly StateChange[]
  /** Each with its first transition among `transitions`. */
  opened?: readonly NewAlert[]
  /** In the order in which they happened. */
  transitions?: readonly NewTransition[]
  /** Of the moment of crossing; an alert keeps its first. */
  evidence?: ReadonlyArray<{ alertId: string, body: Record<string, unknown> }>
  notices?: readonly NewNotice[]
  heldBack?: readonly HeldBack[]
  /** What else became of alerts; told of one that is gone, it is passed over. */
  marks?: readonly AlertMark[]
  /** The tick that was evaluated, for the one that comes after a restart. */
  evaluatedAt?: number
  /** That this tick saw the canary. */
  canary?: CanaryNotice | undefined
}

/** What is left out stays. */
export interface AlertMark {
  alertId: string
  silencedBy?: string | null
  told?: Told
}

export interface AppliedChanges {
  /** The alerts that were changed, as they are now; without those that never came to fire. */
  alerts: AlertRecord[]
  /** Notices that were not put into the outbox, because it was full: they stand in the ledger as abandoned. */
  abandoned: number
}

const EVALUATED_AT = 'evaluated_at'

interface Folded {
  alerts: Map<string, AlertRecord>
  /** Stored under their numbers. */
  entries: TransitionsTable[]
}

/**
 * Stores all of it, or nothing: the states, the alerts, their timelines, and a notice for each channel. So whatever
 * changed is told, and whatever is told has changed. The same changes again change nothing. Throws `conflict` when an alert is no
 * longer in the state that a transition begins with: then somebody else was quicker.
 */
export function applyAlerts (connection: Pick<Connection, 'raw' | 'db'>, changes: AlertChanges): Promise<AppliedChanges> {
  return atomically(connection, () => applyChanges(connection.db, changes))
}

/** As `applyAlerts`, inside the transaction of the caller. */
export async function applyChanges (db: Kysely<Tables>, changes: AlertChanges): Promise<AppliedChanges> {
  const { now, states = [], opened = [], transitions = [], evidence = [], notices = [], heldBack = [], marks = [], evaluatedAt, canary } = changes
  const { alerts, entries } = await fold(db, { opened, transitions, marks })
  const kept = Array.from(alerts.values()).filter((alert) => !isGone(alert))
  const goneIds = new Set(Array.from(alerts.values()).filter(isGone).map(({ id }) => id))
  await deleteAlerts(db, [...goneIds])
  await saveAlerts(db, kept)
  await insertEntries(db, entries.filter((entry) => !goneIds.has(entry.alert_id)))
  await freezeEvidence(db, evidence)
  await saveStates(db, states)
  await insertHeldBack(db, heldBack, now)
  if (evaluatedAt !== undefined) await saveSettings(db, { settings: [{ name: EVALUATED_AT, value: evaluatedAt }], now })
  if (canary !== undefined) await replaceCanary(db, canary, now)
  const abandoned = await insertNotices(db, notices, now)
  return { alerts: kept, abandoned }
}

/** When rules were last evaluated; undefined before the first time. */
export async function lastEvaluation (db: Kysely<Tables>): Promise<number | undefined> {
  const setting = (await listSettings(db)).find(({ name }) => name === EVALUATED_AT)
  return typeof setting?.value === 'number' ? setting.value : undefined
}

/** Removes alerts with all that belongs to them but their notices. */
export async function deleteAlerts (db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  for (const piece of pieces(ids)) {
    await db.deleteFrom('transitions').where('alert_id', 'in', piece).execute()
    await db.deleteFrom('held_back').where('alert_id', 'in', piece).execute()
    await db.deleteFrom('evidence').where('alert_id', 'in', piece).execute()
    await db.deleteFrom('alerts').where('id', 'in', piece).execute()
  }
}

async function fold (db: Kysely<Tables>, { opened, transitions, marks }: Required<Pick<AlertChanges, 'opened' | 'transitions' | 'marks'>>): Promise<Folded> {
  const stored = await storedIds(db, transitions.map(({ id }) => id))
  const fresh = transitions.filter(({ id }) => !stored.has(id))
  const alerts = await alertsOf(db, new Set([...fresh, ...marks].map(({ alertId }) => alertId)))
  const unborn = new Map(opened.map((alert) => [alert.id, alert]))
  const entries: TransitionsTable[] = []
  for (const transition of fresh) {
    const before = alerts.get(transition.alertId) ?? bornBy(transition, unborn)
    // A repeat of the changes that removed it.
    if (before === undefined && transition.to === 'inactive') continue
    const after = advance(checked(before, transition), transition)
    alerts.set(after.id, after)
    entries.push(entryRow(transition, after.sequence))
  }
  for (const { alertId, ...mark } of marks) {
    const alert = alerts.get(alertId)
    if (alert !== undefined) alerts.set(alertId, { ...alert, ...mark })
  }
  return { alerts, entries }
}

function bornBy (transition: NewTransition, unborn: ReadonlyMap<string, NewAlert>): AlertRecord | undefined {
  const alert = unborn.get(transition.alertId)
  return alert === undefined ? undefined : openAlert(alert, transition)
}

function checked (alert: AlertRecord | undefined, { alertId, from }: NewTransition): AlertRecord {
  if (alert === undefined) throw new AppError('conflict', `there is no alert ${alertId} any more: nothing was changed`)
  if (alert.state !== from) throw new AppError('conflict', `the alert ${alertId} is ${alert.state} and no longer ${from}: nothing was changed; look at it again`)
  return alert
}

/** What was pending and is well again never came to be an alert. */
function isGone ({ state }: AlertRecord): boolean {
  return state === 'inactive'
}

async function storedIds (db: Kysely<Tables>, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const piece of pieces(ids)) {
    for (const { id } of await db.selectFrom('transitions').select('id').where('id', 'in', piece).execute()) found.add(id)
  }
  return found
}

async function alertsOf (db: Kysely<Tables>, ids: ReadonlySet<string>): Promise<Map<string, AlertRecord>> {
  const found = new Map<string, AlertRecord>()
  for (const piece of pieces([...ids])) {
    for (const row of await db.selectFrom('alerts').selectAll().where('id', 'in', piece).execute()) found.set(row.id, parseAlert(row))
  }
  return found
}

/** A second open alert of the same label set breaks `alerts_open`, and all that came with it is undone. */
async function saveAlerts (db: Kysely<Tables>, alerts: readonly AlertRecord[]): Promise<void> {
  for (const piece of pieces(alerts)) {
    await db.insertInto('alerts').values(piece.map(alertRow)).onConflict((conflict) => conflict.column('id').doUpdateSet((eb) => ({
      state: eb.ref('excluded.state'),
      severity: eb.ref('excluded.severity'),
      value: eb.ref('excluded.value'),
      limit_value: eb.ref('excluded.limit_value'),
      is_flapping: eb.ref('excluded.is_flapping'),
      is_draft: eb.ref('excluded.is_draft'),
      sequence: eb.ref('excluded.sequence'),
      transition_id: eb.ref('excluded.transition_id'),
      fired_at: eb.ref('excluded.fired_at'),
      ended_at: eb.ref('excluded.ended_at'),
      acknowledged_by: eb.ref('excluded.acknowledged_by'),
      acknowledged_at: eb.ref('excluded.acknowledged_at'),
      acknowledged_severity: eb.ref('excluded.acknowledged_severity'),
      acknowledged_until: eb.ref('excluded.acknowledged_until'),
      acknowledged_note: eb.ref('excluded.acknowledged_note'),
      silenced_by: eb.ref('excluded.silenced_by'),
      told: eb.ref('excluded.told')
    }))).execute()
  }
}

async function insertEntries (db: Kysely<Tables>, entries: readonly TransitionsTable[]): Promise<void> {
  for (const piece of pieces(entries)) await db.insertInto('transitions').values(piece).execute()
}

async function freezeEvidence (db: Kysely<Tables>, evidence: NonNullable<AlertChanges['evidence']>): Promise<void> {
  for (const piece of pieces(evidence)) {
    await db.insertInto('evidence').values(piece.map(({ alertId, body }) => ({ alert_id: alertId, body: toJsonText(body) })))
      .onConflict((conflict) => conflict.doNothing()).execute()
  }
}

function entryRow (transition: NewTransition, sequence: number): TransitionsTable {
  const { id, alertId, at, from, to, level, value, reason, actor, note, ruleVersion } = transition
  return { id, alert_id: alertId, sequence, at, from_state: from, to_state: to, severity: level, value, reason, actor, note, rule_version: ruleVersion }
}
