import { binOf, type BinGrid } from '../../../core/time-bins.ts'
import { HOUR_MS, MINUTE_MS } from './rollups.ts'
import type { Range } from './windows.ts'

/** A stretch of time and where its events are counted: by counts kept of whole hours or minutes, or one by one. */
export interface Strip extends Range {
  kind: 'hours' | 'minutes' | 'rows'
}

/** So many strips are counted in one go, however little lies in each. */
const BATCH = 16
const LONG_MS = 2 * MINUTE_MS

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

/** Joins strips that follow each other to what is counted in one go; rows of some minutes are not: they may be many. */
export function batchesOf (strips: readonly Strip[]): Strip[][] {
  const batches: Strip[][] = []
  let last: Strip[] = []
  for (const strip of strips) {
    if (last.length === 0 || last.length === BATCH || isLong(strip) || last.some(isLong)) batches.push(last = [strip])
    else last.push(strip)
  }
  return batches
}

/** Whether so many rows may lie in it that they are searched in steps. */
export function isLong ({ kind, from, to }: Strip): boolean {
  return kind === 'rows' && to - from >= LONG_MS
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
