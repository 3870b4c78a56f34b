/** A time of the calendar as it was written. */
export interface Calendar {
  year: number
  /** From 1. */
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** Digits behind the second. */
  fraction: string
  /** Z, +02:00, UTC, GMT+2, or the name of an IANA zone. */
  zone: string
}

const OFFSET = /^(?:UTC|GMT)?([+-])(\d\d?)(?::?(\d\d))?$/i
const IANA = /^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+$/
const MS_PER_MINUTE = 60_000

const zones = new Map<string, Intl.DateTimeFormat | undefined>()
const MOST_ZONES = 1000

function isCalendarDay (year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function offsetMinutes (zone: string): number | undefined {
  const [, sign, hours, minutes = '0'] = OFFSET.exec(zone) ?? []
  if (hours === undefined) return 0
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function zoneFormat (zone: string): Intl.DateTimeFormat | undefined {
  if (zones.has(zone)) return zones.get(zone)
  if (zones.size >= MOST_ZONES) zones.clear()
  let format: Intl.DateTimeFormat | undefined
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch {
    // No zone that this Node knows.
    format = undefined
  }
  zones.set(zone, format)
  return format
}

function ianaMinutes (format: Intl.DateTimeFormat, ms: number): number {
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return offsetMinutes(name) ?? 0
}

/** Gives the ms of a wall clock in an IANA zone. An hour that comes twice in autumn is read as one of the two. */
function fromWallClock (wall: number, zone: string): number | undefined {
  const format = zoneFormat(zone)
  if (format === undefined) return undefined
  const near = wall - ianaMinutes(format, wall) * MS_PER_MINUTE
  return wall - ianaMinutes(format, near) * MS_PER_MINUTE
}

/** Turns a calendar time into ms since the epoch, rounded down. A leap second (:60) is the second after it. */
export function calendarMs ({ year, month, day, hour, minute, second, fraction, zone }: Calendar): number | undefined {
  if (year < 1969 || !isCalendarDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3).padEnd(3, '0')))
  if (IANA.test(zone)) return fromWallClock(wall, zone)
  const offset = offsetMinutes(zone)
  return offset === undefined ? undefined : wall - offset * MS_PER_MINUTE
}
