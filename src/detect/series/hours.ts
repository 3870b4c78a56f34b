import { Type, type Static } from '@sinclair/typebox'

const HOUR_MS = 3_600_000
const HOURS = 24
const RATE = 0.15

/** The usual mean of each hour of the day, in UTC, and the hour that runs. */
export const Hours = Type.Object({
  means: Type.Array(Type.Number(), { minItems: HOURS, maxItems: HOURS }),
  /** Days that each hour has seen. */
  days: Type.Array(Type.Integer({ minimum: 0 }), { minItems: HOURS, maxItems: HOURS }),
  hour: Type.Integer({ minimum: -1, maximum: HOURS - 1 }),
  sum: Type.Number(),
  count: Type.Integer({ minimum: 0 })
})
export type Hours = Static<typeof Hours>

export function newHours (): Hours {
  return { means: Array<number>(HOURS).fill(0), days: Array<number>(HOURS).fill(0), hour: -1, sum: 0, count: 0 }
}

/** The hour of the day, 0 to 23, of a time in ms; before 1970, too. */
export function hourOf (at: number): number {
  return ((Math.floor(at / HOUR_MS) % HOURS) + HOURS) % HOURS
}

/** Turns to the hour of `at`, with which the one before has its mean learned. Returns what is usual in it, if a day has shown it. */
export function usualAt (hours: Hours, at: number): number | undefined {
  const hour = hourOf(at)
  if (hour !== hours.hour) endHour(hours, hour)
  return (hours.days[hour] ?? 0) > 0 ? hours.means[hour] : undefined
}

export function addToHour (hours: Hours, x: number): void {
  hours.sum += x
  hours.count++
}

function endHour (hours: Hours, next: number): void {
  const { hour, sum, count } = hours
  if (count > 0) {
    const days = (hours.days[hour] ?? 0) + 1
    const mean = hours.means[hour] ?? 0
    hours.days[hour] = days
    hours.means[hour] = mean + Math.max(RATE, 1 / days) * (sum / count - mean)
  }
  hours.hour = next
  hours.sum = hours.count = 0
}
