import { trimAlerts } from './alert-retention.ts'
import type { WriteContext } from './contexts.ts'
import { trimImports } from './imports.ts'
import { dropPartition, listPartitions, receivedUntil } from './partitions.ts'
import { trimJournal } from './receipts.ts'

export interface RetentionPolicy {
  /** ms since the epoch of now. */
  now: number
  maxAgeMs: number
  maxBytes: number
  /** From now on a partition of more than so many bytes is closed. */
  partitionBytes?: number
}

export interface Retained {
  dropped: number[]
}

const REST_MS = 3_600_000

/**
 * Drops whole partitions, oldest first: those whose newest event was received before the age, then as many as it
 * takes to come under the disk budget. The newest partition stays, so that the store is never without one.
 */
export async function retain ({ raw, db, space, appender }: WriteContext, { now, maxAgeMs, maxBytes, partitionBytes }: RetentionPolicy): Promise<Retained> {
  if (partitionBytes !== undefined) appender.partitionBytes = partitionBytes
  const dropped: number[] = []
  const partitions = await listPartitions(db)
  const until = receivedUntil(partitions)
  try {
    for (const [at, { n }] of partitions.slice(0, -1).entries()) {
      const { storeBytes, reusableBytes } = space.look()
      const isOld = (until[at] ?? now) < now - maxAgeMs
      if (!isOld && storeBytes - reusableBytes <= maxBytes) break
      await dropPartition(db, n)
      dropped.push(n)
    }
  } finally {
    if (dropped.length > 0) appender.reopen()
  }
  await trimImports(db)
  await trimJournal(db, { now, oldest: now - maxAgeMs - REST_MS })
  await trimAlerts({ raw, db }, now)
  return { dropped }
}
