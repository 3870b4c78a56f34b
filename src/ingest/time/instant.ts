import { calendarMs, type Calendar } from './calendar.ts'
import { readForm } from './time-forms.ts'

/** A time as it was read: whole ms since the epoch, and whether the sender was more precise than that. */
export interface Instant {
  ms: number
  isFinerThanMs: boolean
}

const LONGEST = 100
const END = Date.UTC(2201, 0, 1)

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?))?)?$/
const ISO_BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(\d\d)?/
const EPOCH = /^0*(\d{1,20})(?:\.(\d+))?$/
/** 2026, 202601, 20260131, 202601311230: a date without marks as likely as a number. */
const BARE_DATE = /^(?:19|20|21)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-3]\d(?:[0-2]\d[0-5]\d)?)?)?$/

function instant (ms: number, rest: string): Instant | undefined {
  return ms >= 0 && ms < END ? { ms, isFinerThanMs: /[1-9]/.test(rest) } : undefined
}

function fromCalendar (calendar: Calendar | undefined): Instant | undefined {
  const ms = calendar === undefined ? undefined : calendarMs(calendar)
  return calendar === undefined || ms === undefined ? undefined : instant(ms, calendar.fraction.slice(3))
}

function fromIso (text: string): Instant | undefined {
  const found = ISO.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] = found
  return fromCalendar({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    fraction,
    zone
  })
}

/** How many digits the unit lies before (-) or behind (+) ms: seconds to 1e11 (the year 5138), then ms, µs, ns. */
function digitsToMs (value: number): number {
  if (value < 1e11) return 3
  if (value < 1e14) return 0
  return value < 1e17 ? -3 : -6
}

/** Works on the digits as written: multiplying a double of seconds by 1000 would lose a ms now and then. */
function fromEpochText (whole: string, fraction: string): Instant | undefined {
  const cut = whole.length + digitsToMs(Number(whole))
  const digits = whole + fraction
  return instant(Number(digits.slice(0, cut).padEnd(cut, '0')), digits.slice(cut))
}

function fromText (text: string, now: number | undefined): Instant | undefined {
  if (text.length > LONGEST) return undefined
  const epoch = EPOCH.exec(text)
  if (epoch === null) return fromIso(text) ?? fromIso(text.replace(ISO_BASIC, basicToExtended)) ?? fromCalendar(readForm(text, now))
  const [, whole = '', fraction = ''] = epoch
  return fraction === '' && BARE_DATE.test(text) ? undefined : fromEpochText(whole, fraction)
}

function basicToExtended (_all: string, year: string, month: string, day: string, hour: string, minute: string, second = '00'): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`
}

function fromNumber (value: number): Instant | undefined {
  if (value >= 1e11 && value < 1e14 && Number.isInteger(value)) return instant(value, '')
  // Where a double prints with an exponent.
  if (value >= 0 && value < 1e-6) return { ms: 0, isFinerThanMs: value > 0 }
  const [, whole, fraction = ''] = EPOCH.exec(String(value)) ?? []
  return whole === undefined ? undefined : fromEpochText(whole, fraction)
}

/** Reads a time like parseTime, and tells whether it was finer than what is returned. A date without a year is read when `now` is given. */
export function parseInstant (value: string | number, now?: number): Instant | undefined {
  return typeof value === 'number' ? fromNumber(value) : fromText(value, now)
}

/**
 * Reads a time into ms since the epoch, rounded down; `undefined` when it is none, or outside of the years 1970 to 2200.
 * Takes ISO 8601 and RFC 3339 (a blank for the T; without a zone UTC; a date alone), the forms of logs and mail in time-forms.ts, and
 * an epoch number or its text in seconds, ms, µs or ns, told apart by magnitude. Refuses what can be read in two ways, like 01/02/2026
 * or the text "20260131".
 */
export function parseTime (value: string | number): number | undefined {
  return parseInstant(value)?.ms
}
