import type { ReplayAnswer, ReplayRequest } from '../../../schemas/replay.ts'
import type { AlertLevel, NewRule, RuleView } from '../../../schemas/rule.ts'
import { countText, figureText, spanText } from '../../core/format.ts'

/** What a rule is, without where it comes from: what can be sent. */
export function bodyOf (rule: RuleView): NewRule & { id: string } {
  const { version, origin, source, created_at: createdAt, updated_at: updatedAt, ...body } = rule
  return body
}

/** The rule with another value of one level; the value behind which it recovers moves along. */
export function withLimit<R extends NewRule> (rule: R, name: AlertLevel, value: number): R {
  const level = rule.levels[name]
  if (level === undefined) return rule
  const recover = level.recover === undefined ? {} : { recover: rounded(level.recover - level.value + value) }
  return { ...rule, levels: { ...rule.levels, [name]: { ...level, value, ...recover } } }
}

/** A value beside the limit that is worth knowing: a quarter nearer to what is usual. */
export function neighbourOf (value: number, op: string): number {
  const near = op.startsWith('<') ? value * 1.25 : value * 0.75
  return value === 0 ? 1 : rounded(near)
}

function rounded (value: number): number {
  return Number(value.toPrecision(3))
}

/** Asks what a rule would have done since `from`, and with one other value of a level. */
export function replayRequest (rule: NewRule & { id?: string }, from: string, neighbour?: { level: AlertLevel, value: number }): ReplayRequest & { from: string } {
  return { rule, from, ...neighbour === undefined ? {} : { sweep: { level: neighbour.level, values: [neighbour.value] } } }
}

const SPANS: Readonly<Record<string, string>> = { '-1h': 'the last hour', '-24h': 'the last 24 hours', '-7d': 'the last 7 days', '-30d': 'the last 30 days' }

export function sinceText (from: string): string {
  return SPANS[from] ?? `the time since ${from}`
}

function timesText (count: number): string {
  return count === 0 ? 'never' : count === 1 ? 'once' : `${countText(count)} times`
}

/** What a replay says: how often, what stands before that and after it. */
export interface ReplaySentence {
  before: string
  times: string
  after: string
}

/** The sentence of a replay: "With this limit the rule would have fired 3 times in the last 7 days, 22 min in all. At 600 ms: 19 times." */
export function replaySentence ({ judged, total, firing_seconds: seconds, sweep, compared }: ReplayAnswer, { from, unit }: { from: string, unit: string | null }): ReplaySentence {
  if (judged === 0) return { before: `Nothing is known of ${sinceText(from)}: `, times: 'no data', after: ' was there to judge.' }
  const long = total === 0 ? '' : `, ${spanText(seconds * 1_000)} in all`
  const others = (sweep ?? []).map(({ value, firings }) => ` At ${typeof value === 'number' ? figureText(value, unit) : value}: ${timesText(firings)}.`).join('')
  return { before: 'With this limit the rule would have fired ', times: timesText(total), after: ` in ${sinceText(from)}${long}.${others}${comparedText(compared)}` }
}

/** What the change makes come and go, against the rule as it is. */
function comparedText (compared: ReplayAnswer['compared']): string {
  if (compared === undefined || compared.added + compared.removed === 0) return ''
  const { added, removed, acked_removed: known } = compared
  const gone = removed === 0 ? [] : [`${countText(removed)} would not have been${known === 0 ? '' : `, ${countText(known)} of which somebody acknowledged`}`]
  return ` Against the rule as it is: ${[...added === 0 ? [] : [`${countText(added)} would have come`], ...gone].join(', ')}.`
}
