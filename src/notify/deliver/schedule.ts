const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * How long after the attempt before it each attempt comes, in ms. Source: Standard Webhooks 1.0, "Deliverability and
 * reliability", with steps between 5 seconds and 5 minutes: most receivers that fail are back within a minute.
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  0, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR
]
const JITTER = 0.2

export interface Schedule {
  /** Multiplies every wait of the table; 1 in real life. */
  factor: number
  /** 0 up to 1, like `Math.random`. */
  random: () => number
}

/**
 * Says how long to wait after so many attempts, in ms: what the table says and up to a fifth more, so that what failed
 * together does not come back together. Undefined when the table is at its end.
 */
export function retryDelay (attempts: number, { factor, random }: Schedule): number | undefined {
  const delay = RETRY_DELAYS_MS[attempts]
  return delay === undefined ? undefined : withJitter(delay, { factor, random })
}

export function withJitter (ms: number, { factor, random }: Schedule): number {
  return Math.round(ms * factor * (1 + JITTER * random()))
}
