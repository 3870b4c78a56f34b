import { sql, type Kysely } from 'kysely'
import type { ChannelKind, DeliveryChannel } from '../../../../schemas/channel.ts'
import { AppError } from '../../../core/errors.ts'
import type { ChannelsTable } from '../alerts/alert-tables.ts'
import type { Connection } from '../database.ts'
import { arrange, isPending } from './notices.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** A channel as it may be shown. Times are ms since the epoch. */
export interface ChannelRecord {
  id: string
  name: string
  kind: ChannelKind
  url: string
  fallback: string | null
  isSigned: boolean
  enabled: boolean
  ackLinks: boolean
  /** Why the service switched it off; null when it is on, or a person did. */
  disabledReason: string | null
  failures: number
  heldUntil: number
  /** A setting or the configuration file says what it is. */
  isFixed: boolean
  createdAt: number
  updatedAt: number
  /** A removed one is still known by its id, since the ledger names it. */
  deletedAt: number | null
}

export interface ChannelInsert {
  id: string
  name: string
  kind: ChannelKind
  url: string
  secret: string | null
  fallback: string | null
  enabled: boolean
  ackLinks: boolean
  now: number
}

/** What is left out stays. */
export interface ChannelUpdate {
  id: string
  now: number
  name?: string
  url?: string
  secret?: string | null
  fallback?: string | null
  enabled?: boolean
  ackLinks?: boolean
}

/** Lists channels by name without their secrets; with `all` the removed ones too. */
export async function listChannels (db: Kysely<Tables>, { all }: { all: boolean }): Promise<ChannelRecord[]> {
  const rows = await db.selectFrom('channels').selectAll().$if(!all, (query) => query.where('deleted_at', 'is', null))
    .orderBy('name').orderBy('id').execute()
  return rows.map(parseChannel)
}

/** Finds a channel that is there, without its secret, by its id or else by its name. */
export async function findChannel (db: Kysely<Tables>, idOrName: string): Promise<ChannelRecord | undefined> {
  const rows = await db.selectFrom('channels').selectAll().where('deleted_at', 'is', null)
    .where((eb) => eb.or([eb('id', '=', idOrName), eb('name', '=', idOrName)])).execute()
  const row = rows.find(({ id }) => id === idOrName) ?? rows[0]
  return row === undefined ? undefined : parseChannel(row)
}

/** Lists channels with their secrets, for those who deliver. */
export async function deliveryChannels (db: Kysely<Tables>): Promise<DeliveryChannel[]> {
  const rows = await db.selectFrom('channels').selectAll().where('deleted_at', 'is', null).orderBy('id').execute()
  return rows.map(parseDeliveryChannel)
}

/** Throws `conflict` when another channel has the name, `invalid` when there is no such fallback. */
export function insertChannel (connection: Pick<Connection, 'raw' | 'db'>, { id, name, kind, url, secret, fallback, enabled, ackLinks, now }: ChannelInsert): Promise<void> {
  const { db } = connection
  return atomically(connection, async () => {
    await refuseName(db, name, id)
    await refuseFallback(db, fallback, id)
    await db.insertInto('channels').values({
      id,
      name,
      kind,
      url,
      secret,
      fallback_id: fallback,
      enabled: Number(enabled),
      disabled_reason: null,
      failures: 0,
      held_until: 0,
      ack_links: Number(ackLinks),
      fixed: 0,
      created_at: now,
      updated_at: now,
      deleted_at: null
    }).execute()
  })
}

/**
 * Changes a channel; what waits for it is due at once, since the change may have mended it. False when there is none. Throws as
 * `insertChannel`.
 */
export function updateChannel (connection: Pick<Connection, 'raw' | 'db'>, { id, now, name, url, secret, fallback, enabled, ackLinks }: ChannelUpdate): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    if (name !== undefined) await refuseName(db, name, id)
    if (fallback !== undefined) await refuseFallback(db, fallback, id)
    const { numUpdatedRows } = await db.updateTable('channels')
      .set({ updated_at: now, failures: 0, held_until: 0 })
      .$if(name !== undefined, (query) => query.set({ name: name ?? '' }))
      .$if(url !== undefined, (query) => query.set({ url: url ?? '' }))
      .$if(secret !== undefined, (query) => query.set({ secret: secret ?? null }))
      .$if(fallback !== undefined, (query) => query.set({ fallback_id: fallback ?? null }))
      .$if(enabled !== undefined, (query) => query.set({ enabled: Number(enabled), disabled_reason: null }))
      .$if(ackLinks !== undefined, (query) => query.set({ ack_links: Number(ackLinks) }))
      .where('id', '=', id).where('deleted_at', 'is', null).executeTakeFirst()
    await db.updateTable('notices').set({ next_at: now }).where('via', '=', id).where('next_at', '>', now).where(isPending).execute()
    return numUpdatedRows === 1n
  })
}

/**
 * Removes a channel and its secret. What was made for it is abandoned, what it took over as a fallback goes back. False when
 * there is none.
 */
export function removeChannel (connection: Pick<Connection, 'raw' | 'db'>, { id, now }: { id: string, now: number }): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    const { numUpdatedRows } = await db.updateTable('channels')
      .set({ deleted_at: now, updated_at: now, enabled: 0, secret: null, fallback_id: null })
      .where('id', '=', id).where('deleted_at', 'is', null).executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await db.updateTable('channels').set({ fallback_id: null, updated_at: now }).where('fallback_id', '=', id).execute()
    await abandon(db, id, now)
    await db.updateTable('notices').set({ via: sql<string>`channel_id`, next_at: sql<number | null>`CASE WHEN next_at IS NOT NULL THEN ${now} END` })
      .where('via', '=', id).where(isPending).execute()
    return true
  })
}

async function abandon (db: Kysely<Tables>, channelId: string, now: number): Promise<void> {
  const rows = await db.updateTable('notices').set({ state: 'abandoned', done_at: now })
    .where('channel_id', '=', channelId).where(isPending).returning('alert_id').execute()
  await arrange(db, new Set(rows.map(({ alert_id: id }) => id)), now)
}

async function refuseName (db: Kysely<Tables>, name: string, id: string): Promise<void> {
  const taken = await db.selectFrom('channels').select('id').where('name', '=', name).where('id', '<>', id).where('deleted_at', 'is', null).executeTakeFirst()
  if (taken !== undefined) throw new AppError('conflict', `there is a channel named ${JSON.stringify(name)} already: take another name`)
}

async function refuseFallback (db: Kysely<Tables>, fallback: string | null, id: string): Promise<void> {
  if (fallback === null) return
  const found = await db.selectFrom('channels').select('id').where('id', '=', fallback).where('id', '<>', id).where('deleted_at', 'is', null).executeTakeFirst()
  if (found !== undefined) return
  const message = fallback === id ? 'a channel cannot be its own fallback' : `there is no channel ${JSON.stringify(fallback)}`
  throw new AppError('invalid', message, { faults: [{ path: '/fallback', message }] })
}

function parseChannel (row: ChannelsTable): ChannelRecord {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    url: row.url,
    fallback: row.fallback_id,
    isSigned: row.secret !== null,
    enabled: row.enabled === 1,
    ackLinks: row.ack_links === 1,
    disabledReason: row.disabled_reason,
    failures: row.failures,
    heldUntil: row.held_until,
    isFixed: row.fixed === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at
  }
}

function parseDeliveryChannel (row: ChannelsTable): DeliveryChannel {
  const { id, name, kind, url, fallback, enabled, ackLinks, failures, heldUntil } = parseChannel(row)
  return { id, name, kind, url, secret: row.secret, fallback, enabled, ackLinks, failures, heldUntil }
}
