import { EVENT_LIMITS, type Level, type NewEvent } from '../../schemas/event.ts'
import { isRecord } from '../core/is-record.ts'
import { parseLevel } from '../core/levels.ts'
import { isLongerThan, textFault } from '../core/faults.ts'
import { severityOfLevel } from '../detect/severity.ts'
import { parseJson } from '../ingest/json/read-json.ts'
import type { Fields } from '../pipeline/batch.ts'

/** What of an event processors see as fields, beside its message and what is in its meta. */
const OWN: ReadonlySet<string> = new Set(['level', 'service', 'type', 'host', 'trace_id'])

/** An event as processors see it. */
export interface SeenEvent {
  /** Level, service, type, host and trace_id, which hide members of meta with such a name, and the members of meta. Numbers stay exact. */
  fields: Fields
  meta: Fields
}

export function seenEvent ({ level, service, type, host, traceId, meta: text }: NewEvent): SeenEvent {
  const read = text === null ? {} : parseJson(text)
  const meta = isRecord(read) ? read : {}
  const own = Object.entries({ service, type, host, trace_id: traceId }).filter(([, value]) => value !== null)
  return { meta, fields: { ...meta, level, ...Object.fromEntries(own) } }
}

/** The event with what processors changed of it, or why it cannot be one. What they left alone stays to the letter. */
export function changedEvent<T extends NewEvent> (event: T, seen: SeenEvent, message: string, fields: Fields): T | { fault: string } {
  if (message === '') return { fault: 'the message is empty' }
  const unfit = textFault(message)
  if (unfit !== undefined) return { fault: unfit }
  if (isLongerThan(message, EVENT_LIMITS.messageBytes)) return { fault: `the message takes more than ${EVENT_LIMITS.messageBytes} bytes` }
  const changed = Object.keys({ ...seen.fields, ...fields }).filter((name) => fields[name] !== seen.fields[name])
  if (changed.length === 0) return { ...event, message }
  const meta = metaText(event, seen, changed, fields)
  if (isLongerThan(meta ?? '', EVENT_LIMITS.metaBytes)) return { fault: `meta takes more than ${EVENT_LIMITS.metaBytes} bytes` }
  const text = (name: string, before: string | null): string | null => changed.includes(name) ? nameOf(fields[name]) ?? before : before
  const level = (changed.includes('level') ? levelOf(fields['level']) : undefined) ?? event.level
  return {
    ...event,
    message,
    level,
    severity: level === event.level ? event.severity : severityOfLevel(level),
    service: text('service', event.service),
    type: text('type', event.type),
    host: text('host', event.host),
    traceId: text('trace_id', event.traceId),
    meta
  }
}

function levelOf (value: unknown): Level | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseLevel(value) : undefined
}

function nameOf (value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= EVENT_LIMITS.nameLength && textFault(value) === undefined ? value : undefined
}

/** A member of meta that says the same as the event goes with it: a `type` stands in both. */
function metaText ({ meta }: NewEvent, seen: SeenEvent, changed: readonly string[], fields: Fields): string | null {
  const inMeta = changed.filter((name) => !OWN.has(name) || (name in seen.meta && seen.meta[name] === seen.fields[name]))
  if (inMeta.length === 0) return meta
  const members = { ...seen.meta, ...Object.fromEntries(inMeta.map((name) => [name, fields[name]])) }
  return Object.values(members).every((value) => value === undefined) ? null : JSON.stringify(members)
}
