/** A time as it was read: whole ms since the epoch, and whether the sender was more precise than that. */
export interface Instant {
  ms: number
  isFinerThanMs: boolean
}

interface Fields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  fraction: string
  zone: string
}

const LONGEST = 64
const END = Date.UTC(2201, 0, 1)
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?([Zz]|[+-]\d\d(?::?\d\d)?))?)?$/
const ISO_BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(\d\d)?/
const RFC_2822 = /^(?:(?:mon|tue|wed|thu|fri|sat|sun), )?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? (gmt|utc|ut|z|[+-]\d{4})$/i
const EPOCH = /^0*(\d{1,20})(?:\.(\d+))?$/
/** 2026, 202601, 20260131, 202601311230: a date without marks as likely as a number. */
const BARE_DATE = /^(?:19|20|21)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-3]\d(?:[0-2]\d[0-5]\d)?)?)?$/

function instant (ms: number, rest: string): Instant | undefined {
  return ms >= 0 && ms < END ? { ms, isFinerThanMs: /[1-9]/.test(rest) } : undefined
}

function zoneMinutes (zone: string): number | undefined {
  if (!/^[+-]/.test(zone)) return 0
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2))
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function isCalendarDay (year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** A leap second (:60) is read as the second after it. */
function fromFields (fields: Fields): Instant | undefined {
  const { year, month, day, hour, minute, second, fraction, zone } = fields
  if (year < 1969 || !isCalendarDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined
  const offset = zoneMinutes(zone)
  if (offset === undefined) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second, Number(fraction.slice(0, 3).padEnd(3, '0')))
  return instant(ms, fraction.slice(3))
}

function fromIso (text: string): Instant | undefined {
  const found = ISO.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] = found
  return fromFields({
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

function fromRfc2822 (text: string): Instant | undefined {
  const found = RFC_2822.exec(text)
  if (found === null) return undefined
  const [, day, month = '', year, hour, minute, second = 0, zone = 'Z'] = found
  return fromFields({
    year: Number(year),
    month: MONTHS.indexOf(month.toLowerCase()) + 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    fraction: '',
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

function fromText (text: string): Instant | undefined {
  if (text.length > LONGEST) return undefined
  const epoch = EPOCH.exec(text)
  if (epoch === null) return fromIso(text) ?? fromIso(text.replace(ISO_BASIC, basicToExtended)) ?? fromRfc2822(text)
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

/** Reads a time like parseTime, and tells whether it was finer than what is returned. */
export function parseInstant (value: string | number): Instant | undefined {
  return typeof value === 'number' ? fromNumber(value) : fromText(value)
}

/**
 * Reads a time into ms since the epoch, rounded down; `undefined` when it is none, or outside of the years 1970 to 2200.
 * Takes ISO 8601 and RFC 3339 (a blank for the T; without a zone UTC; a date alone), RFC 2822 with a zone, and an epoch number or
 * its text in seconds, ms, µs or ns, told apart by magnitude. Refuses what can be read in two ways, like 01/02/2026 or the text "20260131".
 */
export function parseTime (value: string | number): number | undefined {
  return parseInstant(value)?.ms
}
