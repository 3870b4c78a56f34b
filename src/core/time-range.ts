import type { Part } from '../../schemas/common.ts'
import { isoTime } from './clock.ts'
import { AppError } from './errors.ts'

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
/** No event has a time outside of these, and a range beyond them is one up to them. */
const FIRST = 0
const LAST = Date.UTC(2201, 0, 1)
const RELATIVE = /^-(\d{1,9})([smhdw])$/

/**
 * Reads a time of a query string: ISO 8601, epoch ms, `now`, or `-15m`, `-2h`, `-7d`. Returns ms since the epoch,
 * within the years 1970 to 2200.
 * Throws `invalid` naming the parameter.
 */
export function parseTimeParam (name: string, text: string, now: number): number {
  const ms = readTime(text, now)
  if (Number.isFinite(ms)) return Math.min(Math.max(ms, FIRST), LAST)
  const message = `"${text}" is no time: use ISO 8601 like 2026-01-31T12:00:00Z, now, or -15m, -2h, -7d`
  throw new AppError('invalid', `${name}: ${message}`, { faults: [{ path: name, message }] })
}

function readTime (text: string, now: number): number {
  if (text === 'now') return now
  const relative = RELATIVE.exec(text)
  if (relative !== null) return now - Number(relative[1]) * (UNITS[relative[2] ?? ''] ?? 0)
  return /^\d{12,15}$/.test(text) ? Number(text) : readIso(text)
}

/** A time without a zone is UTC; an encoded plus of an offset may arrive as a blank. */
function readIso (text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+ -]\d{2}:?\d{2})?)?$/i.exec(text)
  if (match === null) return NaN
  const [, day = '', time = '00:00', zone = 'Z'] = match
  // Date.parse takes 30 February for 2 March.
  const midnight = Date.parse(`${day}T00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return NaN
  return Date.parse(`${day}T${time}${zone.replace(' ', '+').toUpperCase()}`)
}

/** Tells what was counted of a range, of which both ends in ms were included; nothing when that was all. */
export function partOf (counted: { from: number, to: number } | undefined): { partial?: Part } {
  return counted === undefined ? {} : { partial: { from: isoTime(counted.from), to: isoTime(counted.to + 1) } }
}
