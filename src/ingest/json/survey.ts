import { closingQuote } from '../../core/text/json-text.ts'
import { isExact } from './number.ts'

/** What is wrong with a JSON text, and where: `offset` counts UTF-16 units from 0. */
export interface JsonFault {
  offset: number
  reason: string
}

export interface JsonSurvey {
  /** Some number would change if it were read into a double. */
  hasInexactNumber: boolean
  fault?: JsonFault
}

/**
 * Deeper texts are refused unread: JSON.parse takes 70 bytes for each bracket that is left open, and every recursive walk of
 * the result would end the stack. Far above the depth that an event may have, so that this is answered item by item.
 */
const MAX_NESTING = 500
const LONGEST_EXACT = 15

/**
 * An object or array takes 100 bytes of memory, two of text: a body of nothing but {} would take fifty times its size.
 * So many are always allowed, and one more for every so many characters.
 */
const FREE_CONTAINERS = 100_000
const CHARACTERS_PER_CONTAINER = 50

const QUOTE = 34

function isDigit (code: number): boolean {
  return code >= 48 && code <= 57
}

/** Digits, point, sign and the letter of an exponent. */
function isNumberPart (code: number): boolean {
  return isDigit(code) || code === 46 || code === 101 || code === 69 || code === 43 || code === 45
}

function numberFault (source: string, offset: number): JsonFault | undefined {
  if (Number(source) !== Infinity) return undefined
  const shown = source.length > 32 ? `${source.slice(0, 32)}...` : source
  return { offset, reason: `the number ${shown} is too large for JSON readers` }
}

function mayBeInexact (source: string): boolean {
  return source.length > LONGEST_EXACT || source.includes('e') || source.includes('E')
}

/** Looks once over a text outside its strings: how deep it nests, and which numbers a double cannot hold. Never throws. */
export function surveyJson (text: string): JsonSurvey {
  const mostContainers = FREE_CONTAINERS + text.length / CHARACTERS_PER_CONTAINER
  let containers = 0
  let depth = 0
  let hasInexactNumber = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(text, at)
    } else if (code === 123 || code === 91) {
      if (++depth > MAX_NESTING) return { hasInexactNumber, fault: { offset: at, reason: `JSON nested deeper than ${MAX_NESTING}` } }
      if (++containers > mostContainers) return { hasInexactNumber, fault: { offset: at, reason: `JSON with more than ${containers - 1} objects and arrays` } }
    } else if (code === 125 || code === 93) {
      depth--
    } else if (isDigit(code)) {
      const start = at
      while (isNumberPart(text.charCodeAt(at + 1))) at++
      if (at === start) continue
      const source = text.slice(start, at + 1)
      if (!mayBeInexact(source)) continue
      const fault = numberFault(source, start)
      if (fault !== undefined) return { hasInexactNumber, fault }
      hasInexactNumber ||= !isExact(source)
    }
  }
  return { hasInexactNumber }
}
