import type { Alert } from '../../schemas/alert.ts'
import type { Verdict } from '../../schemas/overview.ts'
import type { RuleView } from '../../schemas/rule.ts'

type Firing = Pick<Alert, 'rule' | 'severity' | 'state' | 'draft' | 'started_at' | 'fired_at' | 'acknowledged_by' | 'silenced_by'>

/** Alerts that begin within so long of each other began together. */
const TOGETHER_MS = 120_000

/** Judges what fires, without drafts: the page and the service say the same, since both ask here. */
export function judge (alerts: readonly Firing[], rules: ReadonlyArray<Pick<RuleView, 'id' | 'enabled' | 'draft'>>): Verdict {
  const things = thingsOf(alerts)
  const waiting = things.filter((thing) => thing.some((alert) => !isAttended(alert)))
  const times = waiting.map(beganOf).sort((a, b) => a - b)
  const troubled = new Set(things.flat().map(({ rule }) => rule.id))
  const critical = new Set(things.flat().filter(({ severity }) => severity === 'critical').map(({ rule }) => rule.id)).size
  return {
    waiting: waiting.length,
    attended: things.length - waiting.length,
    first_at: timeText(times[0]),
    last_at: timeText(times.at(-1)),
    rules: { critical, warning: troubled.size - critical, healthy: rules.filter(({ id, enabled, draft }) => enabled && !draft && !troubled.has(id)).length }
  }
}

/** Alerts that fire, those of one rule that began together as one thing; in the order of the alerts. */
export function thingsOf<A extends Firing> (alerts: readonly A[]): A[][] {
  const things: A[][] = []
  for (const alert of alerts) {
    if (alert.state !== 'firing' || alert.draft) continue
    const same = things.find((thing) => thing[0]?.rule.id === alert.rule.id && thing.some((other) => areTogether(other, alert)))
    if (same === undefined) things.push([alert])
    else same.push(alert)
  }
  return things
}

export function areTogether (a: Pick<Alert, 'started_at'>, b: Pick<Alert, 'started_at'>): boolean {
  return Math.abs(Date.parse(a.started_at) - Date.parse(b.started_at)) <= TOGETHER_MS
}

function isAttended ({ acknowledged_by: by, silenced_by: silence }: Pick<Alert, 'acknowledged_by' | 'silenced_by'>): boolean {
  return by !== null || silence !== null
}

/** Those that fire before those that may, the graver first, the newer first. */
export function inOrderOfWeight<A extends Pick<Alert, 'state' | 'severity' | 'started_at'>> (alerts: readonly A[]): A[] {
  const rank = ({ state, severity }: A): number => (state === 'firing' ? 0 : 2) + (severity === 'critical' ? 0 : 1)
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.started_at.localeCompare(a.started_at))
}

function beganOf (thing: readonly Firing[]): number {
  return Math.min(...thing.map(({ fired_at: fired, started_at: began }) => Date.parse(fired ?? began)))
}

function timeText (ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
