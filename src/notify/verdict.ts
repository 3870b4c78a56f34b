import type { PostResult, Reply } from './post.ts'

/**
 * What an attempt came to. `retry` comes with a wait where the receiver asked for one; `isThrottled` says that the receiver is
 * well and wants less. `failed` will not get better by itself. `gone` means that nobody wants anything there any more.
 */
export type Verdict =
  | { kind: 'delivered' | 'failed' | 'gone' }
  | { kind: 'retry', afterMs?: number, isThrottled: boolean }

const MOST_WAIT_MS = 86_400_000
const THROTTLED_WAIT_MS = 5_000

/**
 * Judges as Standard Webhooks asks: 2xx is success, 410 means gone, and everything else, redirects and all other 4xx too, is
 * tried again, since what is wrong (a route that is missing, a token that expired) is usually mended at the receiver. Only an
 * address that the guard refuses is not.
 */
export function standardVerdict (result: PostResult, now: number): Verdict {
  if (!('status' in result)) return result.reason === 'refused_address' ? { kind: 'failed' } : { kind: 'retry', isThrottled: false }
  if (result.status >= 200 && result.status < 300) return { kind: 'delivered' }
  if (result.status === 410) return { kind: 'gone' }
  return retry(result, now)
}

/**
 * Judges the reply of a service whose replies are documented: 404 says that the webhook was deleted, and the other 4xx, but
 * for those that are about time, that it will never take this body.
 */
export function chatVerdict (result: PostResult, now: number): Verdict {
  if (!('status' in result)) return standardVerdict(result, now)
  if (result.status === 404) return { kind: 'gone' }
  const isRefused = result.status >= 400 && result.status < 500 && ![408, 410, 425, 429].includes(result.status)
  return isRefused ? { kind: 'failed' } : standardVerdict(result, now)
}

function retry ({ status, headers }: Reply, now: number): Verdict {
  const isThrottled = status === 429
  const afterMs = parseRetryAfter(headers['retry-after'], now) ?? (isThrottled ? THROTTLED_WAIT_MS : undefined)
  return afterMs === undefined ? { kind: 'retry', isThrottled } : { kind: 'retry', afterMs, isThrottled }
}

/** Reads seconds or an HTTP date as ms from `now`, 0 for the past, a day at most. Undefined for anything else. Source: RFC 9110, 10.2.3. */
export function parseRetryAfter (text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Math.ceil(Number(text) * 1_000) : dateOf(text) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MOST_WAIT_MS)
}

function dateOf (text: string): number {
  return text.endsWith(' GMT') ? Date.parse(text) : NaN
}
