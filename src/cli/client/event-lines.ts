import { isRecord } from '../../core/is-record.ts'

/** An event as the service answers it. */
export type AnyEvent = Record<string, unknown>

export const FIELDS = ['time', 'level', 'service', 'message'] as const
/** What a column is wide at least, and at most before it is pushed aside. */
const WIDTHS: Readonly<Record<string, number>> = { time: 24, received_at: 24, level: 5, severity: 8, service: 8 }
const WIDEST = 24
const RESET = '\u001b[0m'
const COLOURS: Readonly<Record<string, string>> = {
  TRACE: '\u001b[2m', DEBUG: '\u001b[2m', INFO: '\u001b[32m', WARN: '\u001b[33m', ERROR: '\u001b[31m', FATAL: '\u001b[1;97;41m'
}
/** What moves the cursor, ends a line, or turns the direction of what follows. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Lays out events as lines of text with aligned columns, which only ever get wider. */
export class EventLines {
  readonly #fields: readonly string[]
  readonly #isColoured: boolean
  readonly #widths: number[]

  constructor (fields: readonly string[], isColoured: boolean) {
    this.#fields = fields
    this.#isColoured = isColoured
    this.#widths = fields.map((field) => WIDTHS[field] ?? 0)
  }

  textOf (events: readonly AnyEvent[]): string {
    const rows = events.map((event) => this.#fields.map((field) => cellOf(event, field)))
    for (const row of rows) this.#widen(row)
    return rows.map((row) => `${this.#lineOf(row)}\n`).join('')
  }

  #widen (row: readonly string[]): void {
    for (const [at, cell] of row.entries()) this.#widths[at] = Math.max(this.#widths[at] ?? 0, Math.min(WIDEST, cell.length))
  }

  #lineOf (row: readonly string[]): string {
    return row.map((cell, at) => {
      const padded = at === row.length - 1 ? cell : cell.padEnd(this.#widths[at] ?? 0)
      const colour = this.#isColoured && this.#fields[at] === 'level' ? COLOURS[cell] : undefined
      return colour === undefined ? padded : `${colour}${padded}${RESET}`
    }).join('  ').trimEnd()
  }
}

/** Writes events as JSON lines, whole or only these fields. */
export function jsonLines (events: readonly AnyEvent[], fields: readonly string[] | undefined): string {
  const shown = fields === undefined ? events : events.map((event) => Object.fromEntries(fields.map((field) => [field, valueOf(event, field) ?? null])))
  return shown.map((event) => `${JSON.stringify(event)}\n`).join('')
}

/** Shows a text in one line, and so that it cannot act on a terminal. */
export function printable (text: string): string {
  return text.replace(UNPRINTABLE, (letter) => NAMED[letter] ?? `\\u{${letter.charCodeAt(0).toString(16)}}`)
}

function cellOf (event: AnyEvent, field: string): string {
  const value = valueOf(event, field)
  if (value === undefined || value === null) return '-'
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** Finds `meta.a.b`, also where a name in meta holds dots itself. */
function valueOf (event: AnyEvent, field: string): unknown {
  if (Object.hasOwn(event, field)) return event[field]
  let dot = -1
  while ((dot = field.indexOf('.', dot + 1)) !== -1) {
    const inner = Object.hasOwn(event, field.slice(0, dot)) ? event[field.slice(0, dot)] : undefined
    const found = isRecord(inner) ? valueOf(inner, field.slice(dot + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
