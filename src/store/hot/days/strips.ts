import { binOf, type BinGrid } from '../../../core/time-bins.ts'
import { HOUR_MS, MINUTE_MS } from './rollups.ts'
import type { Range } from './windows.ts'

/** A stretch of time and where its events are counted: by counts kept of whole hours or minutes, or one by one. */
export interface Strip extends Range {
  kind: 'hours' | 'minutes' | 'rows'
}

const KEPT = [['hours', HOUR_MS], ['minutes', MINUTE_MS]] as const

/**
 * Cuts a range into strips, newest first, so that each event is counted once and in its own bin: whole hours that lie in one bin, whole
 * minutes beside them, and only in the minutes that an edge of a bin or of the range cuts, rows.
 */
export function stripsOf (range: Range, grid: BinGrid): Strip[] {
  const strips: Strip[] = []
  for (let from = range.from; from <= range.to;) {
    const to = Math.min(range.to, binOf(grid, from) + grid.binMs - 1)
    for (const strip of partsOf({ from, to }, KEPT)) append(strips, strip)
    from = to + 1
  }
  return strips.reverse()
}

/** What lies in one bin, oldest first. */
function partsOf ({ from, to }: Range, [kept, ...finer]: ReadonlyArray<typeof KEPT[number]>): Strip[] {
  if (from > to) return []
  if (kept === undefined) return [{ kind: 'rows', from, to }]
  const [kind, widthMs] = kept
  const whole = { from: Math.ceil(from / widthMs) * widthMs, to: Math.floor((to + 1) / widthMs) * widthMs - 1 }
  if (whole.from > whole.to) return partsOf({ from, to }, finer)
  return [...partsOf({ from, to: whole.from - 1 }, finer), { kind, ...whole }, ...partsOf({ from: whole.to + 1, to }, finer)]
}

function append (strips: Strip[], strip: Strip): void {
  const last = strips.at(-1)
  if (last?.kind === strip.kind) last.to = strip.to
  else strips.push(strip)
}
