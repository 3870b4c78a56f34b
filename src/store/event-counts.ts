import { sql, type RawBuilder } from 'kysely'
import type { Field, QueryNode } from '../query/node.ts'
import type { ReadContext } from './contexts.ts'
import { groupColumns, groupName, groupTexts, parseGroups, type GroupValue } from './event-groups.ts'
import { EVENT_COLUMNS, fetchEvents, type StoredEvent } from './event-rows.ts'
import { FAR_MS, IDS_PER_MS, listPartitions, parseTable, type Partition } from './partitions.ts'
import { isFar, matchingRows, planOf, type Plan } from './plan.ts'
import { windows, type Order, type Range } from './windows.ts'

/** Which events are counted: those that match and were received in the range, whatever time they bear. */
export interface ReceivedRequest {
  where: QueryNode | undefined
  received: Range
}

export interface CountRequest extends ReceivedRequest {
  /** Fields as queries write them. */
  groupBy: readonly string[]
  /** Groups to answer: those with the most events. */
  most: number
}

export interface StepsRequest extends CountRequest {
  /** The range is cut into steps of this length from its beginning on. */
  stepMs: number
}

export interface GroupCount {
  /** The fields of `groupBy`; a field that an event does not have is empty. */
  labels: Record<string, string>
  value: number
}

export interface GroupSteps extends GroupCount {
  /** Those steps, counted from 0, that hold any event, and how many; in order. */
  steps: Array<[step: number, count: number]>
}

type Row = Record<string, GroupValue>

interface Group {
  values: GroupValue[]
  count: number
  steps: Map<number, number>
}

/** More groups than these are counted together, as `other`. */
const MOST_GROUPS = 10_000

/** Counts events by the time of their receipt, the groups with the most events first; `other` counts the events of the rest. */
export async function countEvents (context: ReadContext, request: CountRequest): Promise<{ rows: GroupCount[], other: number }> {
  const { rows, other } = await countGroups(context, request, undefined)
  return { rows: rows.map(({ labels, value }) => ({ labels, value })), other }
}

/** Counts as `countEvents`, step by step: what an evaluation at the end of each step would have counted. */
export async function countSteps (context: ReadContext, { stepMs, ...request }: StepsRequest): Promise<{ rows: GroupSteps[], other: number }> {
  // Literals, since SQLite would take bound ones for fractions.
  const step = sql`((e.id / ${sql.lit(IDS_PER_MS)}) - ${sql.lit(request.received.from)}) / ${sql.lit(stepMs)}`
  return countGroups(context, request, step)
}

/** Finds the newest events that `countEvents` would count, newest first. */
export async function newestReceived (context: ReadContext, { limit, ...request }: ReceivedRequest & { limit: number }): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const rows of slices(context, request, 'desc')) {
    found.push(...await fetchEvents(context.db, sql`SELECT ${EVENT_COLUMNS} FROM ${rows} ORDER BY e.id DESC LIMIT ${limit}`))
  }
  return found.sort((a, b) => b.id - a.id).slice(0, limit)
}

async function countGroups (context: ReadContext, request: CountRequest, step: RawBuilder<unknown> | undefined): Promise<{ rows: GroupSteps[], other: number }> {
  const fields = parseGroups(request.groupBy)
  const { groups, other } = await collectGroups(context, request, { fields, step })
  const sorted = Array.from(groups).sort(([a, one], [b, two]) => two.count - one.count || (a < b ? -1 : 1)).map(([, group]) => group)
  const kept = sorted.slice(0, request.most)
  const texts = await groupTexts(context.db, fields, kept.map(({ values }) => values))
  return {
    rows: kept.map(({ count, steps }, index) => ({
      labels: Object.fromEntries(request.groupBy.map((name, at) => [name, texts[index]?.[at] ?? ''])),
      value: count,
      steps: Array.from(steps).sort(([a], [b]) => a - b)
    })),
    other: sorted.slice(request.most).reduce((sum, { count }) => sum + count, other)
  }
}

async function collectGroups (
  context: ReadContext, request: CountRequest, { fields, step }: { fields: readonly Field[], step: RawBuilder<unknown> | undefined }
): Promise<{ groups: Map<string, Group>, other: number }> {
  const names = [...fields.map((_, index) => groupName(index)), ...(step === undefined ? [] : ['step'])]
  const columns = [...groupColumns(fields), ...(step === undefined ? [] : [sql`${step} AS step`]), sql`count(*) AS count`]
  const grouping = names.length === 0 ? sql`` : sql`GROUP BY ${sql.join(names.map((name) => sql.ref(name)))}`
  const groups = new Map<string, Group>()
  let other = 0
  for await (const from of slices(context, request, 'asc')) {
    const { rows } = await sql<Row>`SELECT ${sql.join(columns)} FROM ${from} ${grouping}`.execute(context.db)
    for (const row of rows) other += collect(groups, row, fields.length)
  }
  return { groups, other }
}

/** Adds a row to its group; returns what cannot be added, since there are too many. In meta the number 500 and the text "500" are one value. */
function collect (groups: Map<string, Group>, row: Row, width: number): number {
  const count = Number(row.count)
  if (count === 0) return 0
  const values = Array.from({ length: width }, (_, index) => row[groupName(index)] ?? null)
  const key = JSON.stringify(values.map((value) => String(value ?? '')))
  const group = groups.get(key) ?? { values, count: 0, steps: new Map<number, number>() }
  if (group.count === 0 && groups.size >= MOST_GROUPS) return count
  group.count += count
  if (typeof row.step === 'number') group.steps.set(row.step, (group.steps.get(row.step) ?? 0) + count)
  groups.set(key, group)
  return 0
}

/**
 * Cuts the events to count into slices that take some milliseconds each, as a FROM and WHERE with the row as `e`. Those whose time is near their receipt, which is nearly
 * all, are found by the index of times; those far from it by the index that is theirs alone.
 */
async function * slices (context: ReadContext, { where, received }: ReceivedRequest, order: Order): AsyncGenerator<RawBuilder<unknown>> {
  const { from, to } = received
  const [first, last] = [from * IDS_PER_MS, (to + 1) * IDS_PER_MS - 1]
  const near = { from: from - FAR_MS, to: to + FAR_MS }
  const partitions = (await listPartitions(context.db)).filter((partition) => partition.rows > 0 && partition.first_id <= last && partition.last_id >= first)
  if (partitions.length === 0 || from > to) return
  const plan = planOf(where)
  // The plus keeps SQLite from going through the rows themselves, which are wider than the indexes of times.
  const isReceived = sql`+e.id BETWEEN ${first} AND ${last}`
  for await (const window of windows({ ...context, partitions, range: near, order })) {
    for (const { n } of window.partitions) yield sql`${matchingRows(plan, n, window)} AND ${isReceived}`
  }
  for (const partition of partitions) {
    yield farRows(plan, partition, { near, isReceived })
    await context.guard.pause()
  }
}

function farRows ({ everything }: Plan, { n }: Partition, { near, isReceived }: { near: Range, isReceived: RawBuilder<unknown> }): RawBuilder<unknown> {
  const events = sql.table(parseTable('events', n))
  // Their own index has all that the inner query asks for; with more conditions there SQLite would take a larger one.
  return sql`${events} AS e WHERE e.id IN (
    SELECT e.id FROM ${events} AS e WHERE ${isFar} AND e.time NOT BETWEEN ${near.from} AND ${near.to} AND ${isReceived}) AND ${everything}`
}
