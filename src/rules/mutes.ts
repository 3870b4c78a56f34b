import type { MuteTarget } from '../../schemas/alert.ts'
import type { AlertLevel, Labels } from '../../schemas/rule.ts'
import { matcher, type Matchable } from '../query/match.ts'
import { parseQuery } from '../query/parse.ts'

/** What mutes ask of an alert. `labels` are those of the rule and of the group together. */
export interface MutableAlert {
  ruleId: string
  ruleName: string
  level: AlertLevel
  labels: Labels
}

export interface Mute {
  kind: 'silence' | 'maintenance'
  id: string
  isAbout: (alert: MutableAlert) => boolean
  from: number
  /** ms since the epoch; null for a silence that lasts until what it is about has recovered. */
  until: number | null
}

export const AIMLESS = 'say what it is about: query, rule or labels; an empty query is about everything'

/** Tells whether a target says nothing. It would be about every alert, which only an empty query means. */
export function isAimless ({ query, rule, labels = {} }: MuteTarget): boolean {
  return query === undefined && rule === undefined && Object.keys(labels).length === 0
}

/** Makes the test of a target: every member that is given must fit. Throws `invalid` for a query that cannot be read. */
export function compileTarget ({ query = '', rule, labels = {} }: MuteTarget): (alert: MutableAlert) => boolean {
  const node = parseQuery(query)
  const matches = node === undefined ? () => true : matcher(node)
  const wanted = Object.entries(labels)
  return (alert) =>
    (rule === undefined || rule === alert.ruleId) &&
    wanted.every(([name, value]) => alert.labels[name] === value) &&
    matches(asEvent(alert))
}

export function isActive ({ from, until }: Mute, now: number): boolean {
  return from <= now && (until === null || now < until)
}

/** Tells whether a mute has served: its time is over, or nothing that it is about fires any more. */
export function isServed (mute: Mute, firing: readonly MutableAlert[], now: number): boolean {
  return mute.until === null ? !firing.some(mute.isAbout) : now >= mute.until
}

/**
 * The alert as the query language sees it: the message is the rule's name, a warning is WARN and MEDIUM, critical is ERROR and CRITICAL,
 * the labels service, host and type are those fields, and every label is in meta.
 */
function asEvent ({ ruleName, level, labels }: MutableAlert): Matchable {
  const { service = null, host = null, type = null } = labels
  return {
    message: ruleName,
    level: level === 'critical' ? 'ERROR' : 'WARN',
    severity: level === 'critical' ? 'CRITICAL' : 'MEDIUM',
    service,
    host,
    type,
    traceId: null,
    meta: JSON.stringify(labels),
    patternId: null,
    anomaly: null
  }
}
