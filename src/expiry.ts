import { AppError } from './errors.ts'
import { parseTimeParam } from './time-range.ts'

/** Reads the end of something, which must be ahead of now, and not further than `mostMs`. `name` is the member that it stands in. Throws `invalid`. */
export function parseExpiry (text: string, now: number, { name = 'expires_at', mostMs = Infinity }: { name?: string, mostMs?: number } = {}): number {
  const time = parseTimeParam(`/${name}`, text, now)
  if (time > now && time - now <= mostMs) return time
  const message = time <= now ? 'must be in the future' : `must be at most ${mostMs / 86_400_000} days ahead`
  throw new AppError('invalid', `${name} ${message}`, { faults: [{ path: `/${name}`, message }] })
}
