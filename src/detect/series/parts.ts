import { scoreBy } from './level.ts'
import type { Look } from './look.ts'
import { scoreRecord } from './range.ts'
import type { SeriesState } from './state.ts'

/** What the small detectors score, each on its own scale: how many times what is usual at most. */
export interface Parts {
  step: number
  move: number
  fast: number
  slow: number
  season: number
  value_record: number
  mean_record: number
  season_record: number
}

export function scoreParts ({ levels, ranges }: SeriesState, look: Look): Parts {
  return {
    step: scoreBy(levels.step, look.step),
    move: scoreBy(levels.move, look.move),
    fast: scoreBy(levels.fast, look.fast),
    slow: scoreBy(levels.slow, look.slow),
    season: scoreBy(levels.season, look.season),
    value_record: scoreRecord(ranges.value, look.x),
    mean_record: scoreRecord(ranges.mean, look.mean),
    season_record: look.usual === undefined ? 0 : scoreRecord(ranges.season, look.x - look.usual)
  }
}

export function largestOf (parts: Parts): number {
  return Math.max(parts.step, parts.move, parts.fast, parts.slow, parts.season, parts.value_record, parts.mean_record, parts.season_record)
}
