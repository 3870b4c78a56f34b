import { isDeepStrictEqual } from 'node:util'
import { lowerAscii } from './match.ts'
import type { CompareOp, LeafNode, QueryNode } from './node.ts'

/**
 * Tells whether every event that `given` finds is found by `asked` too, as far as that shows in how they are written: never true wrongly,
 * and false where it would take more than comparing terms of the same field.
 */
export function implies (given: QueryNode, asked: QueryNode): boolean {
  if (given.kind === 'or') return given.nodes.every((node) => implies(node, asked))
  if (asked.kind === 'and') return asked.nodes.every((node) => implies(given, node))
  if (asked.kind === 'or' && asked.nodes.some((node) => implies(given, node))) return true
  if (given.kind === 'and') return given.nodes.some((node) => implies(node, asked))
  if (given.kind === 'not') return asked.kind === 'not' && implies(asked.node, given.node)
  return isLeaf(given) && isLeaf(asked) && leafImplies(given, asked)
}

function isLeaf (node: QueryNode): node is LeafNode {
  return node.kind !== 'and' && node.kind !== 'or' && node.kind !== 'not'
}

function leafImplies (given: LeafNode, asked: LeafNode): boolean {
  if (isDeepStrictEqual(given, asked)) return true
  if (given.kind === 'words') return asked.kind === 'words' && holdsPhrase(given, asked)
  if (asked.kind === 'words' || !isDeepStrictEqual(given.field, asked.field)) return false
  if (asked.kind === 'exists') return true
  if (given.kind === 'compare' && typeof given.value === 'number') return asked.kind === 'compare' && typeof asked.value === 'number' && rangeImplies(given.op, given.value, asked.op, asked.value)
  return 'value' in given && typeof given.value === 'string' && textImplies(given.kind, given.value, asked)
}

type Words = Extract<LeafNode, { kind: 'words' }>

/** A prefix stands for words that are not known to their end. */
function holdsPhrase (given: Words, asked: Words): boolean {
  const open = given.prefix ? '' : ' '
  return ` ${given.words.join(' ')}${open}`.includes(` ${asked.words.join(' ')}${asked.prefix ? '' : ' '}`)
}

function rangeImplies (op: CompareOp, value: number, askedOp: CompareOp, limit: number): boolean {
  switch (askedOp) {
    case '=': return false
    case '>': return (op === '>' && value >= limit) || ((op === '>=' || op === '=') && value > limit)
    case '>=': return (op === '>' || op === '>=' || op === '=') && value >= limit
    case '<': return (op === '<' && value <= limit) || ((op === '<=' || op === '=') && value < limit)
    case '<=': return (op === '<' || op === '<=' || op === '=') && value <= limit
  }
}

/** A text is known whole, by its beginning, or by a part of it. */
function textImplies (kind: LeafNode['kind'], text: string, asked: LeafNode): boolean {
  if (asked.kind === 'prefix') return kind !== 'contains' && text.startsWith(asked.value)
  return asked.kind === 'contains' && lowerAscii(text).includes(lowerAscii(asked.value))
}
