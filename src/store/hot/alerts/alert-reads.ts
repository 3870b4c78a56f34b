import { sql, type Kysely } from 'kysely'
import type { AlertPhase } from '../../../../schemas/alert.ts'
import type { AlertLevel, Labels } from '../../../../schemas/rule.ts'
import { parseJsonText } from '../../../core/text/json-text.ts'
import { parseAlert, parseEntry, type AlertRecord, type TimelineEntry } from './alert-rows.ts'
import type { AlertsTable } from './alert-tables.ts'
import { listHeldBack, type HeldBack } from './held-back.ts'
import { noticesOf, type LedgerEntry } from '../outbox/ledger.ts'
import type { Tables } from '../tables.ts'
import { pieces } from '../transaction.ts'

/** What is left undefined does not matter. An alert is in the range when it was open in any part of it. */
export interface AlertQuestion {
  states: readonly AlertPhase[] | undefined
  ruleId: string | undefined
  severity: AlertLevel | undefined
  from: number | undefined
  to: number | undefined
  limit: number
  /** The next page begins behind this alert. */
  before: { startedAt: number, id: string } | undefined
}

/** An alert with everything that is known of it, each list oldest first. */
export interface AlertFile {
  alert: AlertRecord
  timeline: TimelineEntry[]
  evidence: Record<string, unknown> | null
  notices: LedgerEntry[]
  heldBack: Array<Omit<HeldBack, 'alertId'> & { at: number }>
}

/** How many notices that a silence would hold back were made for one alert; resolves are not among them. */
export interface Announced {
  alertId: string
  ruleId: string
  labels: Labels
  severity: AlertLevel
  notices: number
}

export interface AlertTotal {
  ruleId: string
  severity: string
  state: string
  count: number
}

type AnnouncedRow = Pick<AlertsTable, 'id' | 'rule_id' | 'labels' | 'severity'> & { notices: number }

/** Lists alerts, those that began last first. */
export async function listAlerts (db: Kysely<Tables>, { states, ruleId, severity, from, to, limit, before }: AlertQuestion): Promise<AlertRecord[]> {
  const rows = await db.selectFrom('alerts').selectAll()
    .$if(states !== undefined, (query) => query.where('state', 'in', states ?? []))
    .$if(ruleId !== undefined, (query) => query.where('rule_id', '=', ruleId ?? ''))
    .$if(severity !== undefined, (query) => query.where('severity', '=', severity ?? null))
    .$if(to !== undefined, (query) => query.where('started_at', '<=', to ?? 0))
    .$if(from !== undefined, (query) => query.where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from ?? 0)])))
    .$if(before !== undefined, (query) => query.where(sql<boolean>`(started_at, id) < (${before?.startedAt ?? 0}, ${before?.id ?? ''})`))
    .orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map(parseAlert)
}

/** Lists every alert that is pending or firing, for the start. */
export async function openAlerts (db: Kysely<Tables>): Promise<AlertRecord[]> {
  const rows = await db.selectFrom('alerts').selectAll().where('ended_at', 'is', null).orderBy('started_at').orderBy('id').execute()
  return rows.map(parseAlert)
}

/** Counts alerts that were open in any part of a range, by rule, severity and state. */
export async function alertTotals (db: Kysely<Tables>, { from, to }: { from: number, to: number }): Promise<AlertTotal[]> {
  const rows = await db.selectFrom('alerts').select(['rule_id', 'severity', 'state', sql<number>`count(*)`.as('count')])
    .where('state', 'in', ['firing', 'resolved']).where('started_at', '<=', to)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from)]))
    .groupBy(['rule_id', 'severity', 'state']).execute()
  return rows.map(({ rule_id: ruleId, severity, state, count }) => ({ ruleId, severity: severity ?? 'warning', state, count }))
}

export async function getAlert (db: Kysely<Tables>, id: string): Promise<AlertFile | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const timeline = await db.selectFrom('transitions').selectAll().where('alert_id', '=', id).orderBy('sequence').execute()
  const evidence = await db.selectFrom('evidence').select('body').where('alert_id', '=', id).executeTakeFirst()
  return {
    alert: parseAlert(row),
    timeline: timeline.map(parseEntry),
    evidence: evidence === undefined ? null : parseJsonText(evidence.body),
    notices: await noticesOf(db, id),
    heldBack: await listHeldBack(db, id)
  }
}

/** Finds what was frozen for these alerts, those without left out. */
export async function evidenceOf (db: Kysely<Tables>, ids: readonly string[]): Promise<Array<{ alertId: string, body: Record<string, unknown> }>> {
  const found = await Promise.all(pieces(ids).map((piece) => db.selectFrom('evidence').selectAll().where('alert_id', 'in', piece).execute()))
  return found.flat().map(({ alert_id: alertId, body }) => ({ alertId, body: parseJsonText(body) }))
}

/** Lists the firings of a rule that overlap the range and that somebody acknowledged: replay is compared with them. */
export async function acknowledgedFirings (
  db: Kysely<Tables>, { ruleId, from, to }: { ruleId: string, from: number, to: number }
): Promise<Array<{ labels: Labels, from: number, to: number | null }>> {
  const rows = await db.selectFrom('alerts').select(['labels', 'fired_at', 'ended_at']).where('rule_id', '=', ruleId)
    .where('acknowledged_at', 'is not', null).where('fired_at', '<=', to)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from)]))
    .orderBy('fired_at').execute()
  return rows.flatMap(({ labels, fired_at: firedAt, ended_at: endedAt }) => firedAt === null ? [] : [{ labels: parseJsonText(labels), from: firedAt, to: endedAt }])
}

/** Counts what was announced in a range, alert by alert: what a silence over it would have held back. */
export async function announcedIn (db: Kysely<Tables>, { from, to }: { from: number, to: number }): Promise<Announced[]> {
  const rows = await db.selectFrom('notices').innerJoin('alerts', 'alerts.id', 'notices.alert_id')
    .select(['alerts.id', 'alerts.rule_id', 'alerts.labels', 'alerts.severity', sql<number>`count(*)`.as('notices')])
    .where('notices.created_at', '>=', from).where('notices.created_at', '<=', to).where('notices.type', 'in', ['alert.firing', 'alert.escalated'])
    .groupBy('alerts.id').execute()
  return rows.flatMap(parseAnnounced)
}

/** What never came to fire has no severity, and was not announced. */
function parseAnnounced ({ id, rule_id: ruleId, labels, severity, notices }: AnnouncedRow): Announced[] {
  return severity === null ? [] : [{ alertId: id, ruleId, labels: parseJsonText(labels), severity, notices }]
}
