import { sql, type RawBuilder } from 'kysely'
import { isUnspaced } from '../../../query/index-text.ts'
import type { QueryNode } from '../../../query/node.ts'
import { idAt } from '../../../core/row-ids.ts'
import { condition } from './filter.ts'
import { FAR_MS, farCondition, LAYOUT, parseTable, type Partition } from '../days/partitions.ts'
import type { Range } from '../days/windows.ts'

/** How a query is looked for: `match` goes to the word index, `rest` is asked of each row, `keys` are cheap to look up. */
export interface Plan {
  match: string | undefined
  rest: RawBuilder<unknown>
  everything: RawBuilder<unknown>
  keys: RawBuilder<unknown> | undefined
  /** What `candidates` offers is just what matches. */
  isAnswered: boolean
  /** It asks for letters that an old word index does not hold one by one. */
  hasLetters: boolean
}

const GRAVE = 4
const MARGINAL_MS = 4 * FAR_MS

export function planOf (where: QueryNode | undefined): Plan {
  const terms = where === undefined ? [] : where.kind === 'and' ? where.nodes : [where]
  const words = terms.filter((term) => term.kind === 'words')
  const others = terms.filter((term) => term.kind !== 'words')
  const key = others.find(isKey)
  return {
    isAnswered: terms.length === words.length || (terms.length === 1 && key !== undefined),
    hasLetters: words.some((term) => term.words.some(isUnspaced)),
    match: words.length === 0 ? undefined : words.map(matchText).join(' AND '),
    rest: all(others.map(indexable)),
    everything: all(terms.map(indexable)),
    keys: key === undefined ? undefined : condition(key)
  }
}

/** The same query without the word index: each row is asked for everything. */
export function byRow (plan: Plan): Plan {
  return { ...plan, match: undefined, rest: plan.everything }
}

/** An old partition is searched row by row for what its word index does not know. */
function planFor (plan: Plan, { layout }: Partition): Plan {
  return plan.hasLetters && layout < LAYOUT ? byRow(plan) : plan
}

/** The rows of a partition in a range of time that match, as a FROM and WHERE with the row as `e`. */
export function matchingRows (asked: Plan, partition: Partition, range: Range): RawBuilder<unknown> {
  const { n, lead_ms: leadMs } = partition
  const plan = planFor(asked, partition)
  const events = sql.table(parseTable('events', n))
  const inRange = between(range)
  if (plan.match === undefined) return sql`${events} AS e WHERE ${inRange} AND ${plan.rest}`
  const words = sql.table(parseTable('words', n))
  const far = isFar(leadMs)
  return sql`(
    SELECT e.* FROM ${words} AS w CROSS JOIN ${events} AS e ON e.id = w.rowid
    WHERE ${words} MATCH ${plan.match} AND w.rowid BETWEEN ${nearIds(partition, range)}
      AND ${inRange} AND NOT (${far}) AND ${plan.rest}
    UNION ALL
    SELECT e.* FROM ${events} AS e WHERE ${far} AND ${inRange} AND ${plan.everything}) AS e WHERE true`
}

/**
 * Bounds of the ids that near rows of a range can have. Over a short one the margin would be most of it, when many came at once: there
 * the index of times is asked which there are.
 */
function nearIds ({ n, lead_ms: leadMs }: Partition, range: Range): RawBuilder<unknown> {
  if (range.to - range.from > MARGINAL_MS) return sql`${idAt(range.from - FAR_MS, leadMs)} AND ${idAt(range.to + FAR_MS + 1, leadMs)}`
  // With a bare id SQLite would look for the least by going through the rows in their order.
  const near = sql`${sql.table(parseTable('events', n))} AS e WHERE ${between(range)} AND NOT (${isFar(leadMs)})`
  // To FTS5 a bound that is null is none: it would go through all that match.
  return sql`(SELECT coalesce(min(+e.id), 1) FROM ${near}) AND (SELECT coalesce(max(+e.id), 0) FROM ${near})`
}

function between ({ from, to }: Range): RawBuilder<unknown> {
  return sql`e.time BETWEEN ${from} AND ${to}`
}

/** Ids of a partition that a cheap index offers for the query, in any time; absent when no index helps. */
export function candidates (asked: Plan, partition: Partition): RawBuilder<unknown> | undefined {
  const { n } = partition
  const plan = planFor(asked, partition)
  const words = sql.table(parseTable('words', n))
  if (plan.match !== undefined) return sql`SELECT rowid AS id FROM ${words} WHERE ${words} MATCH ${plan.match}`
  if (plan.keys !== undefined) return sql`SELECT id FROM ${sql.table(parseTable('events', n))} AS e WHERE ${plan.keys}`
  return undefined
}

/** Of a row that is called `e`. */
export function isFar (leadMs: number): RawBuilder<unknown> {
  return sql.raw(farCondition(leadMs).replace(/\b(?:time|id)\b/g, 'e.$&'))
}

function all (conditions: Array<RawBuilder<unknown>>): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` AND `)})`
}

/** Repeats the condition of the partial index on grave events, where the term implies it, so that SQLite can use it. */
function indexable (term: QueryNode): RawBuilder<unknown> {
  if (!isGrave(term)) return condition(term)
  return sql`${condition(term)} AND e.level >= ${sql.lit(GRAVE)}`
}

function isGrave (term: QueryNode): boolean {
  if (term.kind !== 'compare' || term.field.name !== 'level' || typeof term.value !== 'number') return false
  if (term.op === '>') return term.value >= GRAVE - 1
  return (term.op === '>=' || term.op === '=') && term.value >= GRAVE
}

function isKey (term: QueryNode): boolean {
  return term.kind === 'compare' && term.op === '=' && (term.field.name === 'service' || term.field.name === 'trace_id')
}

function matchText (term: Extract<QueryNode, { kind: 'words' }>): string {
  return `"${term.words.join(' ')}"${term.prefix ? ' *' : ''}`
}
