import { sql } from 'kysely'
import type { ReadContext } from '../contexts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export type TierTable = 'samples' | 'sample_minutes' | 'sample_hours'

/**
 * Samples are kept three times: as they are, by the minute and by the hour. The rows of all series in one block of time
 * lie together: a tick writes a few pages instead of one a series and tier, and retention cuts off the beginning of a
 * table. A query of one series looks once into each block.
 */
export interface Tier {
  table: TierTable
  /** The time that a row stands for. */
  widthMs: number
  blockMs: number
}

/** From the finest to the coarsest. */
export const TIERS = {
  samples: { table: 'samples', widthMs: 1, blockMs: MINUTE_MS },
  minutes: { table: 'sample_minutes', widthMs: MINUTE_MS, blockMs: 10 * MINUTE_MS },
  hours: { table: 'sample_hours', widthMs: HOUR_MS, blockMs: 6 * HOUR_MS }
} as const satisfies Record<string, Tier>

const FROM_FINE_TO_COARSE: readonly Tier[] = Object.values(TIERS)

/** The starts of the first and last block that a tier holds. */
export interface Extent {
  first: number
  last: number
}

/**
 * Chooses the tier that answers with the least work what bins of `binMs` ask for. Where retention has dropped the beginning
 * of the range from it, a coarser one that still has it.
 */
export async function chooseTier ({ db }: ReadContext, { from, binMs }: { from: number, binMs: number }): Promise<Tier & { extent: Extent }> {
  let chosen: (Tier & { extent: Extent }) | undefined
  for (const tier of FROM_FINE_TO_COARSE) {
    const extent = await extentOf(db, tier)
    if (chosen === undefined || binMs % tier.widthMs === 0 || isOlder(tier, extent, chosen, from)) chosen = { ...tier, extent }
  }
  if (chosen === undefined) throw new Error('there is no tier')
  return chosen
}

/** Tells whether a tier reaches further back than a finer one, which begins within the range. */
function isOlder ({ blockMs }: Tier, extent: Extent, finer: { extent: Extent }, from: number): boolean {
  return from < finer.extent.first && extent.first < finer.extent.first - finer.extent.first % blockMs
}

/** An empty tier begins after its end. */
export async function extentOf (db: ReadContext['db'], { table }: Pick<Tier, 'table'>): Promise<Extent> {
  const { rows: [row] } = await sql<{ first: number | null, last: number | null }>`
    SELECT (SELECT min(block) FROM ${sql.table(table)}) AS first, (SELECT max(block) FROM ${sql.table(table)}) AS last`.execute(db)
  return { first: row?.first ?? Infinity, last: row?.last ?? -Infinity }
}
