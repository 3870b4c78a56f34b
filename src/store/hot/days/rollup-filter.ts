import { sql, type RawBuilder } from 'kysely'
import type { QueryNode } from '../../../query/node.ts'

/** Translates a query into a condition on a rollup row `r`, or undefined when it asks for more than level and service. */
export function rollupCondition (node: QueryNode | undefined): RawBuilder<unknown> | undefined {
  if (node === undefined) return sql`true`
  if (node.kind === 'and' || node.kind === 'or') {
    const parts = node.nodes.map(rollupCondition)
    const known = parts.filter((part) => part !== undefined)
    if (known.length < parts.length) return undefined
    return sql`(${sql.join(known, node.kind === 'and' ? sql` AND ` : sql` OR `)})`
  }
  if (node.kind === 'not') {
    const inner = rollupCondition(node.node)
    return inner === undefined ? undefined : sql`NOT coalesce(${inner}, 0)`
  }
  if (node.kind !== 'compare') return undefined
  if (node.field.name === 'level') return sql`r.level ${sql.raw(node.op)} ${node.value}`
  if (node.field.name === 'service') return sql`r.service_id = (SELECT id FROM names WHERE name = ${node.value})`
  return undefined
}
