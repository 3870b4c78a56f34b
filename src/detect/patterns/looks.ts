import { classOf, COLON, DIGIT } from './chars.ts'

const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none', 'nil', 'undefined', 'nan'])
const LONGEST_LITERAL = 9
const MONTHS: ReadonlySet<string> = new Set(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'])
const DAYS: ReadonlySet<string> = new Set(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
const IDENTIFIER = /[a-z][A-Z]|_|-.*-|\$|[A-Z]{2}.*[a-z]/
/** With the character before it. */
const MESSAGE_KEY = /(?:^|[^A-Za-z])(?:msg|message)$/i
const LONGEST_MESSAGE_KEY = 8
const [T, F, N, U, E, G] = [0x74, 0x66, 0x6e, 0x75, 0x65, 0x67]

/** Tells whether a word is a value of programming languages: `true`, `null`, `None`. */
export function isLiteral (line: string, start: number, stop: number): boolean {
  if (stop - start < 3 || stop - start > LONGEST_LITERAL) return false
  const first = line.charCodeAt(start) | 0x20
  return (first === T || first === F || first === N || first === U) && LITERALS.has(line.slice(start, stop).toLowerCase())
}

/** Tells whether a word is a day, month or time zone within a date; `before` are the classes of the token before it. */
export function isDate (line: string, start: number, stop: number, before: number): boolean {
  const length = stop - start
  const first = line.charCodeAt(start)
  if (length < 3 || length > 4 || first < 0x41 || first > 0x5a) return false
  let next = stop
  while (line[next] === ' ' || line[next] === ',') next++
  const word = line.slice(start, stop)
  const isBeforeDigit = classOf(line.charCodeAt(next)) === DIGIT
  if (MONTHS.has(word)) return isBeforeDigit || before === DIGIT
  if (DAYS.has(word)) return isBeforeDigit || MONTHS.has(line.slice(next, next + 3))
  return isBeforeDigit && (before & COLON) !== 0 && word === word.toUpperCase()
}

/** Tells whether the key that ends before `end` holds the message of a line that is structured, so that its words count. */
export function isMessageKey (line: string, end: number): boolean {
  const last = line.charCodeAt(end - 1) | 0x20
  return (last === G || last === E) && MESSAGE_KEY.test(line.slice(Math.max(0, end - LONGEST_MESSAGE_KEY), end))
}

/** Tells whether a word looks like a name that a program made up: `mapReduce`, `node_down`, `a-b-c`. */
export function isIdentifier (word: string): boolean {
  return IDENTIFIER.test(word)
}
