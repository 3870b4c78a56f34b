import { trimAlerts } from '../alerts/alert-retention.ts'
import type { WriteContext } from '../contexts.ts'
import { trimImports } from './imports.ts'
import { dropPartition, listPartitions, receivedUntil } from './partitions.ts'
import { trimJournal } from '../events/receipts.ts'

export interface RetentionPolicy {
  /** ms since the epoch of now. */
  now: number
  maxAgeMs: number
}

export interface Retained {
  dropped: number[]
}

const REST_MS = 3_600_000

/**
 * Drops whole partitions, oldest first: those whose newest event was received before the age. The newest partition stays, so that
 * the store is never without one. What goes for its size goes earlier: budget.ts.
 */
export async function retain ({ raw, db, appender }: WriteContext, { now, maxAgeMs }: RetentionPolicy): Promise<Retained> {
  const dropped: number[] = []
  const partitions = await listPartitions(db)
  const until = receivedUntil(partitions)
  try {
    for (const [at, { n }] of partitions.slice(0, -1).entries()) {
      if ((until[at] ?? now) >= now - maxAgeMs) break
      await dropPartition({ raw, db }, n)
      dropped.push(n)
    }
  } finally {
    if (dropped.length > 0) appender.reopen()
  }
  await trimImports(db)
  await trimJournal(db, { now, oldest: now - maxAgeMs - REST_MS })
  await trimAlerts({ raw, db }, now)
  for (const table of ['sessions', 'invitations'] as const) await db.deleteFrom(table).where('expires_at', '<=', now).execute()
  return { dropped }
}
