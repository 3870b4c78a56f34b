import { LEVELS, SEVERITIES } from '../../schemas/words.ts'
import { levelNumber, parseLevel } from '../core/levels.ts'

export const LEVEL_HINT = `use ${LEVELS.join(', ')}`
export const SEVERITY_HINT = `use ${SEVERITIES.join(', ')} or 1 to 4`

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** Reads a level in any usual spelling as its number 1..6. */
export function parseLevelNumber (text: string): number | undefined {
  const level = parseLevel(text)
  return level === undefined ? undefined : levelNumber(level)
}

/** Reads LOW to CRITICAL, in any case, or 1 to 4, as the number 1..4. */
export function parseSeverityNumber (text: string): number | undefined {
  const index = SEVERITIES.findIndex((severity, at) => severity === text.toUpperCase() || String(at + 1) === text)
  return index < 0 ? undefined : index + 1
}

export function parseBoolean (text: string): boolean | undefined {
  if (text === 'true') return true
  return text === 'false' ? false : undefined
}

/** Reads a number as JSON writes it. `undefined` for anything else, and for one that no double holds (1e999). */
export function parseNumber (text: string): number | undefined {
  if (!JSON_NUMBER.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}
