import { queryFault, quoted } from './fault.ts'

/** `starred` when a `*` follows it; the text does not hold that star. */
export interface RawValue {
  text: string
  isQuoted: boolean
  isStarred: boolean
  column: number
}

const OPERATORS = [':', '>=', '<=', '>', '<', '~'] as const
export type Operator = typeof OPERATORS[number]

/** One term as it is written: `name op values`, or a bare value, which has neither name nor operator. */
export interface RawTerm {
  kind: 'term'
  column: number
  name?: string
  op?: Operator
  values: RawValue[]
}

export type Token =
  | { kind: '(' | ')' | '-' | 'AND' | 'OR' | 'NOT' | 'end', column: number }
  | RawTerm

/** Where reading has come to. Letters are code points, so that columns are, too. */
interface Cursor {
  letters: string[]
  at: number
}

const BLANK = /\s/
const NAME = /[\p{L}\p{N}_@$.-]/u

/** Cuts the query text into tokens; the last is `end`. Throws a fault with the column. */
export function lex (text: string): Token[] {
  const cursor: Cursor = { letters: [...text], at: 0 }
  const tokens: Token[] = []
  do tokens.push(readToken(cursor)); while (tokens.at(-1)?.kind !== 'end')
  return tokens
}

function readToken (cursor: Cursor): Token {
  while (BLANK.test(peek(cursor))) cursor.at++
  const column = cursor.at + 1
  const letter = peek(cursor)
  switch (letter) {
    case '': return { kind: 'end', column }
    case '(':
    case ')':
      cursor.at++
      return { kind: letter, column }
    case '-': return readMinus(cursor)
    default: return readTerm(cursor)
  }
}

function readMinus (cursor: Cursor): Token {
  const column = ++cursor.at
  const next = peek(cursor)
  if (next === '-') throw queryFault(column, `two dashes; exclude with one, and put a text that begins with dashes in quotes: ${quoted(`-${rest(cursor)}`)}`)
  if (endsText(next) && next !== '(') throw queryFault(column, 'a dash excludes the term right after it, and there is none; to search for text with a dash, put it in quotes')
  return { kind: '-', column }
}

function readTerm (cursor: Cursor): Token {
  const column = cursor.at + 1
  const start = cursor.at
  const name = readWhile(cursor, (letter) => NAME.test(letter))
  const op = readOperator(cursor)
  if (op !== undefined) return { kind: 'term', column, name, op, values: readValues(cursor, name, op) }
  cursor.at = start
  const value = readValue(cursor, false)
  if (!value.isQuoted && !value.isStarred && isKeyword(value.text)) return { kind: value.text, column }
  refuseBracket(cursor, start)
  return { kind: 'term', column, values: [value] }
}

function isKeyword (text: string): text is 'AND' | 'OR' | 'NOT' {
  return text === 'AND' || text === 'OR' || text === 'NOT'
}

function readOperator (cursor: Cursor): Operator | undefined {
  const two = peek(cursor) + (cursor.letters[cursor.at + 1] ?? '')
  const found = OPERATORS.find((op) => two === op) ?? OPERATORS.find((op) => peek(cursor) === op)
  cursor.at += found?.length ?? 0
  return found
}

/** Reads one value or several with commas between them; where no list may stand, the comma is part of the value. */
function readValues (cursor: Cursor, name: string, op: Operator): RawValue[] {
  const start = cursor.at
  const isList = op === ':' && name !== 'message'
  const values = [readValue(cursor, isList)]
  while (peek(cursor) === ',') {
    cursor.at++
    values.push(readValue(cursor, isList))
  }
  if (peek(cursor) === '(' && cursor.at === start) {
    throw queryFault(start + 1, `a bracket cannot be a value; several values are written ${name}:a,b`)
  }
  refuseBracket(cursor, start)
  return values
}

function readValue (cursor: Cursor, isList: boolean): RawValue {
  return peek(cursor) === '"' ? readQuoted(cursor, isList) : readPlain(cursor, isList)
}

function readPlain (cursor: Cursor, isList: boolean): RawValue {
  const column = cursor.at + 1
  const text = readWhile(cursor, (letter) => !endsText(letter) && letter !== '"' && !(isList && letter === ','))
  if (peek(cursor) === '"') throw queryFault(cursor.at + 1, 'a quote in the middle of a word; put a blank before it, or quotes around the whole with \\" inside')
  const isStarred = text.endsWith('*')
  return { text: isStarred ? text.slice(0, -1) : text, isQuoted: false, isStarred, column }
}

function readQuoted (cursor: Cursor, isList: boolean): RawValue {
  const column = ++cursor.at
  let text = ''
  while (peek(cursor) !== '"') {
    if (peek(cursor) === '') throw queryFault(column, 'this quote is not closed; a quote inside quotes is written \\"')
    text += readQuotedLetter(cursor)
  }
  cursor.at++
  const isStarred = peek(cursor) === '*'
  if (isStarred) cursor.at++
  if (!endsText(peek(cursor)) && !(isList && peek(cursor) === ',')) throw queryFault(cursor.at + 1, 'put a blank after the closing quote; a quote inside quotes is written \\"')
  return { text, isQuoted: true, isStarred, column }
}

/** A backslash before anything but `"` and itself is a backslash: `"C:\temp"`. */
function readQuotedLetter (cursor: Cursor): string {
  const [letter = '', next = ''] = cursor.letters.slice(cursor.at, cursor.at + 2)
  const isEscape = letter === '\\' && (next === '"' || next === '\\')
  cursor.at += isEscape ? 2 : 1
  return isEscape ? next : letter
}

function refuseBracket (cursor: Cursor, start: number): void {
  if (peek(cursor) !== '(') return
  const whole = cursor.letters.slice(start, cursor.at).join('') + rest(cursor)
  throw queryFault(cursor.at + 1, `a bracket right after a word; put a blank before it to group, or search for the text in quotes: ${quoted(whole)}`)
}

function endsText (letter: string): boolean {
  return letter === '' || letter === '(' || letter === ')' || BLANK.test(letter)
}

/** The text from here to the next blank, for suggestions. */
function rest (cursor: Cursor): string {
  const end = cursor.letters.findIndex((letter, at) => at >= cursor.at && BLANK.test(letter))
  return cursor.letters.slice(cursor.at, end < 0 ? undefined : end).join('')
}

function readWhile (cursor: Cursor, belongs: (letter: string) => boolean): string {
  const start = cursor.at
  while (peek(cursor) !== '' && belongs(peek(cursor))) cursor.at++
  return cursor.letters.slice(start, cursor.at).join('')
}

function peek (cursor: Cursor): string {
  return cursor.letters[cursor.at] ?? ''
}
