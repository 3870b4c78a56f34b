const FIRST_MS = 500
const LONGEST_MS = 10_000
/** Said by a service that is busy, starting, stopping or without room, or by the proxy before it. */
const PASSING: readonly number[] = [408, 429, 502, 503, 504, 507]

/** Whether the same request may be taken a little later that was answered with this status. */
export function isPassingStatus (status: number): boolean {
  return PASSING.includes(status)
}

/** How many ms to wait after an attempt, from 1: as long as is asked for, else twice as long each time, and not for all at once. */
export function waitMsAfter (attempt: number, retryAfterSeconds: number | undefined): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1_000
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}
