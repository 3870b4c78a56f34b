import { BLANK, classOf, COLON, EQUALS, SEPARATOR } from './chars.ts'
import { ownCopy } from './own-copy.ts'
import type { Scan } from './scan.ts'
import type { Wording } from './wording.ts'

const MOST_SLOTS = 16
const MOST_VALUES = 8
const LONGEST_VALUE = 64
/** The values of the first lines are read, and of one line in so many after those. */
const FIRST_READ = 16
const ONE_IN = 64
const AROUND = BLANK | SEPARATOR | EQUALS | COLON

/** For each slot its commonest values with their counts, which are estimates once values were pushed out. */
export type Slots = Array<Map<string, number>>

export interface Span {
  start: number
  end: number
}

/** Counts the values of a line in the slots of its pattern: of the first lines all, of many a share. */
export function noteValues ({ wording, slots, count }: { wording: Wording, slots: Slots, count: number }, scan: Scan): void {
  if (count > FIRST_READ && count % ONE_IN !== 0) return
  for (const [place, { start, end }] of (slotsOf(scan, wording) ?? []).entries()) {
    const values = slots[place] ?? new Map<string, number>()
    slots[place] = values
    if (end > start) countValue(values, ownCopy(scan.line.slice(start, Math.min(end, start + LONGEST_VALUE))))
  }
}

/** Finds where the slots of a wording lie in a line: between the words that do not vary. Undefined for a line of another wording. */
export function slotsOf ({ line, from: first, count, starts, ends, end }: Scan, { words, gaps }: Wording): Span[] | undefined {
  if (count !== words.length) return undefined
  const slots: Span[] = []
  let from = first
  let varies = false
  for (let i = 0; i <= count; i++) {
    const word = words[i]
    varies ||= (gaps[i] ?? 0) > 0 || word === null
    if (word === null) continue
    if (word !== undefined && !line.startsWith(word, starts[i])) return undefined
    if (varies && slots.length < MOST_SLOTS) slots.push(trimmed(line, from, word === undefined ? end : starts[i] ?? end))
    from = ends[i] ?? end
    varies = false
  }
  return slots
}

function trimmed (line: string, from: number, to: number): Span {
  let start = from
  let end = to
  while (start < end && (classOf(line.charCodeAt(start)) & AROUND) !== 0) start++
  while (end > start && (classOf(line.charCodeAt(end - 1)) & AROUND) !== 0) end--
  return { start, end }
}

/** Source: Metwally and others 2005, "Efficient computation of frequent and top-k elements" (space saving). */
function countValue (values: Map<string, number>, value: string): void {
  const known = values.get(value)
  if (known !== undefined || values.size < MOST_VALUES) {
    values.set(value, (known ?? 0) + 1)
    return
  }
  const [rarest = '', fewest = 0] = [...values].reduce((least, entry) => entry[1] < least[1] ? entry : least)
  values.delete(rarest)
  values.set(value, fewest + 1)
}
