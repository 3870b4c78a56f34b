import type { Calendar } from './calendar.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 86_400_000

const WEEKDAY = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?`
const MONTH = String.raw`(?<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})\.?`
const CLOCK = String.raw`(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?`
const HALF = String.raw`(?:\s?(?<half>[ap]m))?`
const IANA = String.raw`[a-z_]+(?:\/[a-z0-9_+-]+)+`
const ZONE = String.raw`(?:z|utc?|(?:utc|gmt)?[+-]\d\d?(?::?\d\d)?|gmt|${IANA})`
const MAYBE_ZONE = `(?: ?(?<zone>${ZONE}))?`

function form (...parts: string[]): RegExp {
  return new RegExp(`^${parts.join('')}$`, 'i')
}

/** What logs and mail write beside ISO 8601. None can be read in two ways: the month is a word, or the year comes first. */
const FORMS: readonly RegExp[] = [
  // 2025/10/08 12:00:00 (Go's log, nginx's error log), 2025-10-08 12:00:00 Europe/Berlin
  form(String.raw`(?<year>\d{4})(?<mark>[-/.])(?<month>\d\d)\k<mark>(?<day>\d\d)(?:(?:[T_]|,? )`, CLOCK, MAYBE_ZONE, ')?'),
  // 10/Oct/2025:13:55:36 -0700 (Apache, nginx), 10-Oct-2025 13:55:36.123 (Tomcat, BIND)
  form(String.raw`(?<day>\d\d?)[/-]`, MONTH, String.raw`[/-](?<year>\d{4})[: ]`, CLOCK, MAYBE_ZONE),
  // Wed, 8 Oct 2025 12:00:00 GMT (RFC 2822): without its zone it is none
  form(WEEKDAY, String.raw`(?<day>\d\d?) `, MONTH, String.raw` (?<year>\d{4}) `, CLOCK, ` (?<zone>${ZONE})`),
  // Wed Oct  8 12:00:00 2025 (ctime), Wed Oct 08 12:00:00.123456 2025 (Apache), Wed Oct  8 12:00:00 UTC 2025 (date, Java)
  form(WEEKDAY, MONTH, String.raw` {1,2}(?<day>\d\d?) `, CLOCK, MAYBE_ZONE, String.raw` (?<year>\d{4})`),
  // Oct 8, 2025, 12:00:00 PM (Java, Intl), Wed Oct 08 2025 12:00:00 GMT+0200 (JavaScript)
  form(WEEKDAY, MONTH, String.raw` {1,2}(?<day>\d\d?),? (?<year>\d{4}),? (?:at )?`, CLOCK, HALF, MAYBE_ZONE)
]

/** Oct  8 12:00:00: the year is the reader's to guess. */
const RFC_3164 = form(WEEKDAY, MONTH, String.raw` {1,2}(?<day>\d\d?) `, CLOCK, MAYBE_ZONE)

/** What some writers add: brackets, Go's monotonic clock, a zone named beside its offset. */
const BRACKETS = /^\[(.*)\]$/
const MONOTONIC = / m=[+-][\d.]+$/
const NAMED_OFFSET = /([+-]\d\d:?\d\d) ?(?:\([^()]*\)|\[[\w/+-]+\]|[A-Z]{2,5}|[+-]\d{2,4})$/
const NAMED_UTC = /(Z|UTC|GMT) ?(?:\([^()]*\)|\[[\w/+-]+\])$/
const ZONE_IN_BRACKETS = / ?\[([\w/+-]+)\]$/

function undressed (text: string): string {
  return text.replace(BRACKETS, '$1').replace(MONOTONIC, '').replace(NAMED_OFFSET, '$1').replace(NAMED_UTC, '$1').replace(ZONE_IN_BRACKETS, ' $1')
}

type Groups = Record<string, string | undefined>

function monthOf (text: string): number {
  const number = Number(text)
  return Number.isNaN(number) ? MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1 : number
}

function hourOf (hour: number, half: string | undefined): number {
  if (half === undefined) return hour
  // 13 PM is none: beyond all hours, so that it is refused.
  if (hour < 1 || hour > 12) return 24
  return hour % 12 + (half.toLowerCase() === 'pm' ? 12 : 0)
}

function calendarOf ({ year, month = '', day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z', half }: Groups): Calendar {
  return {
    year: Number(year),
    month: monthOf(month),
    day: Number(day),
    hour: hourOf(Number(hour), half),
    minute: Number(minute),
    second: Number(second),
    fraction,
    zone
  }
}

/** The year that brings a date nearest to now. */
function nearestYear ({ month, day }: Calendar, now: number): number {
  const year = new Date(now).getUTCFullYear()
  const distance = (candidate: number): number => Math.abs(Date.UTC(candidate, month - 1, day) - now)
  return [year - 1, year, year + 1].reduce((best, candidate) => distance(candidate) < distance(best) - DAY_MS / 2 ? candidate : best)
}

/**
 * Reads the usual forms of logs and mail. One without a year is read only when `now` is given, as the nearest to it.
 * `undefined` for anything else; that such a day and hour exist is not looked at.
 */
export function readForm (text: string, now: number | undefined): Calendar | undefined {
  const bare = undressed(text)
  for (const pattern of FORMS) {
    const groups = pattern.exec(bare)?.groups
    if (groups !== undefined) return calendarOf(groups)
  }
  const yearless = now === undefined ? undefined : RFC_3164.exec(bare)?.groups
  if (yearless === undefined || now === undefined) return undefined
  const calendar = calendarOf(yearless)
  return { ...calendar, year: nearestYear(calendar, now) }
}
