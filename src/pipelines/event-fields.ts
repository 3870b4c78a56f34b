import { EVENT_LIMITS, type Level, type NewEvent } from '../../schemas/event.ts'
import { isRecord } from '../core/is-record.ts'
import { parseLevel } from '../core/levels.ts'
import { isLongerThan, textFault } from '../core/faults.ts'
import { severityOfLevel } from '../detect/severity.ts'
import { parseJson } from '../ingest/json/read-json.ts'
import type { Fields } from '../pipeline/batch.ts'

/** What of an event processors see as fields, beside its message. */
const OWN = ['level', 'service', 'type', 'host', 'trace_id'] as const
type Own = typeof OWN[number]

/** Fields of an event for processors: level, service, type, host and trace_id, and what is in its meta. Numbers stay exact. */
export function fieldsOfEvent ({ level, service, type, host, traceId, meta }: NewEvent): Fields {
  const known = meta === null ? {} : parseJson(meta)
  const own = Object.entries({ service, type, host, trace_id: traceId }).filter(([, value]) => value !== null)
  return { ...isRecord(known) ? known : {}, level, ...Object.fromEntries(own) }
}

/** The event with what processors made of it, or why it cannot be one. */
export function eventOfFields<T extends NewEvent> (event: T, message: string, fields: Fields): T | { fault: string } {
  if (message === '') return { fault: 'the message is empty' }
  const unfit = textFault(message)
  if (unfit !== undefined) return { fault: unfit }
  if (isLongerThan(message, EVENT_LIMITS.messageBytes)) return { fault: `the message takes more than ${EVENT_LIMITS.messageBytes} bytes` }
  const level = levelOf(fields['level']) ?? event.level
  const meta = metaText(fields, event)
  if (isLongerThan(meta ?? '', EVENT_LIMITS.metaBytes)) return { fault: `meta takes more than ${EVENT_LIMITS.metaBytes} bytes` }
  return {
    ...event,
    message,
    level,
    severity: level === event.level ? event.severity : severityOfLevel(level),
    service: textOf(fields, 'service', event.service),
    type: textOf(fields, 'type', event.type),
    host: textOf(fields, 'host', event.host),
    traceId: textOf(fields, 'trace_id', event.traceId),
    meta
  }
}

function levelOf (value: unknown): Level | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseLevel(value) : undefined
}

function textOf (fields: Fields, name: Own, before: string | null): string | null {
  const value = fields[name]
  return typeof value === 'string' && value !== '' && value.length <= EVENT_LIMITS.nameLength && textFault(value) === undefined ? value : before
}

/** What is no part of the event by itself; a `type` in meta is that of the event, which always has it there too. */
function metaText (fields: Fields, { meta }: NewEvent): string | null {
  const hadType = meta !== null && /"type":/.test(meta)
  const rest = Object.entries(fields).filter(([name]) => !OWN.some((own) => own === name) || (name === 'type' && hadType))
  return rest.length === 0 ? null : JSON.stringify(Object.fromEntries(rest))
}
