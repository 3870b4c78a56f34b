import type SqliteDatabase from 'better-sqlite3'
import type { WriteContext } from '../contexts.ts'
import { limitLog, withPragmas } from '../database.ts'
import type { Space } from '../files/free-space.ts'
import { dropPartition, listPartitions } from './partitions.ts'

export interface Budget {
  /** RETENTION_BYTES. */
  maxBytes: number
  /** From now on a partition of more than so many bytes is closed. */
  partitionBytes?: number
}

export interface BudgetStep {
  space: Space
  /** The partition that went. */
  dropped: number | undefined
  /** Nothing is left to do for now. */
  isDone: boolean
}

/** Pages given back to the disk in one go: events that come meanwhile wait so long. */
const PAGES_AT_ONCE = 500
/** A file that was made without the means to shrink is written anew once, when so little is in it that events wait for seconds at most. */
const REWRITTEN_AT_MOST_BYTES = 500_000_000

/**
 * Goes one step towards the budget on the disk, in this order: drops the oldest partition while what is used is more than the budget,
 * gives free pages back while the file is larger, and folds the log into the file. The newest partition stays, so that the store is
 * never without one; of one that is larger than all of the budget the newest events go on in another. Free pages within the budget
 * are kept for what comes.
 */
export async function keepBudget (context: WriteContext, { maxBytes, partitionBytes }: Budget): Promise<BudgetStep> {
  const { raw, space, appender } = context
  if (partitionBytes !== undefined) appender.partitionBytes = partitionBytes
  space.maxBytes = maxBytes
  const seen = space.look()
  limitLog(raw, seen.budgetBytes)
  if (seen.storeBytes <= seen.budgetBytes) return { space: seen, dropped: undefined, isDone: true }
  const dropped = seen.usedBytes > seen.budgetBytes ? await dropOldest(context) : undefined
  const isDone = dropped === undefined && !giveBack(raw, seen)
  if (isDone) truncateLog(raw)
  return { space: space.look(), dropped, isDone }
}

async function dropOldest ({ raw, db, appender }: WriteContext): Promise<number | undefined> {
  const [oldest, next] = await listPartitions(db)
  if (oldest === undefined || next === undefined) return undefined
  try {
    await dropPartition({ raw, db }, oldest.n)
  } finally {
    appender.reopen()
  }
  return oldest.n
}

/** Answers whether there may be more to give back. */
function giveBack (raw: SqliteDatabase.Database, { usedBytes, reusableBytes, budgetBytes, diskFreeBytes }: Space): boolean {
  const excess = Math.min(usedBytes + reusableBytes - budgetBytes, reusableBytes)
  if (excess <= 0) return false
  if (raw.pragma('auto_vacuum', { simple: true }) === 0) return rewrite(raw, { usedBytes, diskFreeBytes })
  const pages = Math.ceil(excess / Number(raw.pragma('page_size', { simple: true })))
  raw.exec(`PRAGMA incremental_vacuum(${Math.min(pages, PAGES_AT_ONCE)})`)
  return pages > PAGES_AT_ONCE
}

/** Needs room for the new file twice: once in the log, once before in a file of its own. */
function rewrite (raw: SqliteDatabase.Database, { usedBytes, diskFreeBytes }: Pick<Space, 'usedBytes' | 'diskFreeBytes'>): boolean {
  if (usedBytes > REWRITTEN_AT_MOST_BYTES || usedBytes * 2 > diskFreeBytes) return false
  raw.pragma('auto_vacuum = INCREMENTAL')
  raw.exec('VACUUM')
  return false
}

/** The file is cut, and the log emptied, only by this. Waits for no query: the next step comes soon. */
function truncateLog (raw: SqliteDatabase.Database): void {
  withPragmas(raw, { busy_timeout: 0 }, () => raw.pragma('wal_checkpoint(TRUNCATE)'))
}
