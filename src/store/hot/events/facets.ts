import { sql, type RawBuilder } from 'kysely'
import { LEVELS, SEVERITIES } from '../../../../schemas/words.ts'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { metaScalar } from './filter.ts'
import { listPartitions } from '../days/partitions.ts'
import { matchingRows, planOf } from './plan.ts'
import { untilLate, windows, within, type Range } from '../days/windows.ts'

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

export interface FacetCounts {
  values: Facet[]
  /** Events with a value beyond the limit. */
  other: number
  /** Events without a value. */
  missing: number
  /** The newest part of the range, when the deadline came before all was counted. */
  partial: Range | undefined
}

/** At most MOST_VALUES different values; `beyond` counts events that have others. */
interface Tally {
  counts: Map<string, number>
  beyond: number
  missing: number
}

type Value = string | number | null

const MOST_VALUES = 10_000

/** Counts the most common values of a field; the sum of all is the number of events that match. */
export async function facets (context: ReadContext, { where, range, field, limit }: FacetsRequest): Promise<FacetCounts> {
  const partitions = within(await listPartitions(context.db), range)
  const plan = planOf(where)
  const tally: Tally = { counts: new Map(), beyond: 0, missing: 0 }
  const steps = windows({ ...context, partitions, range, order: 'desc' })
  const partial = await untilLate(context.guard, range, steps, async (window) => {
    for (const partition of window.partitions) {
      const { rows } = await sql<{ value: Value, count: number }>`
        SELECT ${valueOf(field)} AS value, count(*) AS count FROM ${matchingRows(plan, partition, window)} GROUP BY 1`.execute(context.db)
      addCounts(tally, rows)
    }
  })
  const sorted = Array.from(tally.counts, ([value, count]) => ({ value: label(field, value), count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const other = sorted.slice(limit).reduce((sum, { count }) => sum + count, tally.beyond)
  return { values: await named(context, field, sorted.slice(0, limit)), other, missing: tally.missing, partial }
}

/** Adds up. In meta the number 500 and the text "500" are one value, as they are for a query. */
function addCounts (tally: Tally, rows: ReadonlyArray<{ value: Value, count: number }>): void {
  const { counts } = tally
  for (const { value, count } of rows) {
    const text = String(value)
    const known = counts.get(text)
    if (value === null) tally.missing += count
    else if (known === undefined && counts.size >= MOST_VALUES) tally.beyond += count
    else counts.set(text, (known ?? 0) + count)
  }
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
