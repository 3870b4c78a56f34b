import type { Event } from '../../../schemas/event.ts'
import { termOf } from './query-text.ts'

/** A field of an event as it is shown. */
export interface Field {
  name: string
  text: string
  /** Asks for events that have the same; undefined where no query can. */
  term: string | undefined
}

const LONGEST_TERM = 500
const CUT_AT = 4_096
const MOST_JSON = 262_144

/** Fields in the order in which they are told, those of `meta` by their paths; what an event does not have is left out. */
export function fieldsOf (event: Event): Field[] {
  const { pattern_id: pattern, anomaly, severity } = event
  const own: Field[] = [
    { name: 'id', text: event.id, term: undefined },
    { name: 'time', text: event.time, term: undefined },
    { name: 'received_at', text: event.received_at, term: undefined },
    field('level', event.level.toLowerCase()),
    field('severity', severity.toLowerCase()),
    ...(['service', 'type', 'host', 'trace_id'] as const).flatMap((name) => event[name] === null ? [] : [field(name, event[name])])
  ]
  if (pattern !== null) own.push({ name: 'pattern_id', text: pattern, term: termOf('pattern', pattern) })
  if (anomaly.flagged || anomaly.score > 0) own.push({ name: 'anomaly', text: [`score ${anomaly.score}`, ...anomaly.reasons].join(', '), term: anomaly.flagged ? 'anomaly:true' : undefined })
  return [...own, ...leavesOf(event.meta, 'meta')]
}

function field (name: string, text: string): Field {
  return { name, text, term: text.length > LONGEST_TERM ? undefined : termOf(name, text) }
}

/** A list is one value, which no query can ask for. */
function leavesOf (value: object, path: string): Field[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): Field[] => {
    const name = `${path}.${key}`
    if (typeof inner === 'string' || typeof inner === 'number' || typeof inner === 'boolean') return [field(name, String(inner))]
    if (inner === null || Array.isArray(inner) || typeof inner !== 'object' || Object.keys(inner).length === 0) return [{ name, text: JSON.stringify(inner), term: undefined }]
    return leavesOf(inner, name)
  })
}

/** What a column shows of an event. */
export function fieldText (event: Event, name: string): string {
  return fieldsOf(event).find((one) => one.name === name)?.text ?? ''
}

const NO_COLUMN = new Set(['id', 'time', 'received_at', 'level', 'severity', 'service'])

/** Fields that may be worth a column, the commonest first. */
export function fieldNames (events: readonly Event[]): string[] {
  const counts = new Map<string, number>()
  for (const event of events) {
    for (const { name } of fieldsOf(event)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].filter(([name]) => !NO_COLUMN.has(name)).sort(([a, one], [b, other]) => other - one || a.localeCompare(b)).map(([name]) => name)
}

/** A text as far as it is shown at first, and its size in bytes when that is not all. */
export function cutText (text: string): { shown: string, bytes: number | undefined } {
  if (text.length <= CUT_AT) return { shown: text, bytes: undefined }
  const end = text.charCodeAt(CUT_AT - 1)
  const isHalf = end >= 0xd800 && end < 0xdc00
  return { shown: text.slice(0, isHalf ? CUT_AT - 1 : CUT_AT), bytes: new TextEncoder().encode(text).length }
}

/** A text that is a JSON object or list, on lines of their own; undefined for any other, and for one that is too long to be worth it. */
export function prettyJson (text: string): string | undefined {
  if (!/^\s*[{[]/.test(text) || text.length > MOST_JSON) return undefined
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return undefined
  }
}
