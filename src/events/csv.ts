import type { Event } from '../../schemas/event.ts'

const COLUMNS = ['id', 'time', 'received_at', 'level', 'severity', 'service', 'type', 'host', 'trace_id', 'message', 'pattern_id', 'meta'] as const
/** A spreadsheet would take a cell that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/

export function csvHead (): string {
  return `${COLUMNS.join(',')}\r\n`
}

/** Writes an event as a row of RFC 4180; text that a spreadsheet would run is led by an apostrophe. */
export function csvRow (event: Event): string {
  return `${COLUMNS.map((name) => cell(name === 'meta' ? JSON.stringify(event.meta) : event[name] ?? '')).join(',')}\r\n`
}

function cell (text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
