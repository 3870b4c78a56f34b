import type { JsonFault } from './survey.ts'

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end'

/** A reader that knows where it stands. Iterative, so that no text can end the stack. */
interface Scan {
  text: string
  at: number
  expected: Expected
  /** What closes each container that is open, innermost last. */
  closers: string[]
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /[A-Za-z_$][\w$]{0,19}/y
const UNICODE_ESCAPE = /\\u[0-9A-Fa-f]{4}/y

function matchAt (pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function unexpected (scan: Scan): JsonFault {
  const { text, at } = scan
  const code = text.codePointAt(at)
  if (code === undefined) return { offset: at, reason: 'it ends too early' }
  const word = matchAt(WORD, text, at)
  const isPlain = code > 32 && code < 127
  const shown = word ?? (isPlain ? text.charAt(at) : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`)
  return { offset: at, reason: `unexpected ${shown}` }
}

function skipBlanks (scan: Scan): void {
  let code = scan.text.charCodeAt(scan.at)
  while (code === 32 || code === 10 || code === 13 || code === 9) code = scan.text.charCodeAt(++scan.at)
}

function escapeLength (text: string, at: number): number {
  if ('"\\/bfnrt'.includes(text.charAt(at + 1)) && at + 1 < text.length) return 2
  return matchAt(UNICODE_ESCAPE, text, at)?.length ?? 0
}

/** Moves behind the string that starts at `scan.at`. */
function readString (scan: Scan): JsonFault | undefined {
  const { text } = scan
  for (let at = scan.at + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      scan.at = at + 1
      return undefined
    }
    if (code < 32) return { offset: at, reason: 'unescaped control character in a string' }
    if (code !== 92) continue
    const length = escapeLength(text, at)
    if (length === 0) return { offset: at, reason: 'bad escape in a string' }
    at += length - 1
  }
  return { offset: text.length, reason: 'a string is not closed' }
}

function open (scan: Scan, closer: string, expected: Expected): undefined {
  scan.closers.push(closer)
  scan.expected = expected
  scan.at++
}

function close (scan: Scan): undefined {
  scan.closers.pop()
  scan.expected = 'comma or end'
  scan.at++
}

function readScalar (scan: Scan): JsonFault | undefined {
  scan.expected = 'comma or end'
  if (scan.text.charAt(scan.at) === '"') return readString(scan)
  for (const literal of ['true', 'false', 'null']) {
    if (!scan.text.startsWith(literal, scan.at)) continue
    scan.at += literal.length
    return undefined
  }
  const number = matchAt(NUMBER, scan.text, scan.at)
  if (number === undefined) return unexpected(scan)
  scan.at += number.length
}

function readValue (scan: Scan, char: string): JsonFault | undefined {
  if (char === '{') return open(scan, '}', 'name or }')
  if (char === '[') return open(scan, ']', 'value or ]')
  if (char === ']' && scan.expected === 'value or ]') return close(scan)
  return readScalar(scan)
}

function readName (scan: Scan, char: string): JsonFault | undefined {
  if (char === '}' && scan.expected === 'name or }') return close(scan)
  if (char !== '"') return unexpected(scan)
  scan.expected = 'colon'
  return readString(scan)
}

function readNext (scan: Scan, char: string): JsonFault | undefined {
  const closer = scan.closers.at(-1)
  if (closer !== undefined && char === closer) return close(scan)
  if (closer === undefined || char !== ',') return unexpected(scan)
  scan.expected = closer === '}' ? 'name' : 'value'
  scan.at++
}

function readColon (scan: Scan, char: string): JsonFault | undefined {
  if (char !== ':') return unexpected(scan)
  scan.expected = 'value'
  scan.at++
}

function step (scan: Scan): JsonFault | undefined {
  const char = scan.text.charAt(scan.at)
  switch (scan.expected) {
    case 'value':
    case 'value or ]': return readValue(scan, char)
    case 'name':
    case 'name or }': return readName(scan, char)
    case 'colon': return readColon(scan, char)
    case 'comma or end': return readNext(scan, char)
  }
}

/** Finds the first place where a text stops being JSON (RFC 8259), which JSON.parse tells only sometimes; `undefined` when it is JSON. */
export function findJsonFault (text: string): JsonFault | undefined {
  const scan: Scan = { text, at: 0, expected: 'value', closers: [] }
  for (;;) {
    skipBlanks(scan)
    if (scan.at >= text.length) {
      const isWhole = scan.expected === 'comma or end' && scan.closers.length === 0
      return isWhole ? undefined : unexpected(scan)
    }
    const fault = step(scan)
    if (fault !== undefined) return fault
  }
}
