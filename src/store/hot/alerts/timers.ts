import { sql, type Kysely } from 'kysely'
import type { Connection } from '../database.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** The clock jumped by `ms`, and shows `now`. */
export interface TimerShift {
  ms: number
  now: number
}

/**
 * Moves what is waited for along with the clock, so that a wait of a minute stays one: when notices are sent next, and until when a
 * channel is left alone. What bears a time that has not come yet was written while the clock was ahead, and is moved too.
 */
export function shiftTimers (connection: Pick<Connection, 'raw' | 'db'>, { ms, now }: TimerShift): Promise<void> {
  const { db } = connection
  return atomically(connection, async () => {
    await db.updateTable('notices').set({ next_at: sql<number>`next_at + ${ms}` }).where('next_at', 'is not', null).execute()
    await db.updateTable('notices').set({ queued_at: sql<number>`queued_at + ${ms}` }).where('state', '=', 'pending').execute()
    await db.updateTable('channels').set({ held_until: sql<number>`held_until + ${ms}` }).where('held_until', '>', 0).execute()
    if (ms < 0) await shiftAhead(db, { ms, now })
  })
}

/** Whoever silenced for an hour on a clock two hours ahead meant an hour. */
async function shiftAhead (db: Kysely<Tables>, { ms, now }: TimerShift): Promise<void> {
  await db.updateTable('silences').set({ created_at: sql<number>`created_at + ${ms}`, until_at: sql<number>`until_at + ${ms}` })
    .where('ended_at', 'is', null).where('created_at', '>', now).execute()
  const open = db.updateTable('alerts').where('ended_at', 'is', null)
  await open.set({ started_at: sql<number>`started_at + ${ms}` }).where('started_at', '>', now).execute()
  await open.set({ fired_at: sql<number>`fired_at + ${ms}` }).where('fired_at', '>', now).execute()
  await open.set({ acknowledged_at: sql<number>`acknowledged_at + ${ms}`, acknowledged_until: sql<number>`acknowledged_until + ${ms}` })
    .where('acknowledged_at', '>', now).execute()
}
