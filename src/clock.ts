/** The time as data: ms since the epoch. Passed in wherever time decides something, so that tests can turn it. */
export interface Clock {
  now: () => number
}

export const systemClock: Clock = { now: () => Date.now() }
