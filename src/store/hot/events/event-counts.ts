import { sql, type RawBuilder } from 'kysely'
import type { Field, QueryNode } from '../../../query/node.ts'
import { idAt } from '../../../core/row-ids.ts'
import type { ReadContext } from '../contexts.ts'
import { groupColumns, groupName, groupTexts, parseGroups, type GroupValue } from './event-groups.ts'
import { eventColumns, fetchEvents, type StoredEvent } from './event-rows.ts'
import { notImported } from '../days/imports.ts'
import { FAR_MS, listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { isFar, matchingRows, planOf, type Plan } from './plan.ts'
import { windows, type Order, type Range } from '../days/windows.ts'

/** Which events are counted: those that match and were received in the range, whatever time they bear; none that were imported. */
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

/** Some of the events of a partition, as a FROM and WHERE with the row as `e`. */
interface Slice {
  partition: Partition
  rows: RawBuilder<unknown>
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
  return countGroups(context, request, stepMs)
}

/** Finds the newest events that `countEvents` would count, newest first. */
export async function newestReceived (context: ReadContext, { limit, ...request }: ReceivedRequest & { limit: number }): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const { partition, rows } of slices(context, request, 'desc')) {
    found.push(...await fetchEvents(context.db, sql`SELECT ${eventColumns(partition)} FROM ${rows} ORDER BY e.id DESC LIMIT ${limit}`))
  }
  return found.sort((a, b) => b.receivedAt - a.receivedAt || b.id - a.id).slice(0, limit)
}

/** Whether anything may have been received then, by the bounds of partitions alone; what is never counted is among it. */
export async function mayHoldReceived ({ db }: Pick<ReadContext, 'db'>, received: Range): Promise<boolean> {
  return (await listPartitions(db)).some((partition) => partition.rows > 0 && mayHold(partition, received))
}

async function countGroups (context: ReadContext, request: CountRequest, stepMs: number | undefined): Promise<{ rows: GroupSteps[], other: number }> {
  const fields = parseGroups(request.groupBy)
  const { groups, other } = await collectGroups(context, request, { fields, stepMs })
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
  context: ReadContext, request: CountRequest, { fields, stepMs }: { fields: readonly Field[], stepMs: number | undefined }
): Promise<{ groups: Map<string, Group>, other: number }> {
  const names = [...fields.map((_, index) => groupName(index)), ...(stepMs === undefined ? [] : ['step'])]
  const grouping = names.length === 0 ? sql`` : sql`GROUP BY ${sql.join(names.map((name) => sql.ref(name)))}`
  const groups = new Map<string, Group>()
  let other = 0
  for await (const slice of slices(context, request, 'asc')) {
    const step = stepMs === undefined ? [] : [sql`${stepOf(request.received.from, stepMs, slice.partition)} AS step`]
    const columns = [...groupColumns(fields), ...step, sql`count(*) AS count`]
    const { rows } = await sql<Row>`SELECT ${sql.join(columns)} FROM ${slice.rows} ${grouping}`.execute(context.db)
    for (const row of rows) other += collect(groups, row, fields.length)
  }
  return { groups, other }
}

/** Literals, since SQLite would take bound ones for fractions. */
function stepOf (from: number, stepMs: number, { lead_ms: leadMs }: Partition): RawBuilder<unknown> {
  return sql`((e.id >> 10) - ${sql.lit(from + leadMs)}) / ${sql.lit(stepMs)}`
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
 * Cuts the events to count into slices that take some milliseconds each. Those whose time is near their receipt, which is nearly
 * all, are found by the index of times; those far from it by the index that is theirs alone.
 */
async function * slices (context: ReadContext, { where, received }: ReceivedRequest, order: Order): AsyncGenerator<Slice> {
  const { from, to } = received
  const near = { from: from - FAR_MS, to: to + FAR_MS }
  const partitions = (await listPartitions(context.db)).filter((partition) => partition.rows > 0 && mayHold(partition, received))
  if (partitions.length === 0 || from > to) return
  const [plan, isNews] = [planOf(where), await notImported(context.db, partitions)]
  for await (const window of windows({ ...context, partitions, range: near, order })) {
    for (const partition of window.partitions) yield { partition, rows: sql`${matchingRows(plan, partition, window)} AND ${isReceived(partition, received)} AND ${isNews}` }
  }
  for (const partition of partitions) {
    yield { partition, rows: sql`${farRows(plan, partition, { near, received })} AND ${isNews}` }
    await context.guard.pause()
  }
}

function mayHold ({ first_id: first, last_id: last, lead_ms: leadMs }: Partition, { from, to }: Range): boolean {
  return first < idAt(to + 1, leadMs) && last >= idAt(from, leadMs)
}

/** The plus keeps SQLite from going through the rows themselves, which are wider than the indexes of times. */
function isReceived ({ lead_ms: leadMs }: Partition, { from, to }: Range): RawBuilder<unknown> {
  return sql`+e.id BETWEEN ${idAt(from, leadMs)} AND ${idAt(to + 1, leadMs) - 1}`
}

function farRows ({ everything }: Plan, partition: Partition, { near, received }: { near: Range, received: Range }): RawBuilder<unknown> {
  const events = sql.table(parseTable('events', partition.n))
  // Their own index has all that the inner query asks for; with more conditions there SQLite would take a larger one.
  return sql`${events} AS e WHERE e.id IN (
    SELECT e.id FROM ${events} AS e WHERE ${isFar(partition.lead_ms)} AND e.time NOT BETWEEN ${near.from} AND ${near.to} AND ${isReceived(partition, received)}) AND ${everything}`
}
