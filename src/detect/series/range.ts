import { Type, type Static } from '@sinclair/typebox'

/** Lowest and highest so far. It shrinks by 0.9 % in a day of minutes, so that a wild value is forgotten within some months. */
export const Range = Type.Object({
  low: Type.Number(),
  high: Type.Number(),
  count: Type.Integer({ minimum: 0 })
})
export type Range = Static<typeof Range>

/** Values before a record means anything. */
export const RANGE_READY = 150
const SHRINK = 3e-6
/** A record that lies this share of the range beyond it is as far as a distance that scores 1. */
const MARGIN = 0.028

export function newRange (): Range {
  return { low: 0, high: 0, count: 0 }
}

/** Scores how far `x` lies outside of the range, by the width of it: 0 inside, and until the range is ready. */
export function scoreRecord ({ low, high, count }: Range, x: number): number {
  const beyond = Math.max(x - high, low - x)
  if (count < RANGE_READY || beyond <= 0) return 0
  return high === low ? 1 / MARGIN : beyond / (high - low) / MARGIN
}

/** Widens a range to hold `x`, or lets it shrink. */
export function learnRange (range: Range, x: number): void {
  const { low, high } = range
  const shrink = SHRINK * (high - low)
  const isFirst = range.count++ === 0
  const isInside = x >= low && x <= high
  range.low = isFirst || x < low ? x : isInside ? low + shrink : low
  range.high = isFirst || x > high ? x : isInside ? high - shrink : high
}
