import type { Alert } from '../../../schemas/alert.ts'
import { csvLine } from '../../../src/core/text/csv.ts'

/** One change of an alert, as a list of alerts tells it. */
export interface HistoryEntry {
  /** Ms since the epoch. */
  at: number
  from: string
  to: string
  /** Who did it, where it was a person. */
  by: string | undefined
  alert: Alert
}

/** Changes of alerts, newest first. Escalations in between are told by the timeline of each. */
export function historyOf (alerts: readonly Alert[]): HistoryEntry[] {
  return alerts.flatMap(changesOf).sort((a, b) => b.at - a.at)
}

function changesOf (alert: Alert): HistoryEntry[] {
  const { started_at: started, fired_at: fired, ended_at: ended, acknowledged_at: acknowledged, acknowledged_by: by } = alert
  const began = Date.parse(started)
  const isHeld = fired === null || Date.parse(fired) > began
  const one = { alert, by: undefined }
  return [
    ...isHeld ? [{ ...one, at: began, from: 'healthy', to: 'pending' }] : [],
    ...fired === null ? [] : [{ ...one, at: Date.parse(fired), from: isHeld ? 'pending' : 'healthy', to: 'firing' }],
    ...acknowledged === null || by === null ? [] : [{ alert, by, at: Date.parse(acknowledged), from: 'firing', to: 'acknowledged' }],
    ...ended === null ? [] : [{ ...one, at: Date.parse(ended), from: fired === null ? 'pending' : 'firing', to: 'resolved' }]
  ]
}

const HEAD = ['time', 'rule', 'from', 'to', 'severity', 'value', 'unit', 'labels', 'by', 'silence', 'alert']

/** The changes as CSV. */
export function historyCsv (entries: readonly HistoryEntry[]): string {
  const rows = entries.map(({ at, from, to, by, alert }) => [
    new Date(at).toISOString(), alert.rule.name, from, to, alert.severity, alert.value, alert.unit, Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`).join(' '), by, alert.silenced_by, alert.id
  ])
  return [HEAD, ...rows].map(csvLine).join('')
}
