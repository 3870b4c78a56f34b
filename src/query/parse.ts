import { queryFault } from './fault.ts'
import { lex, type Token } from './lex.ts'
import { join, type QueryNode } from './node.ts'
import { termNode } from './term.ts'

export const QUERY_LIMITS = { length: 2000, terms: 64, depth: 20 } as const

interface Reading {
  tokens: Token[]
  at: number
}

/**
 * Reads a query. `undefined` for a blank one, which asks for everything.
 *
 * or = and { "OR" and }; and = unary { ["AND"] unary }; unary = { "-" | "NOT" } primary; primary = "(" or ")" | term;
 * term = value | field operator value { "," value }. Each value of a list counts as a term.
 * Throws `invalid` that says what is wrong, at which column (code points, from 1), and what to write instead.
 */
export function parseQuery (text: string): QueryNode | undefined {
  refuseText(text)
  const tokens = lex(text)
  refuseTooManyTerms(tokens)
  const reading: Reading = { tokens, at: 0 }
  const first = peek(reading)
  if (first.kind === 'end') return undefined
  const node = parseOr(reading, 0)
  const next = peek(reading)
  if (next.kind === ')') throw queryFault(next.column, 'this bracket closes nothing; take it out, or put a text with brackets in quotes')
  return node
}

function refuseText (text: string): void {
  const { length } = QUERY_LIMITS
  if (text.length > length && [...text].length > length) throw queryFault(length + 1, `a query is at most ${length} characters; make it shorter`)
  const at = [...text].findIndex((letter) => letter === '\0' || !letter.isWellFormed())
  if (at >= 0) throw queryFault(at + 1, 'a NUL or half a surrogate pair cannot be searched; take it out')
}

function refuseTooManyTerms (tokens: Token[]): void {
  const values = tokens.flatMap((token) => token.kind === 'term' ? token.values : [])
  const tooMany = values[QUERY_LIMITS.terms]
  if (tooMany !== undefined) throw queryFault(tooMany.column, `a query has at most ${QUERY_LIMITS.terms} terms; this one has ${values.length}`)
}

function parseOr (reading: Reading, depth: number): QueryNode {
  const nodes = [parseAnd(reading, depth)]
  while (peek(reading).kind === 'OR') {
    reading.at++
    nodes.push(parseAnd(reading, depth))
  }
  return join('or', nodes)
}

function parseAnd (reading: Reading, depth: number): QueryNode {
  const nodes = [parseUnary(reading, depth)]
  while (!endsAnd(peek(reading))) {
    if (peek(reading).kind === 'AND') reading.at++
    nodes.push(parseUnary(reading, depth))
  }
  return join('and', nodes)
}

function endsAnd (token: Token): boolean {
  return token.kind === 'OR' || token.kind === ')' || token.kind === 'end'
}

function parseUnary (reading: Reading, depth: number): QueryNode {
  const token = peek(reading)
  reading.at++
  switch (token.kind) {
    case '-':
    case 'NOT': return { kind: 'not', node: parseUnary(reading, deeper(token, depth)) }
    case '(': return parseBrackets(reading, token, deeper(token, depth))
    case 'term': return termNode(token)
    default: throw queryFault(token.column, missingTerm(token, reading.tokens[reading.at - 2]))
  }
}

function parseBrackets (reading: Reading, open: Token, depth: number): QueryNode {
  const node = parseOr(reading, depth)
  if (peek(reading).kind !== ')') throw queryFault(open.column, 'this bracket is not closed; add ) where the group ends')
  reading.at++
  return node
}

function deeper (token: Token, depth: number): number {
  if (depth >= QUERY_LIMITS.depth) throw queryFault(token.column, `brackets and exclusions nest at most ${QUERY_LIMITS.depth} deep`)
  return depth + 1
}

function missingTerm (token: Token, before: Token | undefined): string {
  if (token.kind === ')' && before === undefined) return 'this bracket closes nothing; take it out, or put a text with brackets in quotes'
  if (token.kind === ')' && before?.kind === '(') return 'there is nothing between the brackets; to search for brackets, use message~"()"'
  const word = token.kind === 'end' || token.kind === ')' ? before?.kind ?? '' : token.kind
  if (word === '(') return 'this bracket is not closed and holds nothing; take it out, or put a text with brackets in quotes'
  if (word === 'NOT' || word === '-') return `${word} needs a term after it; to search for the word, put it in quotes: "${word}"`
  return `${word} needs a term on both sides; to search for the word, put it in quotes: "${word}"`
}

function peek (reading: Reading): Token {
  return reading.tokens[reading.at] ?? { kind: 'end', column: 0 }
}
