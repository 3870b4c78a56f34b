/** Rows that are drawn though they are not seen, above and below: twenty together. */
const BEYOND = 10

/** Where each row begins, in px from the top of the list, and at its end the height of all. */
export type Tops = Float64Array

/** Rows that were not measured are taken to be as high as most are. */
export function topsOf (ids: readonly string[], heights: ReadonlyMap<string, number>, usual: number): Tops {
  const tops = new Float64Array(ids.length + 1)
  for (const [at, id] of ids.entries()) tops[at + 1] = (tops[at] ?? 0) + (heights.get(id) ?? usual)
  return tops
}

/** The row at a height; the last one below the end, the first above the beginning. */
export function rowAt (tops: Tops, y: number): number {
  let [low, high] = [0, Math.max(tops.length - 2, 0)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((tops[middle] ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** Rows to be drawn: those that are seen and a few on both sides. `last` is not among them. */
export interface Window {
  first: number
  last: number
}

export function windowOf (tops: Tops, seen: { top: number, height: number }): Window {
  const count = tops.length - 1
  if (count <= 0) return { first: 0, last: 0 }
  return {
    first: Math.max(rowAt(tops, seen.top) - BEYOND, 0),
    last: Math.min(rowAt(tops, seen.top + seen.height) + 1 + BEYOND, count)
  }
}

/** How far what is seen was pushed down by rows above it that turned out higher: to be scrolled by, so that nothing moves. */
export function shiftOf (changes: ReadonlyArray<{ top: number, before: number, after: number }>, seenTop: number): number {
  return changes.reduce((sum, { top, before, after }) => top + before <= seenTop ? sum + after - before : sum, 0)
}
