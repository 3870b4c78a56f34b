import type { AlertState } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import type { NewRule, Rule } from '../../schemas/rule.ts'
import { compileRule, completeRule, type CompiledRule } from '../../src/rules/compile.ts'
import type { Measured, Row, Values, Verdict } from '../../src/rules/signals.ts'
import { INITIAL_STATE, nextState } from '../../src/rules/state.ts'

export const SECOND = 1_000
export const MINUTE = 60_000
/** A full minute, so that windows and buckets begin where ticks do. */
export const START = Date.UTC(2026, 0, 31, 12)
export const INTERVAL = 10 * SECOND

export function aRule (changes: Partial<NewRule> = {}, id = 'r1'): Rule {
  return completeRule(id, { name: 'Heat', signal: { metric: 'heat' }, levels: { critical: { op: '>', value: 80 } }, flap: null, ...changes })
}

export function aCompiledRule (changes: Partial<NewRule> = {}, id = 'r1'): CompiledRule {
  return compileRule(aRule(changes, id), { intervalMs: INTERVAL })
}

export interface Told {
  transitions: Transition[]
  state: AlertState
}

/** Hands a rule one verdict every 10 s. */
export function follow (rule: CompiledRule, verdicts: readonly Verdict[], begin: AlertState = INITIAL_STATE): Told {
  const transitions: Transition[] = []
  let state = begin
  for (const [index, verdict] of verdicts.entries()) {
    const step = nextState(rule, state, verdict, START + index * INTERVAL)
    state = step.state
    if (step.transition !== undefined) transitions.push(step.transition)
  }
  return { transitions, state }
}

/** `30s firing critical, crossed` */
export function tell ({ at, to, level, reason }: Transition): string {
  return `${(at - START) / SECOND}s ${to} ${level}, ${reason}`
}

export function story (rule: CompiledRule, verdicts: readonly Verdict[]): string[] {
  return follow(rule, verdicts).transitions.map(tell)
}

export function measured (...rows: Row[]): Measured {
  return { rows, since: 0 }
}

/** The same rows for every need of a rule. */
export function valuesFor (rule: CompiledRule, ...rows: Row[]): Values {
  return new Map(rule.signal.needs.map(({ key }) => [key, measured(...rows)]))
}
