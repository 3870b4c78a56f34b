import { EVENT_LIMITS } from '../../../schemas/event.ts'
import type { Fault } from '../../core/errors.ts'
import { pointerStep } from '../../core/faults.ts'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Says that the JSON of one event has too many bytes to be read; `undefined` when it has not. */
export function sizeFault (bytes: Buffer): Fault | undefined {
  if (bytes.length <= EVENT_LIMITS.jsonBytes) return undefined
  return { path: largestMember(bytes), message: `the JSON of the event takes ${bytes.length} bytes, at most ${EVENT_LIMITS.jsonBytes}; this is its largest part` }
}

/**
 * Finds the member of a JSON object that takes most bytes, as a JSON pointer; `''` when there is none. It reads the bytes where they
 * lie, for texts that are too large to be decoded, and tells nothing about whether they are JSON.
 */
function largestMember (bytes: Buffer): string {
  let depth = 0
  let largest = { name: '', bytes: 0 }
  let name = ''
  let start = 0
  let text = { from: 0, to: 0 }
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at]
    if (byte === undefined || (depth === 1 && (byte === COMMA || byte === CLOSE_OBJECT))) {
      if (at - start > largest.bytes) largest = { name, bytes: at - start }
      if (byte !== COMMA) break
      start = at
    } else if (byte === QUOTE) {
      const to = closingQuote(bytes, at)
      if (depth === 1) text = { from: at, to }
      at = to
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth++
    } else if (byte === COLON && depth === 1) {
      name = nameOf(bytes.subarray(text.from, text.to + 1))
      start = at
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--
    }
  }
  return largest.name
}

function nameOf (quoted: Buffer): string {
  try {
    return pointerStep(String(JSON.parse(quoted.toString())))
  } catch {
    return ''
  }
}

/** The quote that ends the string whose first quote is at `start`; the last byte when there is none. */
function closingQuote (bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let before = end - 1
    while (bytes[before] === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return bytes.length - 1
}
