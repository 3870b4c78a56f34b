import { BLANK, classOf, COLON, DIGIT, DOT, EQUALS, LETTER, PATH, SEPARATOR } from './chars.ts'
import { isDate, isLiteral, isMessageKey } from './looks.ts'
import { hashText, keyOf, mixA, mixB } from './key.ts'

/** What is looked at of a line, in UTF-16 units. */
export const LONGEST_LINE = 4096
/** The words of a line that count. */
export const MOST_WORDS = 60

/** The words of one line that are no variables by their looks, as places in it. One serves for all lines, so that a line that is known costs no memory. */
export interface Scan {
  line: string
  /** Where the message begins. */
  from: number
  end: number
  at: number
  count: number
  starts: Int32Array
  ends: Int32Array
  /** Variables before each word, and behind the last. */
  gaps: Int32Array
  /** Whether a word follows a key and a blank (`state: idle`): 1 or 0. */
  follows: Uint8Array
  /** Key of the words in their order, see `key.ts`. */
  key: number
  a: number
  b: number
  /** Where the token stands that is read next: directly behind `key=`, behind `key: `, or neither. */
  place: 'value' | 'follows' | 'free'
  /** Classes of the token before. */
  before: number
  isUnquoted: boolean
}

const DOUBLE_QUOTE = 0x22
const SINGLE_QUOTE = 0x27
const BACKSLASH = 0x5c
const OPENING_BRACKET = 0x5b
const BLANK_CHAR = 0x20
const COLON_CHAR = 0x3a
const DOT_CHAR = 0x2e
const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** What ends a token. */
const END = BLANK | SEPARATOR | EQUALS
/** What a quoted value stands behind, directly or with a blank between: lists, and fields in quotes. */
const BEFORE_VALUES = new Set([...',[{('].map((char) => char.charCodeAt(0)))
const BEFORE_BLANKS = new Set([...',"'].map((char) => char.charCodeAt(0)))

export function emptyScan (): Scan {
  return {
    line: '',
    from: 0,
    end: 0,
    at: 0,
    count: 0,
    starts: new Int32Array(MOST_WORDS),
    ends: new Int32Array(MOST_WORDS),
    gaps: new Int32Array(MOST_WORDS + 1),
    follows: new Uint8Array(MOST_WORDS),
    key: 0,
    a: 0,
    b: 0,
    place: 'free',
    before: 0,
    isUnquoted: false
  }
}

/** Reads the words of `line` into `scan`, from `from` on, in one pass: time linear in the line. */
export function scanLine (scan: Scan, line: string, from: number): void {
  scan.line = line
  scan.end = Math.min(line.length, LONGEST_LINE)
  scan.from = scan.at = from
  scan.count = scan.a = scan.b = scan.before = scan.gaps[0] = 0
  scan.place = 'free'
  scan.isUnquoted = false
  while (scan.at < scan.end && scan.count < MOST_WORDS) {
    const code = line.charCodeAt(scan.at)
    const bits = classOf(code)
    if (bits === BLANK) readBlank(scan)
    else if (bits === EQUALS || bits === COLON) readSign(scan, bits)
    else if (bits === SEPARATOR) readSeparator(scan, code)
    else readToken(scan)
  }
  scan.key = keyOf(scan.a, scan.b)
}

function readBlank (scan: Scan): void {
  if (scan.place === 'value') scan.place = 'follows'
  scan.at++
}

/** Reads `=` or `:`. What follows directly is a value, unless it follows a blank too. */
function readSign (scan: Scan, bits: number): void {
  const { line, from, at } = scan
  scan.at++
  if (at === from) return
  const before = line.charCodeAt(at - 1)
  const isQuoted = before === DOUBLE_QUOTE || before === SINGLE_QUOTE
  const isBehindKey = bits === EQUALS ? classOf(before) !== BLANK : isQuoted || (classOf(before) & (LETTER | DIGIT)) !== 0
  scan.place = !isBehindKey ? 'follows' : isMessageKey(line, isQuoted ? at - 1 : at) ? 'free' : 'value'
  // The blank behind a key of JSON says nothing.
  if (isQuoted && line.charCodeAt(at + 1) === BLANK_CHAR) scan.at++
}

function readSeparator (scan: Scan, code: number): void {
  const isQuote = code === DOUBLE_QUOTE || code === SINGLE_QUOTE
  if (isQuote && readQuoted(scan, code)) return
  if (!isQuote && code !== OPENING_BRACKET) scan.place = 'free'
  scan.at++
}

/** Takes a whole quoted value as one variable. Returns false for a key, and for quotes in running text. */
function readQuoted (scan: Scan, quote: number): boolean {
  const { line, at } = scan
  if (scan.isUnquoted || !isValueAt(scan, at)) return false
  const close = closingQuote(scan, quote)
  // Looked for once in a line, or lines of quotes would take quadratic time.
  scan.isUnquoted = close < 0
  if (close < 0 || line.charCodeAt(close + 1) === COLON_CHAR) return false
  scan.at = close + 1
  countVariable(scan, 0)
  return true
}

function isValueAt ({ line, place }: Scan, at: number): boolean {
  if (place === 'value') return true
  const before = line.charCodeAt(at - 1)
  return BEFORE_VALUES.has(before) || (before === BLANK_CHAR && BEFORE_BLANKS.has(line.charCodeAt(at - 2)))
}

function closingQuote ({ line, at: from, end }: Scan, quote: number): number {
  for (let at = from + 1; at < end; at++) {
    const code = line.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === quote) return at
  }
  return -1
}

function readToken (scan: Scan): void {
  const { line, end, at: start } = scan
  let at = start
  let bits = 0
  let last = 0
  let isDotted = false
  let hash = FNV_START
  for (; at < end; at++) {
    const code = line.charCodeAt(at)
    const kind = classOf(code)
    if ((kind & END) !== 0 || (kind === COLON && (bits & (DIGIT | PATH)) === 0 && !isOfAddress(line, start, at))) break
    if (kind === DOT && last === DOT) break
    if (last === DOT && kind === LETTER && (bits & LETTER) !== 0) isDotted = true
    bits |= kind
    last = kind
    hash = Math.imul(hash ^ code, FNV_PRIME)
  }
  const stop = last === DOT ? at - 1 : at
  while (at < end && line.charCodeAt(at) === DOT_CHAR) at++
  scan.at = at
  if (isDotted || (bits & (DIGIT | PATH)) !== 0 || scan.place === 'value' || isLiteral(line, start, stop) || isDate(line, start, stop, scan.before)) countVariable(scan, bits)
  else if ((bits & LETTER) !== 0) addWord(scan, start, stop, stop === at ? hash : hashText(line, start, stop))
}

/** Tells whether a colon is that of `http://` or `C:\\`. */
function isOfAddress (line: string, start: number, at: number): boolean {
  return classOf(line.charCodeAt(at + 1)) === PATH && (at - start === 1 || classOf(line.charCodeAt(at + 2)) === PATH)
}

function countVariable (scan: Scan, bits: number): void {
  scan.gaps[scan.count] = (scan.gaps[scan.count] ?? 0) + 1
  scan.before = bits
  scan.place = 'free'
}

function addWord (scan: Scan, start: number, stop: number, hash: number): void {
  const { count } = scan
  scan.starts[count] = start
  scan.ends[count] = stop
  scan.follows[count] = scan.place === 'follows' ? 1 : 0
  scan.gaps[count + 1] = 0
  scan.a = (scan.a + mixA(hash, count)) | 0
  scan.b = (scan.b + mixB(hash, count)) | 0
  scan.count = count + 1
  scan.before = LETTER
  scan.place = 'free'
}
