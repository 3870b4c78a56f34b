import { AppError } from '../../../src/core/errors.ts'
import { levelNumber } from '../../../src/core/levels.ts'
import { lex, type Operator, type RawTerm, type Token } from '../../../src/query/lex.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { parseLevelNumber } from '../../../src/query/values.ts'
import { LEVELS } from '../../../schemas/words.ts'

/** A part of a query that all events must fulfil. */
export interface Chip {
  /** As it is written. */
  text: string
  /** Where it is in the query, in UTF-16 units. */
  start: number
  isExcluded: boolean
  /** Undefined for words and for what is in brackets. */
  name: string | undefined
  op: Operator | undefined
  values: readonly string[]
}

export type ReadQuery =
  /** `isEither`: OR stands outside all brackets, so that the whole is one chip. */
  | { chips: readonly Chip[], isEither: boolean }
  | { fault: string }

const PLAIN_VALUE = /^[^\s()",*<>=~][^\s()",*]*$/u
const NAME = /^[\p{L}\p{N}_@$.-]+$/u

/** Cuts a query into what is asked for side by side; tells with its column what cannot be read. */
export function readQuery (text: string): ReadQuery {
  try {
    parseQuery(text)
    return cut(text, lex(text))
  } catch (error) {
    if (error instanceof AppError) return { fault: error.message.replace(/^q, /, '') }
    throw error
  }
}

function cut (text: string, tokens: readonly Token[]): ReadQuery {
  const groups = groupsOf(tokens)
  if (groups === undefined) return { chips: [{ text: text.trim(), start: 0, isExcluded: false, name: undefined, op: undefined, values: [] }], isEither: true }
  const letters = [...text]
  return { isEither: false, chips: groups.map(({ tokens: own, end }) => chipOf(letters, own, end)) }
}

interface Group {
  tokens: Token[]
  /** Column where the next token begins. */
  end: number
}

/** Tokens of each part, with the dash before it; undefined when the parts are alternatives. */
function groupsOf (tokens: readonly Token[]): Group[] | undefined {
  const groups: Group[] = []
  let depth = 0
  let open: Token[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'OR' && depth === 0) return undefined
    if (token.kind === 'end' || (token.kind === 'AND' && depth === 0)) continue
    open.push(token)
    if (token.kind === '(') depth++
    if (token.kind === ')') depth--
    if (depth > 0 || token.kind === '-' || token.kind === 'NOT') continue
    groups.push({ tokens: open, end: tokens[at + 1]?.column ?? token.column })
    open = []
  }
  return groups
}

function chipOf (letters: readonly string[], tokens: readonly Token[], end: number): Chip {
  const begin = (tokens[0]?.column ?? 1) - 1
  const text = letters.slice(begin, end - 1).join('').trimEnd()
  const start = letters.slice(0, begin).join('').length
  const signs = tokens.filter(({ kind }) => kind === '-' || kind === 'NOT')
  const term = tokens.find((token): token is RawTerm => token.kind === 'term')
  const isTerm = term !== undefined && tokens.length === signs.length + 1
  return {
    text,
    start,
    isExcluded: isTerm && signs.length % 2 === 1,
    name: isTerm ? term.name : undefined,
    op: isTerm ? term.op : undefined,
    values: isTerm ? term.values.map((value) => value.text + (value.isStarred ? '*' : '')) : []
  }
}

function chipsOf (text: string): readonly Chip[] {
  const read = readQuery(text)
  return 'fault' in read ? [] : read.chips
}

function join (chips: readonly Chip[]): string {
  return chips.map(({ text }) => text).join(' ')
}

/** A value as the query language wants it after an operator. */
export function valueText (value: string): string {
  return PLAIN_VALUE.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** The term that asks for a value; undefined for a field that no query can name. */
export function termOf (field: string, value: string): string | undefined {
  if (!NAME.test(field) || field.split('.').includes('')) return undefined
  return `${field}${field === 'message' ? '~' : ':'}${valueText(value)}`
}

/** Asks for a term as well, or for everything without it; what said the opposite goes. */
export function withTerm (text: string, term: string, { isExcluded = false } = {}): string {
  const read = readQuery(text)
  const [wanted, opposite] = isExcluded ? [`-${term}`, term] : [term, `-${term}`]
  if ('fault' in read) return wanted
  if (read.isEither) return `(${text.trim()}) ${wanted}`
  const rest = read.chips.filter((chip) => chip.text !== opposite)
  return rest.some((chip) => chip.text === wanted) ? join(rest) : [...rest.map((chip) => chip.text), wanted].join(' ')
}

export function withoutChip (text: string, at: number): string {
  return join(chipsOf(text).filter((_, index) => index !== at))
}

/** A query without what it asks of one field: its counts are those that choosing another value would give. */
export function withoutField (text: string, field: string): string {
  const read = readQuery(text)
  return 'fault' in read || read.isEither ? text : join(read.chips.filter((chip) => !isChoice(chip, field)))
}

function isChoice ({ name, op, isExcluded }: Chip, field: string): boolean {
  return !isExcluded && name === field && op !== '~'
}

/** Values of a field that the query asks for; undefined when it asks for none in particular. */
export function chosenValues (text: string, field: string): ReadonlySet<string> | undefined {
  const chips = chipsOf(text).filter((chip) => isChoice(chip, field))
  if (chips.length === 0) return undefined
  const sets = chips.map((chip) => new Set(field === 'level' ? levelsOf(chip) : chip.values))
  return sets.reduce((all, set) => all.intersection(set))
}

function levelsOf ({ op = ':', values }: Chip): string[] {
  const limits = values.map(parseLevelNumber).filter((limit) => limit !== undefined)
  return LEVELS.filter((level) => limits.some((limit) => holds(levelNumber(level), op, limit)))
}

function holds (number: number, op: Operator, limit: number): boolean {
  switch (op) {
    case '>=': return number >= limit
    case '<=': return number <= limit
    case '>': return number > limit
    case '<': return number < limit
    default: return number === limit
  }
}

/** Asks for these values of a field, and no other; none of them asks for all. */
export function withValues (text: string, field: string, values: readonly string[]): string {
  const rest = withoutField(text, field)
  const term = field === 'level' ? levelTerm(values) : values.length === 0 ? undefined : `${field}:${values.map(valueText).join(',')}`
  return term === undefined ? rest : withTerm(rest, term)
}

/** Levels up to the weightiest are written as a limit. */
function levelTerm (values: readonly string[]): string | undefined {
  const chosen = LEVELS.filter((level) => values.includes(level))
  const [least] = chosen
  if (least === undefined || chosen.length === LEVELS.length) return undefined
  const isUpTo = chosen.length === LEVELS.length - LEVELS.indexOf(least)
  return isUpTo && chosen.length > 1 ? `level>=${least.toLowerCase()}` : `level:${chosen.map((level) => level.toLowerCase()).join(',')}`
}

/** Puts what is being typed after what stands already. */
export function joinText (before: string, typed: string): string {
  const read = readQuery(before)
  const isEither = !('fault' in read) && read.isEither
  if (typed.trim() === '') return before.trim()
  return before.trim() === '' ? typed.trim() : `${isEither ? `(${before.trim()})` : before.trim()} ${typed.trim()}`
}

/** What is being typed at the end of a text: the name of a field, or a value of it. */
export interface Typed {
  /** Where it begins in the text: its field, or the part of the value. */
  start: number
  field: string | undefined
  part: string
}

const TYPED = /(?:^|[\s(])-?(?:([\p{L}\p{N}_@$.-]+)(?::|>=|<=|[<>~])(?:[^\s()",]+,)*(?:"([^"]*)|([^\s()",]*))|([\p{L}\p{N}_@$.]*))$/u

/** Reads the end of a text; undefined where nothing can be offered. */
export function typedAt (text: string): Typed | undefined {
  const found = TYPED.exec(text)
  if (found === null) return undefined
  const [, field, quoted, plain, name = ''] = found
  if (field === undefined) return { start: text.length - name.length, field, part: name }
  const part = quoted ?? plain ?? ''
  return { start: text.length - part.length - (quoted === undefined ? 0 : 1), field, part }
}
