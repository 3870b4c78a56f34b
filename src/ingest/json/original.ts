import { closingQuote } from '../../core/text/json-text.ts'

/** How much of a rejected item is kept to be shown and mended, in bytes of UTF-8. */
const ORIGINAL_BYTES = 16_384

const QUOTE = 34
const COMMA = 44
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Decodes the start of an item. Invalid bytes become U+FFFD; a character is never cut in two. */
export function originalOfBytes (bytes: Buffer): string {
  if (bytes.length <= ORIGINAL_BYTES) return bytes.toString()
  let end = ORIGINAL_BYTES
  while (end > ORIGINAL_BYTES - 4 && ((bytes[end] ?? 0) & 0xC0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

export function originalOfText (text: string): string {
  return originalOfBytes(Buffer.from(text.slice(0, ORIGINAL_BYTES)))
}

/** Finds the comma or bracket behind the value that starts at `start` in an array; the length of the text when there is none. */
function endOfItem (text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = closingQuote(text, at)
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
    else if (depth === 0 && (code === COMMA || code === CLOSE_ARRAY)) return at
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
  }
  return text.length
}

/**
 * Walks over the items of a JSON array as they were written, beside the parsed ones: exact, unlike writing a value out again.
 * Lazy, so that only a body with a fault pays for it. Returns whether the text ends with the array.
 */
export function * itemTexts (text: string): Generator<string, boolean> {
  let start = text.indexOf('[') + 1
  while (start < text.length) {
    const end = endOfItem(text, start)
    if (end === text.length) return false
    yield text.slice(start, end).trim()
    start = end + 1
    if (text.charCodeAt(end) === CLOSE_ARRAY) break
  }
  return text.slice(start).trim() === ''
}
