import type { AlertLevel, LimitOp, NewRule, RuleChange, RuleView } from '../../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../../schemas/words.ts'
import type { ConfigChange } from '../../../schemas/settings.ts'
import { bodyOf } from './replay-words.ts'

/** A level as it is typed; an empty `recover` is none. */
export interface LevelDraft {
  op: LimitOp
  value: string
  recover: string
  channels: readonly string[] | undefined
}

/** A rule as somebody edits it. */
export interface Draft {
  name: string
  for: string
  channels: readonly string[]
  levels: Partial<Record<AlertLevel, LevelDraft>>
}

const DURATION = /^\d{1,6}[smhd]$/
/** Built-in rules whose limits are thresholds of /config. */
const THRESHOLDS: Readonly<Record<string, 'cpu_percent' | 'memory_percent' | 'latency_p95_ms'>> = {
  'builtin-cpu': 'cpu_percent', 'builtin-memory': 'memory_percent', 'builtin-latency-p95': 'latency_p95_ms'
}

/** What of a rule may be changed here: all of it, only its limits as thresholds and its channels, only its channels, or nothing. */
export type Reach = 'all' | 'thresholds' | 'channels' | 'nothing'

export function reachOf ({ id, origin }: Pick<RuleView, 'id' | 'origin'>): Reach {
  if (origin === 'file') return 'nothing'
  if (origin === 'api') return 'all'
  return THRESHOLDS[id] === undefined ? 'channels' : 'thresholds'
}

export function draftOf ({ name, for: held = '0s', channels = [], levels }: NewRule): Draft {
  const drafts = ALERT_LEVELS.flatMap((level): Array<[AlertLevel, LevelDraft]> => {
    const given = levels[level]
    return given === undefined ? [] : [[level, { op: given.op, value: String(given.value), recover: given.recover === undefined ? '' : String(given.recover), channels: given.channels }]]
  })
  return { name, for: held, channels, levels: Object.fromEntries(drafts) }
}

/** Everything that is wrong with a draft, by the field; the service judges the rest. */
export function draftFaults ({ name, for: held, levels }: Draft): Record<string, string> {
  const faults: Record<string, string> = {}
  if (name.trim() === '') faults['name'] = 'A rule has a name.'
  if (!DURATION.test(held)) faults['for'] = 'A time is like 30s, 5m or 2h.'
  if (Object.keys(levels).length === 0) faults['levels'] = 'A rule has a limit.'
  for (const level of ALERT_LEVELS) {
    const draft = levels[level]
    if (draft === undefined) continue
    const [value, recover] = [numberOf(draft.value), draft.recover.trim() === '' ? undefined : numberOf(draft.recover)]
    if (Number.isNaN(value)) faults[`${level}.value`] = 'A limit is a number.'
    else if (recover !== undefined && Number.isNaN(recover)) faults[`${level}.recover`] = 'It is a number, or empty.'
    else if (recover !== undefined && !isBehind(draft.op, recover, value)) faults[`${level}.recover`] = draft.op.startsWith('<') ? 'It is at or above the limit.' : 'It is at or below the limit.'
  }
  const { warning, critical } = levels
  if (warning !== undefined && critical !== undefined && warning.op === critical.op && !isBehind(critical.op, numberOf(warning.value), numberOf(critical.value))) {
    faults['warning.value'] ??= critical.op.startsWith('<') ? 'A warning comes before critical: it is above it.' : 'A warning comes before critical: it is below it.'
  }
  return faults
}

function isBehind (op: LimitOp, value: number, limit: number): boolean {
  return op.startsWith('<') ? value >= limit : value <= limit
}

function numberOf (text: string): number {
  return text.trim() === '' ? NaN : Number(text)
}

/** The rule that the draft of it says. */
export function draftRule<R extends NewRule> (rule: R, { name, for: held, channels, levels }: Draft): R {
  const made = ALERT_LEVELS.flatMap((level): Array<[AlertLevel, NonNullable<NewRule['levels'][AlertLevel]>]> => {
    const draft = levels[level]
    if (draft === undefined) return []
    const { op, value, recover, channels: own } = draft
    return [[level, { op, value: Number(value), ...recover.trim() === '' ? {} : { recover: Number(recover) }, ...own === undefined ? {} : { channels: [...own] } }]]
  })
  return { ...rule, name: name.trim(), for: held, channels: [...channels], levels: Object.fromEntries(made) }
}

export function isChanged (rule: NewRule, draft: Draft): boolean {
  return JSON.stringify(draftOf(rule)) !== JSON.stringify(draft)
}

/** What has to be sent to save a draft, in this order. */
export interface Save {
  method: 'PUT' | 'PATCH'
  path: string
  body: NewRule | RuleChange | ConfigChange
}

/** How a draft of a rule is saved: limits of a built-in one are thresholds. Empty where nothing differs or may be changed. */
export function savesOf (rule: RuleView, draft: Draft): Save[] {
  const reach = reachOf(rule)
  if (reach === 'nothing' || !isChanged(rule, draft)) return []
  const path = `/rules/${encodeURIComponent(rule.id)}`
  if (reach === 'all') {
    const { id, ...body } = draftRule(bodyOf(rule), draft)
    return [{ method: 'PUT', path, body }]
  }
  const channels: Save[] = JSON.stringify(rule.channels) === JSON.stringify(draft.channels) ? [] : [{ method: 'PATCH', path, body: { channels: [...draft.channels] } }]
  const name = THRESHOLDS[rule.id]
  const threshold = thresholdOf(rule, draft)
  return [...name === undefined || Object.keys(threshold).length === 0 ? [] : [{ method: 'PATCH' as const, path: '/config', body: { thresholds: { [name]: threshold } } }], ...channels]
}

/** What differs between the thresholds of a built-in rule and its draft. */
function thresholdOf (rule: RuleView, draft: Draft): Record<string, number | string> {
  const levels = ALERT_LEVELS.flatMap((level): Array<[string, number]> => {
    const value = Number(draft.levels[level]?.value)
    return rule.levels[level] === undefined || rule.levels[level].value === value ? [] : [[level, value]]
  })
  return { ...Object.fromEntries(levels), ...rule.for === draft.for ? {} : { for: draft.for } }
}

/** How far a step of the keyboard or the pointer moves a limit. */
export function stepOf (unit: string | null, value: number): number {
  if (unit === 'percent') return 1
  if (unit === 'ms') return 10
  if (unit === 'bytes' || unit === 'bytes_per_second') return 1_000_000
  const size = 10 ** Math.floor(Math.log10(Math.max(Math.abs(value), 1)))
  return Math.max(size / 10, unit === null ? 1 : 0.1)
}
