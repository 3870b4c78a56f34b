import type { MuteTarget } from '../../schemas/alert.ts'
import type { AlertLevel, Labels } from '../../schemas/rule.ts'
import { unreachable } from '../core/errors.ts'
import { allOf } from '../query/build.ts'
import { implies } from '../query/implies.ts'
import { matcher, type Matchable } from '../query/match.ts'
import type { Field, QueryNode } from '../query/node.ts'
import { parseQuery } from '../query/parse.ts'
import type { CompiledRule } from './compile.ts'
import { labelOf } from './labels.ts'

/** What mutes ask of an alert. `labels` are those of the rule and of the group together. */
export interface MutableAlert {
  ruleId: string
  ruleName: string
  level: AlertLevel
  labels: Labels
  /** What holds of everything that the rule looked at for this alert. */
  about: QueryNode | undefined
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
  const asked = allOf([parseQuery(query), ...Object.entries(labels).map(([name, value]) => labelNode(name, value))])
  const fits = asked === undefined ? () => true : fitting(asked)
  return (alert) => (rule === undefined || rule === alert.ruleId) && fits({ event: asEvent(alert), about: alert.about })
}

/** What holds of everything that a rule looks at for one set of labels: its query, the labels of its series, and its group. */
export function subjectOf ({ rule, signal }: CompiledRule, labels: Labels): QueryNode | undefined {
  const [need] = signal.needs
  if (need?.kind !== 'count') return allOf('metric' in rule.signal ? Object.entries(rule.signal.labels ?? {}).map(([name, value]) => labelNode(name, value)) : [])
  const group = signal.groupBy.filter((name) => labelOf(labels, name) !== '').map((name) => parseQuery(`${name}:${JSON.stringify(labelOf(labels, name))}`))
  return allOf([need.where, ...group])
}

export function isActive ({ from, until }: Mute, now: number): boolean {
  return from <= now && (until === null || now < until)
}

/** Tells whether a mute has served: its time is over, or nothing that it is about fires any more. */
export function isServed (mute: Mute, firing: readonly MutableAlert[], now: number): boolean {
  return mute.until === null ? !firing.some(mute.isAbout) : now >= mute.until
}

interface Subject {
  event: Matchable
  about: QueryNode | undefined
}

/** Each part of a query fits by what the alert itself is, or by what its rule is about; what neither says does not hold. */
function fitting (node: QueryNode): (subject: Subject) => boolean {
  const holds = partsOf(node)
  return (subject) => (subject.about !== undefined && implies(subject.about, node)) || holds(subject)
}

function partsOf (node: QueryNode): (subject: Subject) => boolean {
  switch (node.kind) {
    case 'and': {
      const parts = node.nodes.map(fitting)
      return (subject) => parts.every((fits) => fits(subject))
    }
    case 'or': {
      const parts = node.nodes.map(fitting)
      return (subject) => parts.some((fits) => fits(subject))
    }
    case 'not': {
      const fits = fitting(node.node)
      return (subject) => !fits(subject)
    }
    case 'words':
    case 'compare':
    case 'prefix':
    case 'contains':
    case 'exists': {
      const matches = matcher(node)
      return ({ event }) => matches(event)
    }
    default: return unreachable(node)
  }
}

/** Asks for a label as queries do: by the field of this name, or in meta. An empty one is one that is not there. */
function labelNode (name: string, value: string): QueryNode {
  const field = fieldOf(name)
  return value === '' ? { kind: 'not', node: { kind: 'exists', field } } : { kind: 'compare', field, op: '=', value }
}

function fieldOf (name: string): Field {
  return name === 'service' || name === 'host' || name === 'type' ? { name } : { name: 'meta', path: [name.replace(META, '')] }
}

const META = /^meta\./

/**
 * The alert as the query language sees it: the message is the rule's name, a warning is WARN and MEDIUM, critical is ERROR and CRITICAL,
 * the labels service, host and type are those fields, and every label is in meta, that of `meta.x` as x. Empty ones are left out.
 */
function asEvent ({ ruleName, level, labels }: MutableAlert): Matchable {
  const known = Object.fromEntries(Object.entries(labels).flatMap(([name, value]) => value === '' ? [] : [[name.replace(META, ''), value]]))
  const { service = null, host = null, type = null } = known
  return {
    message: ruleName,
    level: level === 'critical' ? 'ERROR' : 'WARN',
    severity: level === 'critical' ? 'CRITICAL' : 'MEDIUM',
    service,
    host,
    type,
    traceId: null,
    meta: JSON.stringify(known),
    patternId: null,
    anomaly: null
  }
}
