/**
 * The seconds between two looks, over which a rate may be drawn. Undefined after a stretch without a look (the machine slept,
 * the process was blocked), which is a gap and no line, and when the clock was set back.
 */
export function secondsBetween (before: number | undefined, now: number, mostMs: number): number | undefined {
  if (before === undefined || now <= before || now - before > mostMs) return undefined
  return (now - before) / 1_000
}

/** By how much a total grew. Undefined when one is missing, or it began anew. */
export function growth (before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : now - before
}

/** How fast a total grew. Undefined as `growth`, and when no rate may be drawn. */
export function perSecond (before: number | undefined, now: number | undefined, seconds: number | undefined): number | undefined {
  const grown = growth(before, now)
  return grown === undefined || seconds === undefined ? undefined : grown / seconds
}

/** `part` in per cent of `whole`; undefined when one is missing or there is no whole. */
export function percentOf (part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined
  return part / whole * 100
}
