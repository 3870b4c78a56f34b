const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
const YEAR = 365 * DAY

/** Widths that people read at a glance; each divides the next unit, so that bins stand on round times in UTC. */
const WIDTHS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, YEAR
]

export interface TimeBins {
  /** ms since the epoch of the first bin's start and of the last bin's last ms. */
  from: number
  to: number
  binMs: number
}

/** Lays at most `most` bins (and never needs less than two) of a round width over a range, which grows to whole bins. */
export function layBins (from: number, to: number, most: number): TimeBins {
  const room = Math.max(2, most) - 1
  const binMs = WIDTHS.find((width) => Math.ceil((to - from) / width) <= room) ?? YEAR * Math.ceil((to - from) / YEAR / room)
  return { from: from - from % binMs, to: to - to % binMs + binMs - 1, binMs }
}

export function binStarts ({ from, to, binMs }: TimeBins): number[] {
  return Array.from({ length: Math.ceil((to - from) / binMs) }, (_, at) => from + at * binMs)
}
