import type { Alert } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import type { StateLook } from './words.ts'
import { lookOf } from './words.ts'

export interface Range {
  from: number
  to: number
}

/** A stretch in which a rule was not healthy. Times are ms since the epoch. */
export interface Segment extends Range {
  alertId: string
  state: 'pending' | 'firing' | 'silenced'
  severity: 'warning' | 'critical'
  /** It goes on. */
  isOpen: boolean
}

type BarAlert = Pick<Alert, 'id' | 'state' | 'severity' | 'started_at' | 'fired_at' | 'ended_at' | 'silenced_by'>

/** Drawn later is drawn above. */
const ORDER = { pending: 0, silenced: 1, firing: 2 } as const

/** What a bar of a rule shows of a range: each alert as it was pending, then firing, cut at the ends; what matters most is drawn last. */
export function segmentsOf (alerts: readonly BarAlert[], { from, to }: Range): Segment[] {
  return alerts.flatMap((alert) => partsOf(alert, to))
    .map((part) => ({ ...part, from: Math.max(part.from, from), to: Math.min(part.to, to) }))
    .filter((part) => part.from <= part.to && part.to > from && part.from < to)
    .sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.severity.localeCompare(b.severity) * -1 || a.from - b.from)
}

function partsOf ({ id, severity, started_at: started, fired_at: fired, ended_at: ended, silenced_by: silence }: BarAlert, now: number): Segment[] {
  const [began, end] = [Date.parse(started), ended === null ? now : Date.parse(ended)]
  const firedAt = fired === null ? end : Date.parse(fired)
  const one = { alertId: id, severity: severity ?? 'warning', isOpen: false }
  return [
    ...firedAt > began ? [{ ...one, state: 'pending' as const, from: began, to: firedAt, isOpen: ended === null && fired === null }] : [],
    ...fired === null ? [] : [{ ...one, state: silence === null ? 'firing' as const : 'silenced' as const, from: firedAt, to: end, isOpen: ended === null }]
  ]
}

/** How a rule is: the state that matters most of its alerts, and since when. */
export interface RuleState extends StateLook {
  /** Ms since the epoch; undefined for what has no beginning. */
  since: number | undefined
  rank: number
}

const RANKS: Readonly<Record<StateLook['word'], number>> = { Broken: 0, Firing: 1, 'No data': 2, Acknowledged: 3, Pending: 4, Silenced: 5, Healthy: 6, Resolved: 6, Off: 7 }

/** The state of a rule out of its alerts that are open; `hasData` is whether what it looks at was ever measured. */
export function ruleState ({ enabled }: Pick<RuleView, 'enabled'>, open: readonly Alert[], hasData: boolean): RuleState {
  const states = open.map((alert): RuleState => {
    const look = lookOf(alert)
    const isCritical = alert.severity === 'critical'
    return { ...look, since: Date.parse(alert.state === 'pending' ? alert.started_at : alert.fired_at ?? alert.started_at), rank: RANKS[look.word] + (isCritical ? 0 : 0.5) }
  }).sort((a, b) => a.rank - b.rank || (a.since ?? 0) - (b.since ?? 0))
  const [worst] = states
  if (worst !== undefined) return worst
  if (!enabled) return { word: 'Off', tone: 'calm', since: undefined, rank: RANKS.Off }
  if (!hasData) return { word: 'No data', tone: 'calm', since: undefined, rank: RANKS['No data'] + 3.4 }
  return { word: 'Healthy', tone: 'healthy', since: undefined, rank: RANKS.Healthy }
}

/** Rules with what is wrong first, then by name. */
export function inOrder<T extends { rule: Pick<RuleView, 'name'>, state: RuleState }> (rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => a.state.rank - b.state.rank || a.rule.name.localeCompare(b.rule.name))
}
