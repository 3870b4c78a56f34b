import { setTimeout as pause } from 'node:timers/promises'
import { isPassingStatus, waitMsAfter } from '../../core/net/retry.ts'
import { Refusal, Unreachable } from './service-client.ts'

/** Whether it may be otherwise a little later. */
export function isPassing (error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refusal && isPassingStatus(error.status))
}

/** Waits before what failed is tried again. Rejects when `signal` is aborted. */
export async function waitAfter (error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
  await pause(waitMsAfter(attempt, error instanceof Refusal ? error.retryAfterSeconds : undefined), undefined, { signal })
}
