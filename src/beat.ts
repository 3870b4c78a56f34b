/** Evaluations that a beat of the canary gets to be seen by, at least. */
const EVALUATIONS = 2

/** Says how long a beat of the canary gets to arrive, in ms; then it gives way to the next. 0 when none are sent. */
export function beatMsOf ({ canaryIntervalMs, evaluateIntervalMs }: { canaryIntervalMs: number, evaluateIntervalMs: number }): number {
  return canaryIntervalMs === 0 ? 0 : Math.max(canaryIntervalMs, EVALUATIONS * evaluateIntervalMs)
}
