import { parseInstant } from '../time/instant.ts'

/** A time found in a line of text. */
export interface Stamp {
  /** Where it ends. */
  end: number
  /** ms since the epoch; `undefined` when it has no date, or can be read in two ways. */
  ms: number | undefined
  /** It has a date, or seconds: 12:30 may be anything. */
  isExact: boolean
}

const WEEKDAY = String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?`
const MONTH = String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}`
const SECONDS = String.raw`:\d\d(?:[.,]\d{1,9})?`
const CLOCK = String.raw`\d\d?:\d\d(?:${SECONDS})?`
const HALF = '(?: ?[AaPp][Mm])?'
const ZONE = String.raw`(?: ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:]))?`
/** No part of a longer word or number. */
const END = String.raw`(?!\w|:\w)`

function form (...parts: string[]): RegExp {
  return new RegExp(parts.join('') + END, 'y')
}

/** Times that name their day, as parseInstant reads them. */
const WHOLE: readonly RegExp[] = [
  form(String.raw`\d{4}([-/.])\d\d\1\d\d(?:[T_]|,? )`, CLOCK, ZONE),
  form(String.raw`\d{8}T\d{6}Z?`),
  form(String.raw`\d\d?[/-]`, MONTH, String.raw`[/-]\d{4}[: ]`, CLOCK, ZONE),
  form(WEEKDAY, String.raw`\d\d? `, MONTH, String.raw` \d{4} `, CLOCK, ZONE),
  form(WEEKDAY, MONTH, String.raw` {1,2}\d\d?,? \d{4},? `, CLOCK, HALF, ZONE),
  form(WEEKDAY, MONTH, String.raw` {1,2}\d\d? `, CLOCK, ZONE, String.raw`(?: \d{4})?`),
  // Seconds or ms since the epoch, from 2017 on.
  form(String.raw`1[5-9]\d{8}(?:\d{3}|\.\d{1,9})?`)
]

/** Times that do not: a clock alone, a day alone, and what is one day here and another there. */
const PARTIAL: readonly RegExp[] = [
  form(String.raw`\d\d?([/.])\d\d?\1\d{4},? `, CLOCK, HALF),
  form(String.raw`\d\d-\d\d `, CLOCK),
  form(String.raw`\d{4}([-/.])\d\d\1\d\d`),
  form(String.raw`\d\d?:\d\d`, SECONDS, HALF, ZONE)
]

const HOURS_AND_MINUTES = form(String.raw`\d\d?:\d\d`, HALF, ZONE)

/** Zones that have a name and no number: several have the same, so that the hour is not known. */
const NAMED_ZONE = /(?: (?:CES?T|EES?T|WES?T|BST|IST|[ECMP][SD]T|MSK|JST|KST|A[ECW][SD]T|NZ[SD]T|HST|AK[SD]T|SGT|HKT|BRT|ART))(?!\w)/y

/** klog's month and day, behind the letter of its level. */
const KLOG = /(0[1-9]|1[0-2])([0-3]\d) (\d\d:\d\d:\d\d\.\d{1,9})(?!\w)/y
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function endOf (pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function firstEnd (patterns: readonly RegExp[], text: string, at: number): number | undefined {
  for (const pattern of patterns) {
    const end = endOf(pattern, text, at)
    if (end !== undefined) return end
  }
}

function readKlog (text: string, at: number, now: number): Stamp | undefined {
  KLOG.lastIndex = at
  const [, month, day, clock] = KLOG.exec(text) ?? []
  if (month === undefined) return undefined
  return { end: KLOG.lastIndex, ms: parseInstant(`${MONTHS[Number(month) - 1]} ${day} ${clock}`, now)?.ms, isExact: true }
}

/** Reads the time that begins at a place of a text, in the forms of logs; `undefined` when none does. One without a year is the nearest to `now`. */
export function readStamp (text: string, at: number, now: number): Stamp | undefined {
  const whole = firstEnd(WHOLE, text, at)
  if (whole !== undefined) {
    const zoned = endOf(NAMED_ZONE, text, whole)
    return { end: zoned ?? whole, ms: zoned === undefined ? parseInstant(text.slice(at, whole), now)?.ms : undefined, isExact: true }
  }
  const end = firstEnd(PARTIAL, text, at)
  if (end !== undefined) return { end, ms: undefined, isExact: true }
  const short = endOf(HOURS_AND_MINUTES, text, at)
  return short === undefined ? readKlog(text, at, now) : { end: short, ms: undefined, isExact: false }
}
