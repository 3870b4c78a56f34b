import { AppError } from '../../core/errors.ts'
import { parseJsonExactly } from '../../core/text/json-text.ts'
import { findJsonFault } from './fault.ts'
import { isExact } from './number.ts'
import { surveyJson, type JsonFault } from './survey.ts'

function keepExact (_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined || isExact(context.source)) return value
  return JSON.rawJSON(context.source)
}

function describe (text: string, fault: JsonFault, firstLine: number): string {
  const before = text.slice(0, fault.offset)
  const line = firstLine + before.split('\n').length - 1
  return `${fault.reason} at line ${line}, column ${fault.offset - before.lastIndexOf('\n')}`
}

/** What a text holds, or why it cannot be read. What is beyond a limit was not looked at further. */
export type JsonReading = { value: unknown } | { refusal: string, isBeyondLimit: boolean }

/** Reads like parseJson, without the price of an AppError for each of many bad lines. */
export function readJson (text: string, firstLine = 1): JsonReading {
  const survey = surveyJson(text)
  if (survey.fault !== undefined) return { refusal: describe(text, survey.fault, firstLine), isBeyondLimit: true }
  try {
    return { value: parseJsonExactly(text, survey.hasInexactNumber ? keepExact : undefined) }
  } catch (error) {
    const { offset, reason } = findJsonFault(text) ?? { offset: 0, reason: String(error) }
    return { refusal: describe(text, { offset, reason: `not JSON: ${reason}` }, firstLine), isBeyondLimit: false }
  }
}

/**
 * Reads a JSON text like JSON.parse, but a number that a double would change becomes a RawNumber. `__proto__` is a name like any
 * other. `firstLine` is the number of the text's first line in errors.
 * Throws AppError invalid, with line and column, for what is not JSON, too deep, too finely divided, or a number beyond the range
 * of a double.
 */
export function parseJson (text: string, firstLine = 1): unknown {
  const reading = readJson(text, firstLine)
  if ('value' in reading) return reading.value
  throw new AppError('invalid', reading.refusal, { faults: [{ path: '', message: reading.refusal }] })
}
