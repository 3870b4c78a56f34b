import { AppError } from './errors.ts'

const UNITS: ReadonlyMap<string, number> = new Map([['s', 1_000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000]])

/** Reads `30s`, `5m`, `2h`, `7d` as ms. Throws `invalid` for anything else, which the schema of a rule keeps out. */
export function parseDuration (text: string): number {
  const unit = UNITS.get(text.slice(-1))
  if (unit === undefined || !/^\d{1,6}.$/.test(text)) throw new AppError('invalid', `"${text}" is no duration: use one like 30s, 5m, 2h or 7d`)
  return Number(text.slice(0, -1)) * unit
}
