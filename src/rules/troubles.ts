import { RULE_LIMITS } from '../../schemas/rule.ts'
import type { CompiledRule } from './compile.ts'
import type { TickEvaluation } from './evaluate.ts'
import type { Values } from './signals.ts'

/** What was measured at one moment, and what was not; needs by their keys. */
export interface Sight {
  values: Values
  /** What could not be measured, and why. */
  failures: ReadonlyMap<string, string>
  /** Of whose window events were left out, because they have too many label sets. */
  incomplete: ReadonlySet<string>
}

const MOST_TOLD = 5

/** Lists in words which rules see less than they should, and why: a rule that is blind must not look like one that is content. */
export function troublesOf (rules: readonly CompiledRule[], { failures, incomplete }: Sight, { crowded }: Pick<TickEvaluation, 'crowded'>): string[] {
  const full = crowded.map(({ rule: { rule: { name } }, refused }) =>
    `"${name}" has ${RULE_LIMITS.groups} label sets in trouble, which is the most: ${refused} more get no alert; group by less`)
  if (failures.size === 0 && incomplete.size === 0) return full
  const judged = rules.filter(({ rule }) => rule.enabled).flatMap(({ rule: { name }, signal: { needs } }) => {
    const failed = needs.find(({ key }) => failures.has(key))
    if (failed !== undefined) return [`"${name}" cannot be measured: ${failures.get(failed.key)}`]
    return needs.some(({ key }) => incomplete.has(key)) ? [`"${name}" counts too many label sets: events of further ones are not counted; group by less`] : []
  })
  return [...full, ...judged]
}

/** Joins the first few. */
export function tellTroubles (troubles: readonly string[]): string {
  const rest = troubles.length - MOST_TOLD
  return [...troubles.slice(0, MOST_TOLD), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}
