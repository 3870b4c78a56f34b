import { sql, type Kysely, type RawBuilder } from 'kysely'
import { LEVELS, SEVERITIES } from '../../../../schemas/words.ts'
import { parseField } from '../../../query/field.ts'
import type { Field } from '../../../query/node.ts'
import { metaScalar, metaValue } from './filter.ts'
import type { Tables } from '../tables.ts'

/** A value of a group as it is stored: levels are numbers, names are their ids. */
export type GroupValue = string | number | null

const NAMED: ReadonlySet<string> = new Set(['service', 'type', 'host'])

/** Reads the fields to group by as queries write them: `service`, `meta.a.b`. Throws `invalid` for others. */
export function parseGroups (names: readonly string[]): Field[] {
  return names.map((name) => parseField(name, name, 1))
}

/** The columns of the groups for a FROM that calls the row `e`, named g0, g1 ... */
export function groupColumns (fields: readonly Field[]): Array<RawBuilder<unknown>> {
  return fields.map((field, index) => sql`${valueOf(field)} AS ${sql.ref(groupName(index))}`)
}

export function groupName (index: number): string {
  return `g${index}`
}

/** Turns values of groups into text; empty where an event has none. Names are looked up, all in one go. */
export async function groupTexts (db: Kysely<Tables>, fields: readonly Field[], groups: ReadonlyArray<readonly GroupValue[]>): Promise<string[][]> {
  const ids = new Set(groups.flatMap((values) => values.filter((value, index) => typeof value === 'number' && isNamed(fields[index]))).map(Number))
  const names = await namesOf(db, ids)
  return groups.map((values) => values.map((value, index) => textOf(fields[index], value, names)))
}

function valueOf (field: Field): RawBuilder<unknown> {
  switch (field.name) {
    // An object or a list is no value to group by.
    case 'meta': return sql`CASE WHEN ${metaValue(field.path).type} NOT IN ('object', 'array', 'null') THEN ${metaScalar(field.path)} END`
    case 'service':
    case 'type':
    case 'host': return sql.ref(`e.${field.name}_id`)
    case 'pattern': return sql`CAST(e.pattern_id AS TEXT)`
    default: return sql.ref(`e.${field.name}`)
  }
}

function textOf (field: Field | undefined, value: GroupValue | undefined, names: ReadonlyMap<number, string>): string {
  if (value === undefined || value === null) return ''
  if (field?.name === 'level') return LEVELS[Number(value) - 1] ?? ''
  if (field?.name === 'severity') return SEVERITIES[Number(value) - 1] ?? ''
  return isNamed(field) ? names.get(Number(value)) ?? '' : String(value)
}

function isNamed (field: Field | undefined): boolean {
  return field !== undefined && NAMED.has(field.name)
}

async function namesOf (db: Kysely<Tables>, ids: ReadonlySet<number>): Promise<Map<number, string>> {
  if (ids.size === 0) return new Map()
  const rows = await db.selectFrom('names').selectAll().where('id', 'in', [...ids]).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
