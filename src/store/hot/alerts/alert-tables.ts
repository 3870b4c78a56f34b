import type { Generated } from 'kysely'
import type { AlertState, Told } from '../../../../schemas/alert-state.ts'
import type { AlertPhase, MuteTarget, TransitionReason } from '../../../../schemas/alert.ts'
import type { ChannelKind } from '../../../../schemas/channel.ts'
import type { Attempt, NoticeBody, NoticeType } from '../../../../schemas/notice.ts'
import type { AlertLevel, Labels, Rule } from '../../../../schemas/rule.ts'
import type { JsonText } from '../../../core/text/json-text.ts'

export type RuleOrigin = 'api' | 'builtin' | 'file'

/**
 * Why a timeline has an entry. Those that are not of the state machine leave the state as it is: reminded, its channels were told again;
 * unanswered, others were told as well since nobody had acknowledged it.
 */
export type TimelineReason = TransitionReason | 'acknowledged' | 'unacknowledged' | 'reminded' | 'unanswered'

/** `failed`: the table of retries is at its end. `abandoned`: nobody tries any more, since the channel is gone or the outbox was full. */
export type NoticeState = 'pending' | 'delivered' | 'failed' | 'abandoned'

export type HoldCause = 'silence' | 'maintenance' | 'acknowledgement' | 'dependency'

/** The newest version of each rule, also of those that were removed. */
export interface RulesTable {
  id: string
  version: number
  origin: RuleOrigin
  created_at: number
}

/** What a rule said, version by version; `body` is null where it was removed. */
export interface RuleVersionsTable {
  rule_id: string
  version: number
  body: JsonText<Rule> | null
  at: number
  actor: string | null
}

/** What the state machine remembers of one label set; what is idle has no row. */
export interface RuleStatesTable {
  rule_id: string
  group_key: string
  state: JsonText<AlertState>
}

/** `sequence` counts the entries of its timeline, `transition_id` is the last; flags are 0 or 1. */
export interface AlertsTable {
  id: string
  rule_id: string
  rule_version: number
  group_key: string
  labels: JsonText<Labels>
  state: AlertPhase
  severity: AlertLevel | null
  value: number | null
  limit_value: number | null
  is_flapping: number
  is_draft: number
  sequence: number
  transition_id: string
  started_at: number
  fired_at: number | null
  ended_at: number | null
  acknowledged_by: string | null
  acknowledged_at: number | null
  acknowledged_severity: AlertLevel | null
  acknowledged_until: number | null
  acknowledged_note: string | null
  silenced_by: string | null
  told: JsonText<Told> | null
}

/** What an alert was judged by when it crossed its limit, written once. */
export interface EvidenceTable {
  alert_id: string
  body: JsonText<Record<string, unknown>>
}

export interface TransitionsTable {
  id: string
  alert_id: string
  sequence: number
  at: number
  from_state: AlertPhase
  to_state: AlertPhase
  severity: AlertLevel | null
  value: number | null
  reason: TimelineReason
  actor: string | null
  note: string | null
  rule_version: number
}

/**
 * The outbox and the ledger. `next_at` is null but for what may be sent next: of the pending ones of an alert and a
 * channel the first, and a delivered one that is to be told again. `attempts` counts all
 * that were made, `tries` those since `queued_at`: a redelivery sets both anew.
 */
export interface NoticesTable {
  n: Generated<number>
  id: string
  alert_id: string
  transition_id: string
  sequence: number
  channel_id: string
  via: string
  type: NoticeType
  body: JsonText<NoticeBody>
  state: NoticeState
  attempts: number
  tries: number
  next_at: number | null
  created_at: number
  queued_at: number
  done_at: number | null
}

/** One attempt to send a notice. */
export interface DeliveriesTable {
  notice_id: string
  attempt: number
  body: JsonText<Attempt>
}

/** So many notices of an alert were not made at one moment, and what kept them back. */
export interface HeldBackTable {
  alert_id: string
  at: number
  cause: HoldCause
  cause_id: string
  count: number
}

export interface ChannelsTable {
  id: string
  name: string
  kind: ChannelKind
  url: string
  secret: string | null
  fallback_id: string | null
  enabled: number
  disabled_reason: string | null
  failures: number
  held_until: number
  ack_links: number
  /** 1 when a setting or the configuration file says what it is. */
  fixed: number
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface SilencesTable {
  id: string
  target: JsonText<MuteTarget>
  until_at: number | null
  until_recovered: number
  reason: string | null
  created_by: string | null
  created_at: number
  ended_at: number | null
  ended_by: string | null
}

/** Lasts `duration_ms` from `from_at` on, or from each time of `cron`. */
export interface MaintenancesTable {
  id: string
  name: string
  target: JsonText<MuteTarget>
  from_at: number | null
  cron: string | null
  time_zone: string | null
  duration_ms: number
  reason: string | null
  created_by: string | null
  created_at: number
  ended_at: number | null
  ended_by: string | null
}

export interface AlertTables {
  rules: RulesTable
  rule_versions: RuleVersionsTable
  rule_states: RuleStatesTable
  alerts: AlertsTable
  evidence: EvidenceTable
  transitions: TransitionsTable
  notices: NoticesTable
  deliveries: DeliveriesTable
  held_back: HeldBackTable
  channels: ChannelsTable
  silences: SilencesTable
  maintenances: MaintenancesTable
}
