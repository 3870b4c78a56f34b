import { setTimeout as pause } from 'node:timers/promises'
import { Refusal, Unreachable } from './service-client.ts'

const FIRST_MS = 500
const LONGEST_MS = 10_000
/** Said by a service that is busy, starting or stopping, or by the proxy before it. */
const PASSING: readonly number[] = [429, 502, 503, 504, 507]

/** Whether it may be otherwise a little later. */
export function isPassing (error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refusal && PASSING.includes(error.status))
}

/** Waits as long as the service asks for, else twice as long each time, and not for all at once. Rejects when `signal` is aborted. */
export async function waitAfter (error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
  const asked = error instanceof Refusal ? error.retryAfterSeconds : undefined
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  await pause(asked === undefined ? grown * (0.5 + Math.random() / 2) : asked * 1_000, undefined, { signal })
}
