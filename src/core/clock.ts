/** The time as data: ms since the epoch. Passed in wherever time decides something, so that tests can turn it. */
export interface Clock {
  now: () => number
  /** ms that passed since some moment, whatever becomes of the clock meanwhile. A clock without it is one that nobody sets. */
  steady?: () => number
}

export const systemClock: Clock = { now: () => Date.now(), steady: () => performance.now() }

/** A clock for ages alone: they are never negative, and no step of the real one makes anything older or younger. */
export function steadyClock ({ now, steady = now }: Clock): Clock {
  return { now: steady }
}

/** As ISO 8601 in UTC. */
export function isoTime (ms: number): string {
  return new Date(ms).toISOString()
}
