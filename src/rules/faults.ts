import { RULE_LIMITS, type AlertLevel, type LimitOp, type Rule } from '../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { parseField } from '../query/field.ts'
import { parseQuery } from '../query/parse.ts'
import { parseDuration } from '../core/duration.ts'
import { aggregatesOf, isCount } from './signals.ts'

const LONGEST_MS = parseDuration(RULE_LIMITS.longest)

/** Lists everything that the schema of a rule cannot see. `intervalMs` is how often rules are evaluated. */
export function ruleFaults (rule: Rule, intervalMs: number): Fault[] {
  return [
    ...queryFaults(rule),
    ...levelFaults(rule),
    ...pairFaults(rule),
    ...windowFaults(rule, intervalMs),
    ...timeFaults(rule),
    ...againFaults(rule, intervalMs),
    ...aggregateFaults(rule),
    ...groupFaults(rule),
    ...noDataFaults(rule),
    ...dependencyFaults(rule)
  ]
}

function queryFaults ({ signal }: Rule): Fault[] {
  if ('events' in signal) return faultsOfQuery('/signal/events', signal.events)
  if ('absent' in signal) return faultsOfQuery('/signal/absent', signal.absent)
  if ('metric' in signal) return []
  return [...faultsOfQuery('/signal/ratio/good', signal.ratio.good), ...faultsOfQuery('/signal/ratio/total', signal.ratio.total)]
}

function faultsOfQuery (path: string, text: string): Fault[] {
  return faultsOf(path, () => parseQuery(text))
}

/** The faults that reading something throws, said of the place in the rule where it stands. */
function faultsOf (path: string, read: () => unknown): Fault[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.faults.map(({ message }) => ({ path, message }))
  }
}

function levelFaults (rule: Rule): Fault[] {
  const named = ALERT_LEVELS.filter((name) => rule.levels[name] !== undefined)
  if (named.length === 0) return [{ path: '/levels', message: `at least one of ${ALERT_LEVELS.join(' and ')} is needed` }]
  return named.flatMap((name) => [...recoverFaults(rule, name), ...reachFaults(rule, name)])
}

function recoverFaults ({ levels }: Rule, name: AlertLevel): Fault[] {
  const { op = '>', value = 0, recover = value } = levels[name] ?? {}
  if (!isFurther(op, recover, value)) return []
  const bound = isUpward(op) ? 'at most' : 'at least'
  return [{ path: `/levels/${name}/recover`, message: `must be ${bound} the value ${value}, so that it lies on the good side of it, got ${recover}` }]
}

/** Numbers of events and burn rates have a range; a limit outside of it fires never, or always. */
function reachFaults (rule: Rule, name: AlertLevel): Fault[] {
  const { op = '>', value = 0 } = rule.levels[name] ?? {}
  const { signal } = rule
  if ('metric' in signal) return []
  const fault = (message: string): Fault[] => [{ path: `/levels/${name}`, message }]
  if ((op === '<' && value <= 0) || (op === '<=' && value < 0)) return fault(`is never crossed: the value is never below 0, got ${op} ${value}`)
  if ((op === '>=' && value <= 0) || (op === '>' && value < 0)) return fault(`is always crossed: the value is never below 0, got ${op} ${value}`)
  if ('absent' in signal && isUpward(op)) return fault(`an absence is a number of events that is too low: use < or <=, got ${op}`)
  return 'ratio' in signal ? burnFaults(signal.objective, op, value).flatMap(fault) : []
}

function burnFaults (objective: number, op: LimitOp, value: number): string[] {
  const most = 1 / (1 - objective)
  if (!isUpward(op)) return [`a burn rate is bad when it is high: use > or >=, got ${op}`]
  const isReached = op === '>' ? value < most : value <= most
  return isReached ? [] : [`is never crossed: with the objective ${objective} the burn rate is at most ${most.toPrecision(6)}, got ${value}`]
}

function pairFaults ({ levels: { warning, critical } }: Rule): Fault[] {
  if (warning === undefined || critical === undefined) return []
  if (isUpward(warning.op) !== isUpward(critical.op)) {
    return [{ path: '/levels/critical/op', message: `must point the same way as that of warning, which is ${warning.op}, got ${critical.op}` }]
  }
  if (!isFurther(critical.op, warning.value, critical.value)) return []
  return [{ path: '/levels/warning/value', message: `must not lie beyond critical, which is ${critical.value}, got ${warning.value}` }]
}

function windowFaults (rule: Rule, intervalMs: number): Fault[] {
  const { signal, window } = rule
  if (!('ratio' in signal)) return window === undefined ? [] : windowFault('/window', window, intervalMs)
  const [long = '', short = ''] = signal.windows
  return [
    ...(window === undefined ? [] : [{ path: '/window', message: 'a ratio has its own windows in /signal/windows: leave it out' }]),
    ...windowFault('/signal/windows/0', long, intervalMs),
    ...windowFault('/signal/windows/1', short, intervalMs),
    ...(parseDuration(long) > parseDuration(short) ? [] : [{ path: '/signal/windows', message: `the long window comes first, got ${long} and ${short}` }])
  ]
}

function windowFault (path: string, window: string, intervalMs: number): Fault[] {
  if (parseDuration(window) >= intervalMs) return longFault(path, window)
  return [{ path, message: `must be at least ${intervalMs / 1_000}s, which is how often rules are evaluated, got ${window}` }]
}

function timeFaults (rule: Rule): Fault[] {
  return [
    ...longFault('/for', rule.for),
    ...longFault('/keep_firing_for', rule.keep_firing_for),
    ...longFault('/no_data_for', rule.no_data_for ?? '0s'),
    ...longFault('/flap/window', rule.flap?.window ?? '0s')
  ]
}

/** Nobody is told again more often than rules are evaluated. */
function againFaults ({ renotify, escalate }: Rule, intervalMs: number): Fault[] {
  return [
    ...(renotify === undefined ? [] : windowFault('/renotify', renotify, Math.max(intervalMs, 1_000))),
    ...(escalate === undefined ? [] : longFault('/escalate/after', escalate.after))
  ]
}

function longFault (path: string, text: string): Fault[] {
  return parseDuration(text) <= LONGEST_MS ? [] : [{ path, message: `must be at most ${RULE_LIMITS.longest}, got ${text}` }]
}

function aggregateFaults ({ signal, aggregate }: Rule): Fault[] {
  const known = aggregatesOf(signal)
  if (aggregate === undefined || known.some((name) => name === aggregate)) return []
  const message = known.length === 0 ? 'this signal has none: leave it out' : `must be one of ${known.join(', ')} for this signal`
  return [{ path: '/aggregate', message: `${message}, got ${aggregate}` }]
}

function groupFaults ({ signal, labels, group_by: groups = [] }: Rule): Fault[] {
  const isSeries = 'metric' in signal
  return groups.flatMap((name, index) => [
    ...(isSeries ? labelFaults(`/group_by/${index}`, name) : fieldFaults(`/group_by/${index}`, name)),
    ...(Object.hasOwn(labels, name) ? [{ path: `/labels/${name}`, message: 'is set by group_by already' }] : [])
  ])
}

function labelFaults (path: string, name: string): Fault[] {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [] : [{ path, message: `must be the name of a label, letters, digits and _, got ${JSON.stringify(name)}` }]
}

/** A message or a score is no group: there are as many as events. */
function fieldFaults (path: string, name: string): Fault[] {
  const isField = faultsOf(path, () => parseField(name, name, 1)).length === 0
  if (isField && name !== 'message' && name !== 'anomaly') return []
  return [{ path, message: `must be service, host, type, level, severity, trace_id, pattern or meta.x, got ${JSON.stringify(name)}` }]
}

function noDataFaults ({ signal, no_data: then }: Rule): Fault[] {
  if (!isCount(signal) || then !== 'alert') return []
  return [{ path: '/no_data', message: 'a number of events is never without data, it is 0: use the signal absent, or a limit with <' }]
}

function dependencyFaults ({ id, depends_on: ids = [] }: Rule): Fault[] {
  const index = ids.indexOf(id)
  return index < 0 ? [] : [{ path: `/depends_on/${index}`, message: 'a rule cannot depend on itself' }]
}

function isUpward (op: LimitOp): boolean {
  return op === '>' || op === '>='
}

/** Tells whether `value` lies further in the bad direction than `than`. */
function isFurther (op: LimitOp, value: number, than: number): boolean {
  return isUpward(op) ? value > than : value < than
}
