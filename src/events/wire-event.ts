import type { Event, EventFields } from '../../schemas/event.ts'
import { isoTime } from '../core/clock.ts'
import { isRecord } from '../core/is-record.ts'
import { parseJson } from '../ingest/json/read-json.ts'

/** An event with its row id and what detection said of it. */
export interface IdentifiedEvent extends EventFields {
  id: number
  /** ms since the epoch. */
  receivedAt: number
  patternId: string | null
  anomaly: number | null
}

const FLAGGED_AT = 1

/** Shapes an event as it is answered: the sender's id where one was given, times in ISO 8601. */
export function wireEvent (event: IdentifiedEvent): Event {
  const { anomaly } = event
  return {
    id: event.clientId ?? String(event.id),
    time: isoTime(event.time),
    received_at: isoTime(event.receivedAt),
    level: event.level,
    severity: event.severity,
    service: event.service,
    type: event.type,
    host: event.host,
    trace_id: event.traceId,
    message: event.message,
    meta: parseMeta(event.meta),
    pattern_id: event.patternId,
    anomaly: { score: anomaly ?? 0, flagged: anomaly !== null && anomaly >= FLAGGED_AT, reasons: [] }
  }
}

function parseMeta (text: string | null): Record<string, unknown> {
  const meta = text === null ? null : parseJson(text)
  return isRecord(meta) ? meta : {}
}
