import type { AlertState } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import type { AlertLevel, Labels } from '../../schemas/rule.ts'
import { isOver, type CompiledRule } from './compile.ts'
import { applyChanges, evaluateRule, type Change } from './evaluate.ts'
import { parseGroupKey } from './labels.ts'
import { hasData, judge, type Judged, type Values } from './signals.ts'

/** One evaluation of the past. */
export interface ReplayTick {
  at: number
  values: Values
}

/** What the signal said at each evaluation. It does not depend on limits and times, so a sweep reads the past once. */
export interface ReplayVerdicts {
  at: number
  judged: readonly Judged[] | 'unjudged'
}

export interface Firing {
  labels: Labels
  from: number
  /** Null when it was still firing at the end. */
  to: number | null
  /** The value furthest beyond the limit; null when it fired for want of data. */
  peak: number | null
  /** The gravest that it reached. */
  level: AlertLevel
}

export interface Replayed {
  firings: Firing[]
  /** Times that somebody would have been called: alerts that fired, and those that escalated. */
  pages: number
  /** Evaluations that had something to judge. */
  judged: number
  /** All firings added up, those that are still firing up to the last evaluation. */
  firingSeconds: number
}

export interface Swept {
  value: number
  firings: number
  pages: number
}

/** Reads what the signal of a rule said of the past, oldest first. */
export function judgeTicks (rule: CompiledRule, ticks: Iterable<ReplayTick>): ReplayVerdicts[] {
  return Array.from(ticks, ({ at, values }) => ({ at, judged: judge(rule.signal, values, at) }))
}

/** Tells what a rule would have done, had it been there: the live evaluation over the past, beginning with no alert. */
export function replay (rule: CompiledRule, past: readonly ReplayVerdicts[]): Replayed {
  const states = new Map<string, Map<string, AlertState>>()
  const record: Recording = { rule, open: new Map(), firings: [], pages: 0 }
  let previousAt: number | undefined
  for (const { at: now, judged } of past) {
    const { changes } = evaluateRule(rule, states.get(rule.id) ?? NO_STATES, judged, { now, previousAt })
    if (changes.length > 0) {
      applyChanges(states, changes)
      for (const change of changes) note(record, change)
    }
    if (record.open.size > 0 && judged !== 'unjudged') notePeaks(record, judged)
    previousAt = now
  }
  const { firings, pages } = record
  const judged = past.filter((one) => hasData(rule.signal, one.judged)).length
  return { firings, pages, judged, firingSeconds: firings.reduce((sum, { from, to }) => sum + ((to ?? previousAt ?? from) - from) / 1_000, 0) }
}

/** Replays with other values of one level. Its recovery moves along; the other level stays where it is. */
export function sweepLevel (rule: CompiledRule, level: AlertLevel, values: readonly number[], past: readonly ReplayVerdicts[]): Swept[] {
  const limit = rule.limits[level]
  if (limit === undefined) return []
  return values.map((value) => {
    const moved = { ...limit, value, recover: limit.recover - limit.value + value }
    return swept(value, replay({ ...rule, limits: { ...rule.limits, [level]: moved } }, past))
  })
}

/** Replays with other times of `for`, in ms. */
export function sweepFor (rule: CompiledRule, values: readonly number[], past: readonly ReplayVerdicts[]): Swept[] {
  return values.map((forMs) => swept(forMs, replay({ ...rule, forMs }, past)))
}

interface Recording {
  rule: CompiledRule
  open: Map<string, Firing>
  firings: Firing[]
  pages: number
}

const NO_STATES: ReadonlyMap<string, AlertState> = new Map()

function swept (value: number, { firings, pages }: Replayed): Swept {
  return { value, firings: firings.length, pages }
}

function note (record: Recording, { key, transition }: Change): void {
  if (transition === undefined) return
  if (transition.to === 'firing') begin(record, key, transition)
  else if (transition.from === 'firing') end(record, key, transition.at)
}

/** Whoever was called for a critical alert is not called again when it eased and got worse once more. */
function begin (record: Recording, key: string, { at, level, value }: Transition): void {
  const open = record.open.get(key)
  if (level === null || (open !== undefined && (open.level === 'critical' || level === 'warning'))) return
  record.pages++
  if (open !== undefined) {
    open.level = level
    return
  }
  const firing: Firing = { labels: parseGroupKey(key), from: at, to: null, peak: value, level }
  record.open.set(key, firing)
  record.firings.push(firing)
}

function end ({ open }: Recording, key: string, at: number): void {
  const firing = open.get(key)
  if (firing !== undefined) firing.to = at
  open.delete(key)
}

function notePeaks ({ rule, open }: Recording, judged: readonly Judged[]): void {
  const op = (rule.limits.critical ?? rule.limits.warning)?.op ?? '>'
  for (const { key, verdict } of judged) {
    const firing = open.get(key)
    if (firing === undefined || verdict === 'no_data') continue
    if (firing.peak === null || isOver(op, verdict, firing.peak)) firing.peak = verdict
  }
}
