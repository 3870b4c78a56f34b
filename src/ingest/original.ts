import { closingQuote } from './json-survey.ts'

/** How much of a rejected item is kept to be shown and mended, in bytes of UTF-8. */
const ORIGINAL_BYTES = 16_384

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

/** Finds the comma or bracket behind the value that starts at `start` in an array. */
function endOfItem (text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') at = closingQuote(text, at)
    else if (char === '{' || char === '[') depth++
    else if (depth === 0 && (char === ',' || char === ']')) return at
    else if (char === '}' || char === ']') depth--
  }
  return text.length
}

/**
 * Walks over the items of a JSON array as they were written, beside the parsed ones: exact, unlike writing a value out again.
 * `text` must be a valid array. Lazy, so that only a body with a fault pays for it.
 */
export function * itemTexts (text: string): Generator<string> {
  let start = text.indexOf('[') + 1
  while (start < text.length) {
    const end = endOfItem(text, start)
    yield text.slice(start, end).trim()
    start = end + 1
    if (text.charAt(end) === ']') return
  }
}
