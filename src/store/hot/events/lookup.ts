import { sql, type Kysely } from 'kysely'
import type { QueryNode } from '../../../query/node.ts'
import type { ReadContext } from '../contexts.ts'
import { eventColumns, fetchEvents, type StoredEvent } from './event-rows.ts'
import { listPartitions, parseTable, type Partition } from '../days/partitions.ts'
import { planOf } from './plan.ts'
import type { Tables } from '../tables.ts'

interface Found {
  partition: Partition
  event: StoredEvent
}

/** Finds an event by the id that it is answered with: the sender's, or else that of its row. */
export async function getEvent ({ db }: ReadContext, id: string): Promise<StoredEvent | undefined> {
  return (await findEvent(db, id))?.event
}

/** Finds an event by its row, whatever id it is answered with. */
export async function getRow ({ db }: ReadContext, rowId: number): Promise<StoredEvent | undefined> {
  return (await eventOfRow(db, await listPartitions(db), rowId))?.event
}

/** Finds the neighbours of an event in time among those of the same service and host. */
export async function eventContext (
  { db }: ReadContext, { id, before, after }: { id: string, before: number, after: number }
): Promise<{ before: StoredEvent[], event: StoredEvent, after: StoredEvent[] } | undefined> {
  const found = await findEvent(db, id)
  if (found === undefined) return undefined
  const partitions = await listPartitions(db)
  const earlier = await neighbours(db, partitions, { found, order: 'desc', limit: before })
  const later = await neighbours(db, partitions, { found, order: 'asc', limit: after })
  return { before: earlier.reverse(), event: found.event, after: later }
}

/** Lists matching events in order of receipt, from the one after row `after`. */
export async function eventsSince (
  { db, guard }: ReadContext, { after, where, limit }: { after: number, where: QueryNode | undefined, limit: number }
): Promise<StoredEvent[]> {
  const { everything } = planOf(where)
  const events: StoredEvent[] = []
  for (const partition of (await listPartitions(db)).filter(({ last_id: last }) => last > after)) {
    events.push(...await fetchEvents(db, sql`
      SELECT ${eventColumns(partition)} FROM ${sql.table(parseTable('events', partition.n))} AS e
      WHERE e.id > ${after} AND ${everything} ORDER BY e.id LIMIT ${limit - events.length}`))
    if (events.length >= limit) break
    await guard.pause()
  }
  return events
}

/** The row goes first: no id that a sender chose can stand in its way. */
async function findEvent (db: Kysely<Tables>, id: string): Promise<Found | undefined> {
  const partitions = await listPartitions(db)
  const found = /^\d{1,16}$/.test(id) ? await eventOfRow(db, partitions, Number(id)) : undefined
  if (found?.event.clientId === null) return found
  for (const partition of partitions.toReversed()) {
    const key = await db.selectFrom(parseTable('keys', partition.n)).select('id')
      .where('client_id', '=', id).where('is_other', '=', 0).executeTakeFirst()
    if (key !== undefined) return eventAt(db, partition, key.id)
  }
  return undefined
}

async function eventOfRow (db: Kysely<Tables>, partitions: readonly Partition[], rowId: number): Promise<Found | undefined> {
  const partition = partitions.find(({ first_id: first, last_id: last }) => rowId >= first && rowId <= last)
  return partition === undefined ? undefined : eventAt(db, partition, rowId)
}

async function eventAt (db: Kysely<Tables>, partition: Partition, rowId: number): Promise<Found | undefined> {
  const [event] = await fetchEvents(db, sql`
    SELECT ${eventColumns(partition)} FROM ${sql.table(parseTable('events', partition.n))} AS e WHERE e.id = ${rowId}`)
  return event === undefined ? undefined : { partition, event }
}

interface NeighbourRequest {
  found: Found
  order: 'asc' | 'desc'
  limit: number
}

async function neighbours (db: Kysely<Tables>, partitions: Partition[], { found: { event, partition: home }, order, limit }: NeighbourRequest): Promise<StoredEvent[]> {
  const [beyond, direction] = order === 'asc' ? [sql`>`, sql`ASC`] : [sql`<`, sql`DESC`]
  const source = sql`(SELECT service_id, host_id FROM ${sql.table(parseTable('events', home.n))} WHERE id = ${event.id})`
  const near = partitions.filter(({ min_time: min, max_time: max }) => order === 'asc' ? max >= event.time : min <= event.time)
  const found = await Promise.all(near.map((partition) => fetchEvents(db, sql`
    SELECT ${eventColumns(partition)} FROM ${source} AS s JOIN ${sql.table(parseTable('events', partition.n))} AS e
      ON e.service_id IS s.service_id AND e.host_id IS s.host_id
    WHERE (e.time, e.id) ${beyond} (${event.time}, ${event.id})
    ORDER BY e.time ${direction}, e.id ${direction} LIMIT ${limit}`)))
  const sign = order === 'asc' ? 1 : -1
  return found.flat().sort((a, b) => sign * (a.time - b.time || a.id - b.id)).slice(0, limit)
}
