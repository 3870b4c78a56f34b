import type { Told } from '../../../../schemas/alert-state.ts'
import type { AlertPhase, Transition } from '../../../../schemas/alert.ts'
import type { AlertLevel, Labels } from '../../../../schemas/rule.ts'
import { parseJsonText, toJsonText } from '../../../core/text/json-text.ts'
import type { AlertsTable, TimelineReason, TransitionsTable } from './alert-tables.ts'

/** An alert as it is now. Times are ms since the epoch. */
export interface AlertRecord {
  id: string
  ruleId: string
  /** That it was opened by; each entry of the timeline has its own. */
  ruleVersion: number
  /** Which label set of the rule: no two open alerts have the same. */
  groupKey: string
  labels: Labels
  state: AlertPhase
  severity: AlertLevel | null
  value: number | null
  limit: number | null
  isFlapping: boolean
  isDraft: boolean
  /** Counts the entries of the timeline. */
  sequence: number
  /** The last of them: the `event_id` of a notice that is made without a new one. */
  transitionId: string
  startedAt: number
  firedAt: number | null
  endedAt: number | null
  acknowledgement: Acknowledgement | null
  /** The silence that mutes it now. */
  silencedBy: string | null
  /** What its channels know; null before anybody was told. */
  told: Told | null
}

export interface Acknowledgement {
  by: string
  at: number
  /** At which it was given: what gets worse is not covered. */
  severity: AlertLevel
  until: number | null
  note: string | null
}

/** An entry of a timeline. `actor` is who did it; null is the service. */
export interface TimelineEntry {
  id: string
  sequence: number
  at: number
  from: AlertPhase
  to: AlertPhase
  severity: AlertLevel | null
  value: number | null
  reason: TimelineReason
  actor: string | null
  note: string | null
  ruleVersion: number
}

export interface NewAlert {
  id: string
  ruleId: string
  ruleVersion: number
  groupKey: string
  labels: Labels
}

/** A change of an alert, by the state machine or by hand. The store numbers it. */
export interface NewTransition extends Omit<Transition, 'reason'> {
  /** The `event_id` of its notices. One that is stored already is not stored again. */
  id: string
  alertId: string
  ruleVersion: number
  reason: TimelineReason
  limit: number | null
  actor: string | null
  note: string | null
  /** Set or taken away by this entry; left out, it stays. */
  acknowledgement?: Acknowledgement | null
}

/** An alert before its first transition. */
export function openAlert ({ id, ruleId, ruleVersion, groupKey, labels }: NewAlert, first: NewTransition): AlertRecord {
  return {
    id,
    ruleId,
    ruleVersion,
    groupKey,
    labels,
    state: first.from,
    severity: null,
    value: null,
    limit: null,
    isFlapping: false,
    isDraft: first.isDraft,
    sequence: 0,
    transitionId: first.id,
    startedAt: first.at,
    firedAt: null,
    endedAt: null,
    acknowledgement: null,
    silencedBy: null,
    told: null
  }
}

/** The alert after a transition. */
export function advance (alert: AlertRecord, transition: NewTransition): AlertRecord {
  const { id, to, level, value, limit, at, isFlapping, isDraft, acknowledgement = alert.acknowledgement } = transition
  const isOpen = to === 'pending' || to === 'firing'
  return {
    ...alert,
    state: to,
    severity: level ?? alert.severity,
    value: value ?? alert.value,
    limit: limit ?? alert.limit,
    isFlapping,
    isDraft,
    sequence: alert.sequence + 1,
    transitionId: id,
    firedAt: to === 'firing' ? alert.firedAt ?? at : alert.firedAt,
    endedAt: isOpen ? null : at,
    acknowledgement
  }
}

export function alertRow ({ acknowledgement, ...alert }: AlertRecord): AlertsTable {
  return {
    id: alert.id,
    rule_id: alert.ruleId,
    rule_version: alert.ruleVersion,
    group_key: alert.groupKey,
    labels: toJsonText(alert.labels),
    state: alert.state,
    severity: alert.severity,
    value: alert.value,
    limit_value: alert.limit,
    is_flapping: Number(alert.isFlapping),
    is_draft: Number(alert.isDraft),
    sequence: alert.sequence,
    transition_id: alert.transitionId,
    started_at: alert.startedAt,
    fired_at: alert.firedAt,
    ended_at: alert.endedAt,
    acknowledged_by: acknowledgement?.by ?? null,
    acknowledged_at: acknowledgement?.at ?? null,
    acknowledged_severity: acknowledgement?.severity ?? null,
    acknowledged_until: acknowledgement?.until ?? null,
    acknowledged_note: acknowledgement?.note ?? null,
    silenced_by: alert.silencedBy,
    told: alert.told === null ? null : toJsonText(alert.told)
  }
}

export function parseAlert (row: AlertsTable): AlertRecord {
  return {
    id: row.id,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    groupKey: row.group_key,
    labels: parseJsonText(row.labels),
    state: row.state,
    severity: row.severity,
    value: row.value,
    limit: row.limit_value,
    isFlapping: row.is_flapping === 1,
    isDraft: row.is_draft === 1,
    sequence: row.sequence,
    transitionId: row.transition_id,
    startedAt: row.started_at,
    firedAt: row.fired_at,
    endedAt: row.ended_at,
    acknowledgement: parseAcknowledgement(row),
    silencedBy: row.silenced_by,
    told: row.told === null ? null : parseJsonText(row.told)
  }
}

export function parseEntry (row: TransitionsTable): TimelineEntry {
  return {
    id: row.id,
    sequence: row.sequence,
    at: row.at,
    from: row.from_state,
    to: row.to_state,
    severity: row.severity,
    value: row.value,
    reason: row.reason,
    actor: row.actor,
    note: row.note,
    ruleVersion: row.rule_version
  }
}

function parseAcknowledgement (row: AlertsTable): Acknowledgement | null {
  const { acknowledged_by: by, acknowledged_at: at, acknowledged_severity: severity, acknowledged_until: until, acknowledged_note: note } = row
  return by === null || at === null || severity === null ? null : { by, at, severity, until, note }
}
