import { sql, type Kysely } from 'kysely'
import type { QueryNode } from '../query/node.ts'
import type { ReadContext } from './contexts.ts'
import { eventColumns, fetchEvents, type StoredEvent } from './event-rows.ts'
import { listPartitions, parseTable, type Partition } from './partitions.ts'
import { planOf } from './plan.ts'
import type { Tables } from './tables.ts'

interface Found {
  partition: Partition
  event: StoredEvent
}

/** Finds an event by the id that it is answered with: the sender's, or the row id when the sender gave none. */
export async function getEvent ({ db }: ReadContext, id: string): Promise<StoredEvent | undefined> {
  return (await findEvent(db, id))?.event
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

async function findEvent (db: Kysely<Tables>, id: string): Promise<Found | undefined> {
  const partitions = await listPartitions(db)
  for (const partition of partitions.toReversed()) {
    const key = await db.selectFrom(parseTable('keys', partition.n)).select('id').where('client_id', '=', id).executeTakeFirst()
    if (key !== undefined) return eventAt(db, partition, key.id)
  }
  const rowId = /^\d{1,16}$/.test(id) ? Number(id) : 0
  const partition = partitions.find(({ first_id: first, last_id: last }) => rowId >= first && rowId <= last)
  if (partition === undefined) return undefined
  const found = await eventAt(db, partition, rowId)
  return found?.event.clientId === null ? found : undefined
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
