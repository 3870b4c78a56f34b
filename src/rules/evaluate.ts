import type { AlertState } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import { RULE_LIMITS } from '../../schemas/rule.ts'
import type { CompiledRule } from './compile.ts'
import { judge, verdictOnNothing, type Judged, type Values, type Verdict } from './signals.ts'
import { closeState, INITIAL_STATE, isIdle, nextState, shiftState } from './state.ts'

/** The states of one rule by the key of their label set; what is idle has none. */
export type GroupStates = ReadonlyMap<string, AlertState>
/** By the id of the rule. */
export type States = ReadonlyMap<string, GroupStates>

export interface Moment {
  now: number
  /** When the tick before was, be it before a restart. Undefined at the very first. */
  previousAt: number | undefined
  /** The clock jumped by so much since: what passed really is the rest. */
  steppedMs?: number
}

export interface Tick extends Moment {
  values: Values
}

/** The new state of one label set of a rule, undefined when there is nothing left to remember. */
export interface Change {
  ruleId: string
  key: string
  state: AlertState | undefined
  transition?: Transition
}

export interface Evaluation {
  changes: Change[]
  /** Label sets in trouble that were left out, because their rule has `RULE_LIMITS.groups` of them already. */
  refused: number
}

export interface TickEvaluation extends Evaluation {
  /** Of which rules label sets were refused, and how many. */
  crowded: Array<{ rule: CompiledRule, refused: number }>
  /** Rules of which something could not be measured, or not for a whole window yet. */
  unjudged: number
}

const NO_STATES: GroupStates = new Map()

/**
 * Evaluates all rules at one moment. What a rule has open is closed when it is switched off, or not among them any more.
 *
 * Time that no window saw does not count: when the tick before lies further back than the rule's window (a stop, a machine
 * that was held), timers lose the rest, and when the clock was set forward or back, they are moved along with it.
 */
export function evaluate (rules: readonly CompiledRule[], states: States, tick: Tick): TickEvaluation {
  const evaluation: TickEvaluation = { changes: [], refused: 0, crowded: [], unjudged: 0 }
  const known = new Set<string>()
  for (const rule of rules) {
    known.add(rule.id)
    const groups = states.get(rule.id) ?? NO_STATES
    if (rule.rule.enabled) addRule(evaluation, rule, groups, tick)
    else evaluation.changes.push(...closeGroups(rule.id, groups, { now: tick.now, isDraft: rule.rule.draft }))
  }
  for (const [ruleId, groups] of states) {
    if (!known.has(ruleId)) evaluation.changes.push(...closeGroups(ruleId, groups, { now: tick.now, isDraft: false }))
  }
  return evaluation
}

/** Tells whether the timers of any rule are set by time that no window saw. */
export function losesTime (rules: readonly CompiledRule[], moment: Moment): boolean {
  return rules.some((rule) => unwatched(rule, moment) !== 0)
}

function addRule (evaluation: TickEvaluation, rule: CompiledRule, groups: GroupStates, tick: Tick): void {
  const judged = judge(rule.signal, tick.values, tick.now)
  const { changes, refused } = evaluateRule(rule, groups, judged, tick)
  evaluation.changes.push(...changes)
  evaluation.refused += refused
  if (refused > 0) evaluation.crowded.push({ rule, refused })
  if (judged === 'unjudged') evaluation.unjudged++
}

/** Evaluates one rule: the label sets that were judged, and those with a state of which nothing was said. */
export function evaluateRule (rule: CompiledRule, states: GroupStates, judged: readonly Judged[] | 'unjudged', moment: Moment): Evaluation {
  const evaluation: Evaluation = { changes: [], refused: 0 }
  const unwatchedMs = unwatched(rule, moment)
  const { now } = moment
  let known = 0
  let added = 0
  for (const { key, verdict } of judged === 'unjudged' ? [] : judged) {
    const state = states.get(key)
    if (state !== undefined) known++
    const change = changeOf(rule, key, state, { verdict, now, unwatchedMs })
    if (change === undefined) continue
    if (state === undefined && states.size + added++ >= RULE_LIMITS.groups) evaluation.refused++
    else evaluation.changes.push(change)
  }
  if (known === states.size) return evaluation
  const verdict = judged === 'unjudged' ? judged : verdictOnNothing(rule.signal)
  for (const [key, state] of withoutRow(states, judged)) {
    const change = changeOf(rule, key, state, { verdict, now, unwatchedMs })
    if (change !== undefined) evaluation.changes.push(change)
  }
  return evaluation
}

/** Takes over what changed. To be called once the changes are kept safe. */
export function applyChanges (states: Map<string, Map<string, AlertState>>, changes: readonly Change[]): void {
  for (const { ruleId, key, state } of changes) {
    const groups = states.get(ruleId) ?? new Map<string, AlertState>()
    if (state === undefined) groups.delete(key)
    else groups.set(key, state)
    if (groups.size === 0) states.delete(ruleId)
    else states.set(ruleId, groups)
  }
}

interface Sight {
  verdict: Verdict
  now: number
  unwatchedMs: number
}

function changeOf (rule: CompiledRule, key: string, state: AlertState | undefined, { verdict, now, unwatchedMs }: Sight): Change | undefined {
  const before = state === undefined || unwatchedMs === 0 ? state ?? INITIAL_STATE : shiftState(state, unwatchedMs)
  const { state: after, transition } = nextState(rule, before, verdict, now)
  const kept = !rule.signal.remembers && isIdle(rule, after, now) ? undefined : after
  if (kept === state) return undefined
  return { ruleId: rule.id, key, state: kept, ...(transition === undefined ? {} : { transition }) }
}

function unwatched ({ windowMs }: CompiledRule, { now, steppedMs = 0, previousAt = now - steppedMs }: Moment): number {
  const passed = now - previousAt - steppedMs
  return steppedMs + (passed < 0 ? passed : Math.max(0, passed - windowMs))
}

function withoutRow (states: GroupStates, judged: readonly Judged[] | 'unjudged'): Iterable<[string, AlertState]> {
  if (judged === 'unjudged') return states
  const seen = new Set(judged.map(({ key }) => key))
  return Array.from(states).filter(([key]) => !seen.has(key))
}

function closeGroups (ruleId: string, groups: GroupStates, { now, isDraft }: { now: number, isDraft: boolean }): Change[] {
  return Array.from(groups, ([key, before]) => {
    const { transition } = closeState(before, { now, reason: 'rule_off', isDraft })
    return { ruleId, key, state: undefined, ...(transition === undefined ? {} : { transition }) }
  })
}
