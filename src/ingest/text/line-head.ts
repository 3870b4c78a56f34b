import type { Level } from '../../../schemas/event.ts'
import { parseLevel } from '../../core/levels.ts'
import { capitalLevel, levelOfWord, MARK, plainLevel, type Place } from './level-words.ts'
import { readStamp } from './line-time.ts'
import { levelOfFailure, readPhrase } from './phrases.ts'

/** What the head of a line of text tells. */
export interface LineHead {
  level: Level | undefined
  /** ms since the epoch. */
  ms: number | undefined
  /** Where fields begin: JSON, or name=value. Behind them is no head. */
  fieldsAt: number | undefined
}

/** A head while it is read. */
interface Walk {
  readonly text: string
  readonly now: number
  at: number
  place: Place
  /** What stood between the last token and this one. */
  gap: string
  hasTime: boolean
  names: number
  level: Level | undefined
  /** What a sign alone tells: a word behind it tells more. */
  signLevel: Level | undefined
  ms: number | undefined
  fieldsAt: number | undefined
}

/** A head is no longer. */
const LONGEST = 400
const MOST_STEPS = 16
const MOST_NAMES = 5

const GAP = /[\s\uE000|:;,=*!#>~\u00B7\u2022\u203A\u00BB\u2026\u2013\u2014-]*/y
const COLUMN_GAP = /[\t|]|[-\u2013\u2014] /
const WORD = /[A-Za-z]+\d?/y
const FIELD = /[A-Za-z_][\w.@/-]*=|\{\s*"/y
/** Facility and severity of syslog, of 8 each: `<11>`. The version of RFC 5424 may follow. */
const PRIORITY = /^<(\d{1,3})>(?:1 )?/
const MOST_PRIORITY = 191
const BRACKETS: Readonly<Record<string, RegExp>> = { '[': /\[([^[\]]{0,150})\]/y, '(': /\(([^()]{0,150})\)/y, '<': /<([^<>]{0,60})>/y, '{': /\{([^{}"']{0,60})\}/y }
const SIGNS: ReadonlyMap<string, Level> = new Map([
  ['\u2716', 'ERROR'], ['\u2718', 'ERROR'], ['\u2717', 'ERROR'], ['\u274C', 'ERROR'], ['\u2A2F', 'ERROR'], ['\u26A0', 'WARN'], ['\u2699', 'DEBUG']
])
const SIGN = /[^\0-\u007F](?<=[\p{S}\p{Extended_Pictographic}])\uFE0F?/yu

/** The copy of a stream that container runtimes write before a line. */
const STREAM = /std(?:out|err) [FP](?!\S)/y
const NAME_AND_PID = /[\w./-]+\[[\w.-]+\]:?/y
const NAME = /[^\s\uE000|[\](){}<>,;"'`]+/y
/** A name that no prose has: with digits or signs inside. */
const TECHNICAL = /^[\w.@/:$#+-]*[\d._@/:$#-][\w.@/:$#+-]*\w$/
const NUMBER = /^[\d.]+$/
/** Behind a name: a bar, a dash, an arrow, a process id, what npmlog writes for ERROR, a word in capitals in its own colour. */
const BEHIND_NAME = /^(?:[\s\uE000]*(?:\||[-\u2013\u2014>\u203A\u00BB] |[[(]\d|ERR! )|\uE000+ \uE000+[A-Z]{3,5}\uE000)/
/** What is indented belongs to the line before it, but for a head with its own time or level. */
const INDENTED = /^\uE000*(?: {2}|\t)(?![\s\uE000]*(?:\d|\[(?!cause)|[A-Z]{3}))/
const NO_NAME = /^(?:an?|the|no|not|and|or|any|if|of|to|on|in|at|by|is|was|has|had|got|for|from|with|without|after|before|found|returned|received|last|previous)$/i

function match (pattern: RegExp, { text, at }: Walk): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function goOn (walk: Walk, end: number, place: Place): true {
  walk.at = end
  walk.place = place
  return true
}

function takeTime (walk: Walk): boolean {
  const stamp = readStamp(walk.text, walk.at, walk.now)
  if (stamp === undefined) return false
  walk.ms ??= stamp.ms
  walk.hasTime = true
  return goOn(walk, stamp.end, stamp.isExact ? 'time' : 'name')
}

function takePhrase (walk: Walk): boolean {
  if (walk.place === 'name') return false
  const phrase = readPhrase(walk.text, walk.at)
  if (phrase === undefined) return false
  walk.level = phrase.level
  return goOn(walk, phrase.end, 'mark')
}

function takeFields (walk: Walk): boolean {
  if (match(FIELD, walk) === undefined) return false
  walk.fieldsAt = walk.at
  return true
}

function takeWord (walk: Walk): boolean {
  const word = match(WORD, walk)?.[0]
  if (word === undefined) return false
  const { text, at, place, gap } = walk
  const end = at + word.length
  const isColoured = text[at - 1] === MARK && (text[end] === MARK || text[end + 1] === MARK)
  const follow = text.slice(end, end + 16).replaceAll(MARK, '')
  walk.level = levelOfWord({ word, place, follow, isColoured, isInColumn: COLUMN_GAP.test(gap) })
  return walk.level !== undefined && goOn(walk, end, 'mark')
}

/** `ERROR`, `error    `, `core:error`, `12:00:00 ERR`, `2025-10-08T12:00:00Z ERROR shop::cart`, `12:00:00: ERROR/MainProcess` */
function levelInside (inside: string, isSquare: boolean): Level | undefined {
  const parts = inside.split(/[\s:|/,#]+/).filter((part) => part !== '')
  const [first = ''] = parts
  if (parts.length === 1) return plainLevel(first) ?? capitalLevel(first) ?? (first.length > 2 && first === first.toUpperCase() && /^[A-Z]+$/.test(first) ? parseLevel(first) : undefined)
  const module = /^[\w-]+[:#]([a-z]+)$/.exec(inside)?.[1]
  if (module !== undefined) return plainLevel(module)
  if (!isSquare) return undefined
  for (const part of parts) {
    const level = /^[A-Z]{3,}$/.test(part) ? capitalLevel(part) : undefined
    if (level !== undefined) return level
  }
}

function takeBracket (walk: Walk): boolean {
  const bracket = BRACKETS[walk.text[walk.at] ?? '']
  const found = bracket === undefined ? undefined : match(bracket, walk)
  if (found === undefined) return false
  const inside = (found[1] ?? '').replaceAll(MARK, ' ').trim()
  const stamp = readStamp(inside, 0, walk.now)
  const rest = stamp === undefined ? inside : inside.slice(stamp.end)
  walk.ms ??= stamp?.ms
  walk.hasTime ||= stamp !== undefined
  walk.level = levelInside(rest.trim(), found[0].startsWith('['))
  return goOn(walk, walk.at + found[0].length, stamp?.isExact === true && rest === '' ? 'time' : 'mark')
}

function takeSign (walk: Walk): boolean {
  const sign = match(SIGN, walk)?.[0]
  if (sign === undefined) return false
  walk.signLevel ??= SIGNS.get(sign.replace('\uFE0F', ''))
  return goOn(walk, walk.at + sign.length, 'mark')
}

/** Tells what place the head has behind a name; `undefined` where prose begins. */
function placeBehind (walk: Walk, name: string): Place | undefined {
  const end = walk.at + name.length
  if (name.endsWith(':') || BEHIND_NAME.test(walk.text.slice(end, end + 16))) return 'mark'
  if (walk.place === 'start' && NUMBER.test(name)) return undefined
  if (TECHNICAL.test(name)) return 'name'
  // One word may be the name of a thread or host, behind a time.
  return walk.hasTime && walk.place !== 'name' && /^\w+$/.test(name) && !NO_NAME.test(name) ? 'name' : undefined
}

function takeName (walk: Walk): boolean {
  if (walk.names++ >= MOST_NAMES) return false
  const whole = match(STREAM, walk) ?? match(NAME_AND_PID, walk)
  if (whole !== undefined) return goOn(walk, walk.at + whole[0].length, 'mark')
  const name = match(NAME, walk)?.[0]
  const place = name === undefined ? undefined : placeBehind(walk, name)
  return name !== undefined && place !== undefined && goOn(walk, walk.at + name.length, place)
}

/** In this order: what comes first is the surest. */
const STEPS: ReadonlyArray<(walk: Walk) => boolean> = [takeTime, takePhrase, takeFields, takeWord, takeBracket, takeSign, takeName]

function skipGap (walk: Walk): void {
  walk.gap = match(GAP, walk)?.[0] ?? ''
  walk.at += walk.gap.length
  if (walk.gap.includes('|') && walk.place === 'name') walk.place = 'mark'
}

function walkHead (walk: Walk): void {
  for (let step = 0; step < MOST_STEPS; step++) {
    skipGap(walk)
    if (walk.at >= walk.text.length || !STEPS.some((take) => take(walk))) return
    if (walk.level !== undefined || walk.fieldsAt !== undefined) return
  }
}

/** Some write the level first: `WARN  2025-10-08 12:00:00 x`, `INFO [2025-10-08 12:00:00] x`. */
function readTimeBehind (walk: Walk): void {
  skipGap(walk)
  if (walk.text[walk.at] === '[' || walk.text[walk.at] === '(') walk.at++
  walk.ms ??= readStamp(walk.text, walk.at, walk.now)?.ms
}

function priorityOf (text: string): { end: number, level: Level | undefined } {
  const [all = '', digits] = PRIORITY.exec(text) ?? []
  const priority = Number(digits ?? NaN)
  return priority <= MOST_PRIORITY ? { end: all.length, level: parseLevel(priority % 8) } : { end: 0, level: undefined }
}

/**
 * Reads the head of a line of text, which tells its time and level as loggers write them, up to where prose begins. `text` has
 * MARK for each terminal code. Looks at 400 characters at most.
 */
export function readHead (text: string, now: number): LineHead {
  const head = text.slice(0, LONGEST)
  const { end, level } = priorityOf(head)
  const walk: Walk = {
    text: head, now, at: end, place: 'start', gap: '', hasTime: false, names: 0, level: undefined, signLevel: undefined, ms: undefined, fieldsAt: undefined
  }
  if (INDENTED.test(head)) return { level: undefined, ms: undefined, fieldsAt: undefined }
  walkHead(walk)
  if (walk.level !== undefined && walk.ms === undefined) readTimeBehind(walk)
  const { ms, fieldsAt } = walk
  return { level: level ?? walk.level ?? walk.signLevel ?? levelOfFailure(head), ms, fieldsAt }
}
