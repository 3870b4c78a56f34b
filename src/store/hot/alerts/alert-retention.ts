import { sql, type Kysely } from 'kysely'
import { deleteAlerts } from './alerts.ts'
import type { Connection } from '../database.ts'
import { arrange, isPending } from '../outbox/notices.ts'
import type { Tables } from '../tables.ts'
import { atomically, pieces } from '../transaction.ts'

const DAY_MS = 86_400_000

/** Longer than a year, so that this month can be held against the same one a year ago. */
export const ALERTS_KEPT_MS = 400 * DAY_MS
/** The table of retries ends before; what is older waits for a channel that is switched off. */
export const NOTICES_WAIT_MS = 7 * DAY_MS
/** Of each kind in one go, so that the writer is never held up for long. */
const MOST = 1_000

/** Drops what ended long ago, alerts with their timelines and notices with their attempts, and gives up notices that wait too long. */
export function trimAlerts (connection: Pick<Connection, 'raw' | 'db'>, now: number): Promise<void> {
  const { db } = connection
  const before = now - ALERTS_KEPT_MS
  return atomically(connection, async () => {
    await abandonStale(db, now)
    await dropNotices(db, before)
    await deleteAlerts(db, await endedAlerts(db, before))
    await db.deleteFrom('silences').where('ended_at', '<', before).execute()
    await db.deleteFrom('maintenances').where('ended_at', '<', before).execute()
    await db.deleteFrom('channels').where('deleted_at', '<', before).execute()
  })
}

async function abandonStale (db: Kysely<Tables>, now: number): Promise<void> {
  const stale = await db.selectFrom('notices').select(['n', 'alert_id']).where(isPending)
    .where(sql<boolean>`queued_at < ${now - NOTICES_WAIT_MS}`).limit(MOST).execute()
  for (const piece of pieces(stale)) {
    await db.updateTable('notices').set({ state: 'abandoned', done_at: now }).where('n', 'in', piece.map(({ n }) => n)).execute()
  }
  await arrange(db, new Set(stale.map(({ alert_id: id }) => id)), now)
}

async function dropNotices (db: Kysely<Tables>, before: number): Promise<void> {
  const old = await db.selectFrom('notices').select('id').where('done_at', '<', before).limit(MOST).execute()
  for (const piece of pieces(old.map(({ id }) => id))) {
    await db.deleteFrom('deliveries').where('notice_id', 'in', piece).execute()
    await db.deleteFrom('notices').where('id', 'in', piece).execute()
  }
}

async function endedAlerts (db: Kysely<Tables>, before: number): Promise<string[]> {
  const rows = await db.selectFrom('alerts').select('id').where('ended_at', '<', before).limit(MOST).execute()
  return rows.map(({ id }) => id)
}
