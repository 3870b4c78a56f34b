import type { Event } from '../../schemas/event.ts'
import { csvLine } from '../core/text/csv.ts'

const COLUMNS = ['id', 'time', 'received_at', 'level', 'severity', 'service', 'type', 'host', 'trace_id', 'message', 'pattern_id', 'meta'] as const

export function csvHead (): string {
  return csvLine(COLUMNS)
}

export function csvRow (event: Event): string {
  return csvLine(COLUMNS.map((name) => name === 'meta' ? JSON.stringify(event.meta) : event[name]))
}
