import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import { unreachable } from '../../../core/errors.ts'
import type { Field, QueryNode } from '../../../query/node.ts'
import type { EventsTable } from '../tables.ts'

type Condition = RawBuilder<SqlBool>
type Column = Exclude<keyof EventsTable, 'id' | 'time' | 'client_id'>
type CompareNode = Extract<QueryNode, { kind: 'compare' }>

const COLUMNS: Record<Exclude<Field['name'], 'meta'>, Column> = {
  message: 'message',
  level: 'level',
  severity: 'severity',
  service: 'service_id',
  type: 'type_id',
  host: 'host_id',
  trace_id: 'trace_id',
  pattern: 'pattern_id',
  anomaly: 'anomaly'
}

const ANOMALY_AT = 1

/**
 * Translates a query into a condition on the row `e` of an events table. Says the same of every event as `matcher`
 * of query/match.ts: the contract suite holds them against each other.
 */
export function condition (node: QueryNode): Condition {
  switch (node.kind) {
    case 'and': return sql<SqlBool>`(${sql.join(node.nodes.map(condition), sql` AND `)})`
    case 'or': return sql<SqlBool>`(${sql.join(node.nodes.map(condition), sql` OR `)})`
    // What is unknown (a missing field) counts as false, so that its opposite is true.
    case 'not': return sql<SqlBool>`NOT coalesce(${condition(node.node)}, 0)`
    case 'words': return sql<SqlBool>`has_words(e.message, ${` ${node.words.join(' ')}${node.prefix ? '' : ' '}`})`
    case 'compare': return compare(node)
    case 'prefix': return textual(node.field, (text) => sql<SqlBool>`substr(${text}, 1, ${length(node.value)}) = ${node.value}`)
    case 'contains': return textual(node.field, (text) => sql<SqlBool>`instr(lower(${text}), lower(${node.value})) > 0`)
    case 'exists': return exists(node.field)
    default: return unreachable(node)
  }
}

function compare (node: CompareNode): Condition {
  const { field, value } = node
  if (field.name === 'meta') return compareMeta(field.path, node)
  if (isNamed(field)) return sql<SqlBool>`${column(field)} = (SELECT id FROM names WHERE name = ${value})`
  if (typeof value === 'boolean') return sql<SqlBool>`coalesce(${column(field)} >= ${ANOMALY_AT}, 0) = ${value ? 1 : 0}`
  if (field.name === 'pattern') return sql<SqlBool>`CAST(${column(field)} AS TEXT) = ${value}`
  return sql<SqlBool>`${column(field)} ${sql.raw(node.op)} ${value}`
}

function compareMeta (path: readonly string[], { op, value }: CompareNode): Condition {
  const at = metaValue(path)
  if (op !== '=') return sql<SqlBool>`(${at.type} IN ('integer', 'real') AND CAST(${at.value} AS REAL) ${sql.raw(op)} ${value})`
  const text = String(value)
  const asText = sql<SqlBool>`(${at.type} = 'text' AND ${at.value} = ${text})`
  if (text === 'true' || text === 'false' || text === 'null') return sql<SqlBool>`(${asText} OR ${at.type} = ${text})`
  if (!isJsonNumber(text)) return asText
  return sql<SqlBool>`(${asText} OR (${at.type} IN ('integer', 'real') AND CAST(${at.value} AS REAL) = ${Number(text)}))`
}

function exists (field: Field): Condition {
  if (field.name !== 'meta') return sql<SqlBool>`${column(field)} IS NOT NULL`
  return sql<SqlBool>`${metaValue(field.path).type} <> 'null'`
}

/** Applies a condition on text to a field: names are looked up in their own table, of meta only strings count. */
function textual (field: Field, test: (text: Expression<unknown>) => Condition): Condition {
  if (field.name === 'meta') {
    const at = metaValue(field.path)
    return sql<SqlBool>`(${at.type} = 'text' AND ${test(at.value)})`
  }
  if (isNamed(field)) return sql<SqlBool>`${column(field)} IN (SELECT id FROM names WHERE ${test(sql`name`)})`
  if (field.name === 'pattern') return test(sql`CAST(${column(field)} AS TEXT)`)
  return test(column(field))
}

function column (field: Exclude<Field, { name: 'meta' }>): RawBuilder<unknown> {
  return sql.ref(`e.${COLUMNS[field.name]}`)
}

function isNamed (field: Field): field is Extract<Field, { name: 'service' | 'type' | 'host' }> {
  return field.name === 'service' || field.name === 'type' || field.name === 'host'
}

/** The value at a path of meta as a query writes it: true and false are words. */
export function metaScalar (path: readonly string[]): RawBuilder<unknown> {
  const { type, value } = metaValue(path)
  return sql`iif(${type} IN ('true', 'false'), ${type}, ${value})`
}

/** First the nested path, and when nothing stands there, one key with dots in its name. */
export function metaValue (path: readonly string[]): { type: RawBuilder<unknown>, value: RawBuilder<unknown> } {
  const nested = `$${path.map((key) => `."${key}"`).join('')}`
  if (path.length === 1) return { type: sql`json_type(e.meta, ${nested})`, value: sql`json_extract(e.meta, ${nested})` }
  const dotted = `$."${path.join('.')}"`
  return {
    type: sql`coalesce(json_type(e.meta, ${nested}), json_type(e.meta, ${dotted}))`,
    value: sql`iif(json_type(e.meta, ${nested}) IS NULL, json_extract(e.meta, ${dotted}), json_extract(e.meta, ${nested}))`
  }
}

function isJsonNumber (text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)
}

/** SQLite counts characters, JavaScript units of UTF-16. */
function length (text: string): number {
  return Array.from(text).length
}
