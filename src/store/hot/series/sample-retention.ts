import type { WriteContext } from '../contexts.ts'
import { extentOf, TIERS, type Tier } from './tiers.ts'

/** Until when each tier goes, in ms since the epoch. */
export interface SampleRetention {
  samplesUntil: number
  minutesUntil: number
  hoursUntil: number
}

/** Of the raw samples an hour: deleting 60 series' of it takes some 20 ms, for which events wait. */
const BLOCKS_AT_ONCE = 60

/** Drops the oldest blocks of each tier, some at a time, and then the series of which nothing is left. */
export async function retainSamples ({ db }: WriteContext, { samplesUntil, minutesUntil, hoursUntil }: SampleRetention): Promise<void> {
  const until: ReadonlyArray<[Tier, number]> = [[TIERS.samples, samplesUntil], [TIERS.minutes, minutesUntil], [TIERS.hours, hoursUntil]]
  for (const [tier, time] of until) await dropBlocks(db, tier, time)
  await db.deleteFrom('series').where('last_seen', '<', Math.min(samplesUntil, minutesUntil, hoursUntil)).execute()
}

/** Drops only blocks that lie whole before the time. */
async function dropBlocks (db: WriteContext['db'], tier: Tier, time: number): Promise<void> {
  const { first } = await extentOf(db, tier)
  const end = Math.min(time - tier.blockMs, first + BLOCKS_AT_ONCE * tier.blockMs)
  if (first <= end) await db.deleteFrom(tier.table).where('block', '<=', end).execute()
}
