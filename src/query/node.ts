export type TextFieldName = 'service' | 'type' | 'host' | 'trace_id' | 'pattern'
export type FieldName = 'message' | 'level' | 'severity' | 'anomaly' | TextFieldName

/** A field that every event has, or a place in `meta`: `meta.a.b` has the path `['a', 'b']`. */
export type Field = { name: FieldName } | { name: 'meta', path: string[] }

export type CompareOp = '=' | '<' | '<=' | '>' | '>='

/**
 * A query as a tree. Logic is two-valued: a comparison with a field that an event does not have is false, its `not` true.
 *
 * - words: these words stand one after the other in the message; with `prefix` the last is only the beginning of a word.
 * - compare: a level is its number 1..6, a severity 1..4, an anomaly a score or a boolean, everything else text.
 *   `=` on meta takes text (see `matcher` for what it equals), ranges on meta take a number.
 * - prefix: the text begins so, case-sensitive. contains: ASCII case does not matter.
 * - exists: the field is there and not null.
 */
export type QueryNode =
  | { kind: 'and' | 'or', nodes: QueryNode[] }
  | { kind: 'not', node: QueryNode }
  | { kind: 'words', words: string[], prefix: boolean }
  | { kind: 'compare', field: Field, op: CompareOp, value: string | number | boolean }
  | { kind: 'prefix' | 'contains', field: Field, value: string }
  | { kind: 'exists', field: Field }
export type LeafNode = Exclude<QueryNode, { kind: 'and' | 'or' | 'not' }>

/** Joins nodes; one node needs no joint. */
export function join (kind: 'and' | 'or', nodes: QueryNode[]): QueryNode {
  const [only] = nodes
  return only !== undefined && nodes.length === 1 ? only : { kind, nodes }
}
