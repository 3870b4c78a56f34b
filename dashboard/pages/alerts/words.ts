import type { Alert, AlertFile } from '../../../schemas/alert.ts'
import type { Attempt } from '../../../schemas/notice.ts'

export type StateWord = 'Healthy' | 'Pending' | 'Firing' | 'Acknowledged' | 'Silenced' | 'No data' | 'Broken' | 'Off' | 'Resolved'

/** A state as people see it: its word, its colour, its shape. */
export interface StateLook {
  word: StateWord
  tone: 'critical' | 'warning' | 'healthy' | 'info' | 'calm'
  icon?: 'silenced'
}

type AlertFacts = Pick<Alert, 'state' | 'severity' | 'value' | 'acknowledged_by' | 'silenced_by'>

/** The state of an alert. What is silenced is grey; what is acknowledged keeps its colour. */
export function lookOf ({ state, severity, value, acknowledged_by: by, silenced_by: silence }: AlertFacts): StateLook {
  if (state === 'resolved') return { word: 'Resolved', tone: 'healthy' }
  if (silence !== null) return { word: 'Silenced', tone: 'calm', icon: 'silenced' }
  if (state === 'pending') return { word: 'Pending', tone: 'info' }
  const tone = severity ?? 'warning'
  if (by !== null) return { word: 'Acknowledged', tone }
  return { word: value === null ? 'No data' : 'Firing', tone }
}

type Entry = AlertFile['timeline'][number]

const REASONS: Readonly<Record<string, string>> = {
  escalated: 'it got worse',
  eased: 'it eased',
  no_data: 'no data came',
  flapping: 'it changes too often, and stays firing until it is calm',
  calm: 'it has been calm for long enough',
  rule_off: 'its rule was removed or switched off'
}
const DEEDS: Readonly<Record<string, string>> = { acknowledged: 'acknowledged it', unacknowledged: 'took the acknowledgement back', operator: 'resolved it' }

/** What a change of an alert says in words. */
export function transitionText ({ from, to, severity, reason, actor, note }: Pick<Entry, 'from' | 'to' | 'severity' | 'reason' | 'actor' | 'note'>): string {
  const deed = DEEDS[reason]
  if (deed !== undefined) return `${actor ?? 'The service'} ${deed}${note === undefined ? '' : `: ${note}`}`
  const change = to === 'resolved' ? 'Resolved' : to === 'firing' ? `Firing, ${severity ?? 'warning'}` : 'Over its limit, its time runs'
  const why = REASONS[reason] ?? (to === 'resolved' ? 'it is well again' : from === null || to === 'pending' ? undefined : 'over its limit for long enough')
  return why === undefined ? change : `${change}: ${why}`
}

const OPS: Readonly<Record<string, string>> = { '>': 'above', '>=': 'at or above', '<': 'below', '<=': 'at or below' }

/** `>` as a person says it. */
export function opText (op: string | undefined): string {
  return OPS[op ?? ''] ?? 'beyond'
}

export const NOTICES: Readonly<Record<string, string>> = {
  'alert.firing': 'Firing', 'alert.resolved': 'Resolved', 'alert.escalated': 'Escalated', test: 'Test'
}

const REASON_WORDS: Readonly<Record<string, string>> = {
  timeout: 'no answer in time', dns: 'the name was not found', refused_address: 'the address may not be reached'
}

/** What came of an attempt: `delivered in 212 ms, 200`. */
export function attemptText ({ result, ms, status, reason, detail }: Attempt): string {
  const reply = status === undefined ? REASON_WORDS[reason ?? ''] ?? reason ?? 'no reply' : `reply ${status}`
  if (result === 'delivered') return `Delivered in ${ms} ms, ${reply}`
  const what = result === 'retry' ? 'Failed, is tried again' : result === 'gone' ? 'The receiver is gone' : 'Failed'
  return `${what}: ${reply} after ${ms} ms${detail === undefined ? '' : `, ${detail}`}`
}

const CAUSES: Readonly<Record<string, string>> = {
  silence: 'a silence', maintenance: 'a maintenance', acknowledgement: 'the acknowledgement', dependency: 'another rule that fires'
}

export function causeText (cause: string): string {
  return CAUSES[cause] ?? cause
}

const MISSING: Readonly<Record<string, string>> = {
  timeout: 'it took more than a second', error: 'it could not be read', too_many_alerts: 'too many alerts began at once'
}

export function missingText (why: string): string {
  return MISSING[why] ?? why
}
