import { AppError } from './errors.ts'
import { parseTimeParam } from './time-range.ts'

/** Reads the end of something, which must be ahead of now, and not further than `mostMs`. Throws `invalid`. */
export function parseExpiry (text: string, now: number, mostMs = Infinity): number {
  const time = parseTimeParam('/expires_at', text, now)
  if (time > now && time - now <= mostMs) return time
  const message = time <= now ? 'must be in the future' : `must be at most ${mostMs / 86_400_000} days ahead`
  throw new AppError('invalid', `expires_at ${message}`, { faults: [{ path: '/expires_at', message }] })
}
