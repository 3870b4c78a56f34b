import { sql, type RawBuilder } from 'kysely'
import { LEVELS, SEVERITIES } from '../../../../schemas/words.ts'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { metaScalar } from './filter.ts'
import { listPartitions } from '../days/partitions.ts'
import { matchingRows, planOf } from './plan.ts'
import { windows, within, type Range } from '../days/windows.ts'

export type FacetField = 'level' | 'severity' | 'service' | 'type' | 'host' | { meta: string }

export interface FacetsRequest {
  where: QueryNode | undefined
  range: Range
  field: FacetField
  limit: number
}

export interface Facet {
  value: string
  count: number
}

type Value = string | number | null

const MOST_VALUES = 10_000

/** Counts the most common values of a field. Events without a value are left out; `other` counts values beyond the limit. */
export async function facets (context: ReadContext, { where, range, field, limit }: FacetsRequest): Promise<{ values: Facet[], other: number }> {
  const partitions = within(await listPartitions(context.db), range)
  const plan = planOf(where)
  const counts = new Map<string, number>()
  let beyond = 0
  for await (const window of windows({ ...context, partitions, range, order: 'desc' })) {
    for (const partition of window.partitions) {
      const { rows } = await sql<{ value: Value, count: number }>`
        SELECT ${valueOf(field)} AS value, count(*) AS count FROM ${matchingRows(plan, partition, window)} GROUP BY 1`.execute(context.db)
      beyond += addCounts(counts, rows)
    }
  }
  const sorted = Array.from(counts, ([value, count]) => ({ value: label(field, value), count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const other = sorted.slice(limit).reduce((sum, { count }) => sum + count, beyond)
  return { values: await named(context, field, sorted.slice(0, limit)), other }
}

/**
 * Adds up, keeping at most MOST_VALUES different values; returns how many events fell beyond them. In meta the
 * number 500 and the text "500" are one value, as they are for a query.
 */
function addCounts (counts: Map<string, number>, rows: ReadonlyArray<{ value: Value, count: number }>): number {
  let beyond = 0
  for (const { value, count } of rows) {
    if (value === null) continue
    const text = String(value)
    const known = counts.get(text)
    if (known === undefined && counts.size >= MOST_VALUES) beyond += count
    else counts.set(text, (known ?? 0) + count)
  }
  return beyond
}

function valueOf (field: FacetField): RawBuilder<unknown> {
  if (typeof field === 'object') return metaScalar(field.meta.split('.'))
  if (field === 'level' || field === 'severity') return sql.ref(`e.${field}`)
  return sql.ref(`e.${field}_id`)
}

function label (field: FacetField, value: string): string {
  if (field === 'level') return LEVELS[Number(value) - 1] ?? value
  if (field === 'severity') return SEVERITIES[Number(value) - 1] ?? value
  return value
}

async function named ({ db }: ReadContext, field: FacetField, facets: Facet[]): Promise<Facet[]> {
  if (field !== 'service' && field !== 'type' && field !== 'host') return facets
  const ids = facets.map(({ value }) => Number(value))
  const rows = await db.selectFrom('names').selectAll().where('id', 'in', ids.length === 0 ? [0] : ids).execute()
  const names = new Map(rows.map(({ id, name }) => [String(id), name]))
  return facets.map(({ value, count }) => ({ value: names.get(value) ?? value, count }))
}
