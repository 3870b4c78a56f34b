const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
const YEAR = 365 * DAY

/** Widths that people read at a glance; each divides the next unit, so that bins stand on round times in UTC. */
const WIDTHS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 20 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, YEAR
]

export interface TimeBins {
  /** ms since the epoch of the first bin's start and of the last bin's last ms. */
  from: number
  to: number
  binMs: number
}

/** Bins that tile a range: `origin` is a time at which a bin begins, at or before the range. */
export interface BinGrid {
  origin: number
  binMs: number
}

/** Lays at most `most` bins (and never needs less than two) of a round width over a range, which grows to whole bins. */
export function layBins (from: number, to: number, most: number): TimeBins {
  const binMs = widthFor(to - from, Math.max(2, most) - 1)
  return { from: from - from % binMs, to: to - to % binMs + binMs - 1, binMs }
}

/**
 * Cuts a range, both ends in ms and included, into at most `most` bins of a round width: 24 of a day are hours. They stand on round
 * times, the first and the last as much of a bin as lies in the range; or, where that takes one too many, on the beginning of the range.
 */
export function cutBins (from: number, to: number, most: number): BinGrid {
  const end = to + 1
  const binMs = widthFor(end - from, most)
  const round = from - from % binMs
  return { origin: Math.ceil((end - round) / binMs) <= most ? round : from, binMs }
}

/** The start of the bin that a time lies in. */
export function binOf ({ origin, binMs }: BinGrid, time: number): number {
  return time - (time - origin) % binMs
}

/** Where the bins of a range begin, both ends included: the first at its beginning. */
export function binStarts (grid: BinGrid, { from, to }: { from: number, to: number }): number[] {
  const first = binOf(grid, from)
  const count = from > to ? 0 : (binOf(grid, to) - first) / grid.binMs + 1
  return Array.from({ length: count }, (_, at) => Math.max(from, first + at * grid.binMs))
}

function widthFor (span: number, most: number): number {
  return WIDTHS.find((width) => Math.ceil(span / width) <= most) ?? YEAR * Math.ceil(span / YEAR / most)
}
