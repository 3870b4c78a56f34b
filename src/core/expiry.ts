import { AppError } from './errors.ts'
import { parseDuration } from './duration.ts'
import { parseTimeParam } from './time-range.ts'

const AHEAD = /^\+?(\d{1,6}[smhd])$/

/**
 * Reads the end of something: ISO 8601, or `2h` from now. It must be ahead of now, and not further than `mostMs`. `name` is the member that it
 * stands in. Throws `invalid`.
 */
export function parseExpiry (text: string, now: number, { name = 'expires_at', mostMs = Infinity }: { name?: string, mostMs?: number } = {}): number {
  const time = readEnd(text, now, name)
  if (time > now && time - now <= mostMs) return time
  const message = time <= now ? 'must be in the future' : `must be at most ${mostMs / 86_400_000} days ahead`
  throw invalid(name, message)
}

function readEnd (text: string, now: number, name: string): number {
  const duration = AHEAD.exec(text)?.[1]
  try {
    return parseTimeParam(`/${name}`, duration === undefined ? text : new Date(now + parseDuration(duration)).toISOString(), now)
  } catch (error) {
    throw invalid(name, `${JSON.stringify(text)} is no time: use ISO 8601 like 2026-01-31T12:00:00Z, or from now like 30m, 2h, 7d`, error)
  }
}

function invalid (name: string, message: string, cause?: unknown): AppError {
  return new AppError('invalid', `${name} ${message}`, { faults: [{ path: `/${name}`, message }], cause })
}
