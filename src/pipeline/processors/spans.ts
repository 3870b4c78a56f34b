/** A stretch of a text that is hidden. */
export interface Span {
  start: number
  /** Exclusive. */
  end: number
  kind: string
  /** Goes on what an earlier text began, and is no further one. */
  isRest?: true
}

/**
 * Puts stretches together that were found one after the other, both in their order and without overlaps; so is what comes out. Where a found
 * one overlaps, the known one stays as it is, or, with `isWide`, both become one of the found kind where the known one does not hold it all.
 */
export function mergeSpans (known: readonly Span[], found: readonly Span[], isWide: boolean): readonly Span[] {
  if (found.length === 0) return known
  if (known.length === 0) return found
  const left = [...known]
  const merged: Span[] = []
  let next = 0
  for (const span of found) {
    for (let one = left[next]; one !== undefined && one.end <= span.start; one = left[++next]) merged.push(one)
    let end = next
    while ((left[end]?.start ?? Infinity) < span.end) end++
    if (end === next) merged.push(span)
    else if (isWide && !isWithin(span, left[next])) left[next = end - 1] = union(span, left[next], left[end - 1])
  }
  return [...merged, ...left.slice(next)]
}

function isWithin (inner: Span, outer: Span | undefined): boolean {
  return outer !== undefined && outer.start <= inner.start && outer.end >= inner.end
}

function union (span: Span, first: Span = span, last: Span = span): Span {
  return { ...span, start: Math.min(span.start, first.start), end: Math.max(span.end, last.end) }
}
