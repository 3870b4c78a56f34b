import { sql, type Kysely } from 'kysely'
import { AppError } from '../../../core/errors.ts'
import { removeChannel, type ChannelInsert } from './channels.ts'
import type { Connection } from '../database.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** Every channel that a setting or the configuration file makes. A fallback is the id of a channel that there is, or of one of these. */
export interface FixedChannels {
  channels: ReadonlyArray<Omit<ChannelInsert, 'now'>>
  now: number
}

/**
 * Makes the fixed channels what they are said to be, and removes those that are said no more. What an earlier run learned of one
 * stays while its address does: that it is failing, or that its receiver wants nothing any more. Throws `conflict` when another
 * channel has the name or the id of one.
 */
export function fixChannels (connection: Pick<Connection, 'raw' | 'db'>, { channels, now }: FixedChannels): Promise<void> {
  const { db } = connection
  return atomically(connection, async () => {
    const stored = await db.selectFrom('channels').select('id').where('fixed', '=', 1).where('deleted_at', 'is', null).execute()
    for (const { id } of stored) if (!channels.some((channel) => channel.id === id)) await removeChannel(connection, { id, now })
    for (const channel of channels) await refuseTaken(db, channel)
    // Two may have changed their names for each other's.
    await db.updateTable('channels').set({ name: sql<string>`id || ' ' || name` }).where('fixed', '=', 1).where('deleted_at', 'is', null).execute()
    for (const channel of channels) await fixChannel(db, channel, now)
  })
}

async function refuseTaken (db: Kysely<Tables>, { id, name }: FixedChannels['channels'][number]): Promise<void> {
  const taken = await db.selectFrom('channels').select('id').where('fixed', '=', 0).where('deleted_at', 'is', null)
    .where((eb) => eb.or([eb('name', '=', name), eb('id', '=', id)])).executeTakeFirst()
  if (taken === undefined) return
  throw new AppError('conflict', `a channel named ${JSON.stringify(name)} was made by hand: rename or remove it, or give the one that is set at the start another name`)
}

async function fixChannel (db: Kysely<Tables>, { id, name, kind, url, secret, fallback, enabled, ackLinks }: FixedChannels['channels'][number], now: number): Promise<void> {
  const said = { name, kind, url, secret, fallback_id: fallback, ack_links: Number(ackLinks) }
  const fresh = { ...said, enabled: Number(enabled), disabled_reason: null, failures: 0, held_until: 0, fixed: 1, updated_at: now, deleted_at: null }
  const { numUpdatedRows } = await db.updateTable('channels')
    .set({ ...said, enabled: sql<number>`disabled_reason IS NULL AND ${Number(enabled)}` })
    .where('id', '=', id).where('fixed', '=', 1).where('url', '=', url).where('deleted_at', 'is', null).executeTakeFirst()
  if (numUpdatedRows > 0n) return
  await db.insertInto('channels').values({ id, ...fresh, created_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(fresh)).execute()
}
