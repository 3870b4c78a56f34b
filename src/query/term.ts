import { queryFault, quoted } from './fault.ts'
import { isField, parseField } from './field.ts'
import type { Operator, RawTerm, RawValue } from './lex.ts'
import { join, type CompareOp, type Field, type LeafNode, type QueryNode } from './node.ts'
import { LEVEL_HINT, parseBoolean, parseLevelNumber, parseNumber, parseSeverityNumber, SEVERITY_HINT } from './values.ts'
import { isUnspaced } from './index-text.ts'
import { words } from './words.ts'

const NUMBER_HINT = 'a range needs a number, like 500 or 0.5'

/** Gives a term its meaning. Throws a fault with the column of the part that has none. */
export function termNode (term: RawTerm): QueryNode {
  const { name, op, values } = term
  if (name === undefined || op === undefined) return join('and', values.map(bareNode))
  const field = parseField(name, written(name, op, values), term.column)
  return join('or', values.map((value) => valueNode(field, name, op, value)))
}

function written (name: string, op: Operator, values: RawValue[]): string {
  return name + op + values.map((value) => value.text + (value.isStarred ? '*' : '')).join(',')
}

function bareNode (value: RawValue): LeafNode {
  if (!value.isQuoted) refuseEquals(value)
  return wordsNode(value)
}

/** `level=error` is a usual slip, and would quietly be a search for two words. */
function refuseEquals ({ text, column }: RawValue): void {
  const [, name = '', not = '', value = ''] = /^([^=!]+)(!?)==?(.*)$/su.exec(text) ?? []
  if (!isField(name)) return
  const meant = `${not === '' ? '' : '-'}${name}:${value}`
  throw queryFault(column, `"=" is no operator; use ${meant}, or search for the text in quotes: ${quoted(text)}`)
}

function wordsNode (value: RawValue): LeafNode {
  refuseInnerStar(value)
  const { text, isStarred, column } = value
  const found = words(text)
  if (found.length === 0) throw queryFault(column, noWord(value))
  // Of a letter that is a word of its own, all that begins with it is found anyway.
  const prefix = isStarred && !isUnspaced(found.at(-1) ?? '')
  if (prefix && words(`${text}x`).length > found.length) throw queryFault(column, 'a * needs a letter or digit right before it')
  return { kind: 'words', words: found, prefix }
}

function noWord ({ text, isStarred }: RawValue): string {
  if (text === '') return isStarred ? 'a * needs the beginning of a word before it; to find everything, leave the query empty' : 'there is nothing to search for between the quotes'
  return `there is no word in this; to search for signs, use message~${quoted(text)}`
}

function refuseInnerStar ({ text, isQuoted, column }: RawValue): void {
  if (isQuoted || !text.includes('*')) return
  const longest = text.split('*').reduce((best, part) => part.length > best.length ? part : best, '')
  throw queryFault(column, `a * stands only at the end; for a part of a text, use field~part, like message~${quoted(longest || 'part')}`)
}

function valueNode (field: Field, name: string, op: Operator, value: RawValue): LeafNode {
  const { text, isQuoted, isStarred, column } = value
  if (text === '' && !isQuoted && !isStarred) throw queryFault(column, `a value is missing after ${name}${op}; it follows without a blank`)
  if (op === '~') return containsNode(field, name, value)
  if (!isQuoted && /^[<>=~]/.test(text)) throw queryFault(column, `two operators after ${name}; use ${name}>=1 for a range, or put the value in quotes: ${name}:${quoted(text)}`)
  if (op !== ':') return rangeNode(field, name, op, value)
  if (text === '' && !isQuoted) return { kind: 'exists', field }
  return equalNode(field, name, value)
}

function containsNode (field: Field, name: string, { text, isQuoted, isStarred, column }: RawValue): LeafNode {
  if (isNumeric(field)) throw queryFault(column, `${name} is not text; ${numericUse(field)}`)
  if (isQuoted && isStarred) throw queryFault(column, `${name}~ finds the text anywhere and takes no *`)
  const value = isStarred ? `${text}*` : text
  if (value === '') throw queryFault(column, 'there is nothing to search for between the quotes')
  return { kind: 'contains', field, value }
}

function rangeNode (field: Field, name: string, op: Exclude<CompareOp, '='>, value: RawValue): LeafNode {
  if (!isNumeric(field) && field.name !== 'meta') throw queryFault(value.column, `${name} has no order; use ${name}:value, ${name}:beginning* or ${name}~part`)
  refuseStar(name, value)
  return { kind: 'compare', field, op, value: parseLimit(field, value) }
}

function equalNode (field: Field, name: string, value: RawValue): LeafNode {
  if (field.name === 'message') return wordsNode(value)
  refuseInnerStar(value)
  if (isNumeric(field)) {
    refuseStar(name, value)
    return { kind: 'compare', field, op: '=', value: parseScalar(field, value) }
  }
  return value.isStarred ? prefixNode(field, name, value) : textNode(field, name, value)
}

function prefixNode (field: Field, name: string, { text, column }: RawValue): LeafNode {
  if (text === '') throw queryFault(column, `a * needs a beginning before it; to find events that have a ${name}, use ${name}:*`)
  return { kind: 'prefix', field, value: text }
}

function textNode (field: Field, name: string, { text, column }: RawValue): LeafNode {
  if (text === '' && field.name !== 'meta') throw queryFault(column, `${name} is never empty; to find events without a ${name}, use -${name}:*`)
  return { kind: 'compare', field, op: '=', value: text }
}

function refuseStar (name: string, { isStarred, column }: RawValue): void {
  if (isStarred) throw queryFault(column, `${name} takes whole values, without *`)
}

function parseScalar (field: Field, value: RawValue): number | boolean {
  const flag = field.name === 'anomaly' ? parseBoolean(value.text) : undefined
  return flag ?? parseLimit(field, value)
}

function parseLimit (field: Field, { text, column }: RawValue): number {
  const number = limitOf(field, text)
  if (number === undefined) throw queryFault(column, `${quoted(text)} ${limitHint(field)}`)
  return number
}

function limitOf (field: Field, text: string): number | undefined {
  if (field.name === 'level') return parseLevelNumber(text)
  return field.name === 'severity' ? parseSeverityNumber(text) : parseNumber(text)
}

function limitHint (field: Field): string {
  if (field.name === 'level') return `is no level; ${LEVEL_HINT}`
  if (field.name === 'severity') return `is no severity; ${SEVERITY_HINT}`
  if (field.name === 'anomaly') return 'is no anomaly; use true or false, or a score like anomaly>=0.5'
  return `is no number; ${NUMBER_HINT}`
}

function isNumeric (field: Field): boolean {
  return field.name === 'level' || field.name === 'severity' || field.name === 'anomaly'
}

function numericUse (field: Field): string {
  if (field.name === 'level') return 'use level:error or level>=warn'
  return field.name === 'severity' ? 'use severity:high or severity>=medium' : 'use anomaly:true or anomaly>=0.5'
}
