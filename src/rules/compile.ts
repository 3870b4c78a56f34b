import type { AlertLevel, Flap, LimitOp, NewRule, NoData, Rule } from '../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import { AppError, unreachable } from '../core/errors.ts'
import { parseDuration } from '../core/duration.ts'
import { ruleFaults } from './faults.ts'
import { aggregatesOf, compileSignal, type CompiledSignal } from './signals.ts'

/** `recover` is `value` where the rule names none. */
export interface Limit {
  op: LimitOp
  value: number
  recover: number
}

/** A rule made ready to be evaluated. Durations are ms. */
export interface CompiledRule {
  id: string
  rule: Rule
  signal: CompiledSignal
  limits: Readonly<Partial<Record<AlertLevel, Limit>>>
  /** The longest window it looks at. */
  windowMs: number
  forMs: number
  keepFiringForMs: number
  noData: { then: NoData, afterMs: number }
  flap: { transitions: number, windowMs: number } | null
}

const WINDOW = '1m'
const FLAP: Flap = { transitions: 6, window: '30m' }

/** Fills in what was left out: a window of 1m, fires at once, holds without data, flaps at 6 changes of level in 30m. */
export function completeRule (id: string, given: NewRule): Rule {
  const [aggregate] = aggregatesOf(given.signal)
  return {
    id,
    ...('ratio' in given.signal ? {} : { window: WINDOW }),
    ...(aggregate === undefined ? {} : { aggregate }),
    for: '0s',
    keep_firing_for: '0s',
    no_data: 'hold',
    labels: {},
    annotations: {},
    channels: [],
    enabled: true,
    draft: false,
    flap: FLAP,
    ...given
  }
}

/** Makes a rule ready; `watchedSince` is when it got its signal. Throws `invalid` with one fault for everything that is wrong with it. */
export function compileRule (rule: Rule, { intervalMs, watchedSince = 0 }: { intervalMs: number, watchedSince?: number }): CompiledRule {
  const faults = ruleFaults(rule, intervalMs)
  if (faults.length > 0) {
    const text = faults.length === 1 ? '1 thing is' : `${faults.length} things are`
    throw new AppError('invalid', `${text} wrong with the rule "${rule.name}"`, { faults })
  }
  const signal = compileSignal(rule)
  const windowMs = Math.max(...signal.needs.map((need) => need.windowMs))
  return {
    id: rule.id,
    rule,
    signal: { ...signal, remembers: signal.remembers || rule.no_data === 'alert', watchedSince: 'absent' in rule.signal ? watchedSince : 0 },
    limits: limitsOf(rule),
    windowMs,
    forMs: parseDuration(rule.for),
    keepFiringForMs: parseDuration(rule.keep_firing_for),
    noData: { then: rule.no_data, afterMs: rule.no_data_for === undefined ? windowMs : parseDuration(rule.no_data_for) },
    flap: rule.flap === null ? null : { transitions: rule.flap.transitions, windowMs: parseDuration(rule.flap.window) }
  }
}

/** Tells whether `value` lies over the limit. */
export function isOver (op: LimitOp, value: number, limit: number): boolean {
  switch (op) {
    case '>': return value > limit
    case '>=': return value >= limit
    case '<': return value < limit
    case '<=': return value <= limit
    default: return unreachable(op)
  }
}

function limitsOf ({ levels }: Rule): CompiledRule['limits'] {
  const limits: Partial<Record<AlertLevel, Limit>> = {}
  for (const name of ALERT_LEVELS) {
    const level = levels[name]
    if (level !== undefined) limits[name] = { op: level.op, value: level.value, recover: level.recover ?? level.value }
  }
  return limits
}
