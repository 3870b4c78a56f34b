import type { AlertFile } from '../../../schemas/alert.ts'
import type { Event } from '../../../schemas/event.ts'
import type { ReplayAnswer } from '../../../schemas/replay.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import type { SeriesData } from '../../../schemas/sample.ts'
import { parseDuration } from '../../../src/core/duration.ts'
import { bodyOf } from './replay-words.ts'

/** What a test covers: from a window before the limit was crossed until the alert was over. Times are ms since the epoch. */
export interface TestSpan {
  from: number
  to: number
}

/** What was measured in the span: numbers of a series, or the events that match. */
export type Measured = { series: ReadonlyArray<Pick<SeriesData, 'name' | 'labels' | 'points' | 'step_ms'>> } | { events: ReadonlyArray<Pick<Event, 'received_at' | 'level' | 'service' | 'type' | 'host' | 'message' | 'meta'>> }

const MINUTE_MS = 60_000
/** A test is no longer than this; an alert that goes on is cut. */
const MOST_MS = 1_800_000
const SECOND_MS = 1_000
/** As much as a test may hold. */
const MESSAGE_READ = 4_000

/** Whether a rule can be tested with what is stored: a ratio over hours cannot. */
export function isTestable ({ signal }: Pick<RuleView, 'signal'>): boolean {
  return !('ratio' in signal)
}

/** The span of the test of an alert; undefined for one that never fired. It begins at a full minute, where evaluations lie too. */
export function spanOf ({ started_at: startedAt, fired_at: firedAt, ended_at: endedAt }: AlertFile, rule: RuleView, now: number): TestSpan | undefined {
  if (firedAt === null) return undefined
  const leadMs = parseDuration(rule.window ?? '1m') + MINUTE_MS
  const from = Math.floor((Date.parse(startedAt) - leadMs) / MINUTE_MS) * MINUTE_MS
  const end = endedAt === null ? now : Date.parse(endedAt)
  return { from, to: Math.min(end, Math.max(from + MOST_MS, Date.parse(firedAt) + MINUTE_MS)) }
}

interface Given {
  file: AlertFile
  rule: RuleView
  span: TestSpan
  measured: Measured
  /** What the rule, as it is, does in that span. */
  firings: ReplayAnswer['firings']
}

/** Text for `bellwether rules test`: the rule, unless it stands in the configuration file already, and what it did, as its test. */
export function ruleTestText ({ file, rule, span, measured, firings }: Given): string {
  const id = rule.origin === 'file' ? rule.id : slug(rule.name)
  const { id: _, ...body } = bodyOf(rule)
  const rules = rule.origin === 'file' ? [] : ['rules:', ...block({ id, ...body }), '']
  const given = 'series' in measured ? { series: measured.series.map((one) => seriesOf(one, span)) } : { events: eventsOf(measured.events, rule, span) }
  const test = { name: `${rule.name}, ${file.fired_at ?? file.started_at}`, rule: id, lasts: offset(span.to, span), ...given, expect: firings.filter(({ labels }) => isOfGroup(labels, file.labels)).map((firing) => expected(firing, span)) }
  return [...rules, 'tests:', ...block(test), ''].join('\n')
}

function isOfGroup (group: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(group).every(([name, value]) => labels[name] === value)
}

function expected ({ from, to, level, labels }: ReplayAnswer['firings'][number], span: TestSpan): Record<string, unknown> {
  return {
    from: offset(Date.parse(from), span),
    ...to === null ? {} : { to: offset(Date.parse(to), span) },
    level,
    ...Object.keys(labels).length === 0 ? {} : { labels }
  }
}

/** Each number in the slot in which an evaluation first sees it; what is missing is `_`. */
function seriesOf ({ name, labels, points, step_ms: stepMs }: Extract<Measured, { series: unknown }>['series'][number], span: TestSpan): Record<string, unknown> {
  const times = points.map(({ t }) => Date.parse(t))
  const apart = times.slice(1).map((time, at) => time - (times[at] ?? 0)).toSorted((a, b) => a - b)
  const usual = apart[Math.floor(apart.length / 2)] ?? stepMs
  const everyMs = Math.max(Math.round(usual / SECOND_MS), 1) * SECOND_MS
  const slots = new Array<number[]>(Math.ceil((span.to - span.from) / everyMs) + 1).fill([])
  for (const { t, avg } of points) {
    const at = Math.ceil((Date.parse(t) + Math.min(stepMs, everyMs) / 2 - span.from) / everyMs)
    if (at >= 0 && at < slots.length) slots[at] = [...slots[at] ?? [], avg]
  }
  const values = slots.map((found) => found.length === 0 ? '_' : numberText(found.reduce((sum, value) => sum + value, 0) / found.length))
  return { name, ...Object.keys(labels).length === 0 ? {} : { labels }, values: runs(values).join(' '), every: `${everyMs / SECOND_MS}s` }
}

function numberText (value: number): string {
  const text = String(Number(value.toPrecision(8)))
  return /e/i.test(text) ? value.toFixed(12).replace(/\.?0+$/, '') : text
}

/** `5 5 5` as `5x3`. */
function runs (values: readonly string[]): string[] {
  const found: Array<{ value: string, count: number }> = []
  for (const value of values) {
    const last = found.at(-1)
    if (last?.value === value) last.count++
    else found.push({ value, count: 1 })
  }
  return found.map(({ value, count }) => count === 1 ? value : `${value}x${count}`)
}

/** Events of one second and one group are one entry: its first event stands for all, since all of them match. */
function eventsOf (events: Extract<Measured, { events: unknown }>['events'], rule: RuleView, span: TestSpan): Array<Record<string, unknown>> {
  const shown = events.map(({ received_at: receivedAt, level, service, type, host, message, meta }) => ({
    at: offset(Math.floor(Date.parse(receivedAt) / SECOND_MS) * SECOND_MS, span),
    fields: { message: message.slice(0, MESSAGE_READ), level, ...named({ service, type, host }), ...Object.keys(meta).length === 0 ? {} : { meta } }
  })).filter(({ at }) => !at.startsWith('-'))
  const groups = Map.groupBy(shown, ({ at, fields }) => `${at} ${(rule.group_by ?? []).map((name) => JSON.stringify(fieldOf(fields, name))).join()}`)
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : [{ at: first.at, ...members.length === 1 ? {} : { count: members.length }, ...first.fields }]
  })
}

function named (fields: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== null))
}

function fieldOf (fields: Record<string, unknown>, name: string): unknown {
  const [, inner] = /^meta\.(.+)$/.exec(name) ?? []
  const { meta } = fields
  if (inner === undefined) return fields[name]
  return typeof meta === 'object' && meta !== null ? Object.entries(meta).find(([key]) => key === inner)?.[1] : undefined
}

function offset (time: number, { from }: TestSpan): string {
  return `${Math.round((time - from) / SECOND_MS)}s`
}

/** An id as the configuration file takes it. */
function slug (name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 100) || 'rule'
}

/** One member of a list in YAML: JSON for the values, which is YAML too, and a line for each item of a list. */
function block (entry: Record<string, unknown>): string[] {
  return Object.entries(entry).flatMap(([name, value], at) => {
    const head = `${at === 0 ? '  - ' : '    '}${name}:`
    const isList = Array.isArray(value) && value.some((item) => typeof item === 'object')
    return isList ? [head, ...value.map((item) => `      - ${JSON.stringify(item)}`)] : [`${head} ${JSON.stringify(value)}`]
  })
}
