import { parseTimeParam } from '../../src/core/time-range.ts'

interface Reader {
  now: number
  /** Times without a zone are UTC, not those of the reader's clock. */
  isUtc: boolean
}

const DAY = /^(today|yesterday)(?:,?\s+(\d{1,2}):(\d{2}))?$/i
const CLOCK = /^(\d{1,2}):(\d{2})$/
const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/

/** Reads a time as a person writes it: `yesterday 14:00`, `14:00`, `2026-01-31 14:00`, `-90m`, `now`, or with a zone; undefined for what is none. */
export function readTimeText (text: string, { now, isUtc }: Reader): number | undefined {
  const plain = text.trim()
  const [, word = '', hours = '0', minutes = '0'] = DAY.exec(plain) ?? []
  if (word !== '') return onDay(word.toLowerCase() === 'yesterday' ? -1 : 0, [Number(hours), Number(minutes)], { now, isUtc })
  const clock = CLOCK.exec(plain)
  if (clock !== null) return onDay(0, [Number(clock[1]), Number(clock[2])], { now, isUtc })
  const parts = LOCAL.exec(plain)
  if (parts !== null && !isUtc) {
    // What is no day or time is told by reading it as UTC, which knows each month.
    if (parse(plain, now) === undefined) return undefined
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => part === undefined ? 0 : Number(part))
    return new Date(year, month - 1, day, hour, minute, second).getTime()
  }
  return parse(plain, now)
}

function parse (text: string, now: number): number | undefined {
  try {
    return parseTimeParam('time', text, now)
  } catch {
    return undefined
  }
}

function onDay (days: number, [hour, minute]: [number, number], { now, isUtc }: Reader): number | undefined {
  if (hour > 23 || minute > 59) return undefined
  const day = new Date(now)
  if (isUtc) return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() + days, hour, minute)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hour, minute).getTime()
}
