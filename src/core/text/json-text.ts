declare const content: unique symbol

/** A JSON text that this program wrote, now or in an earlier version, of a `T`: what is read back is one, and needs no check. */
export type JsonText<T> = string & { readonly [content]: T }

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** A number kept as it was written. JSON.stringify writes it out unchanged. */
export interface RawNumber {
  readonly rawJSON: string
}

// In Node 22 and newer, not yet in the type library (TC39 proposal "JSON.parse source text access").
declare global {
  interface JSON {
    parse (text: string, reviver: Reviver): unknown
    rawJSON (text: string): RawNumber
    isRawJSON (value: unknown): value is RawNumber
  }
}

const BACKSLASH = 92
/** No text can hold it: it is told to nobody. */
const UNUSED_NAME = crypto.getRandomValues(new Uint32Array(4)).join('-')

/** Writes `value` as JSON.stringify does. What JSON leaves out or changes, like members that are undefined, must not be missed by readers. */
export function toJsonText<T> (value: T): JsonText<T> {
  return JSON.stringify(value) as JsonText<T>
}

/** Reads what `toJsonText` wrote. */
export function parseJsonText<T> (text: JsonText<T>): T {
  return parseJsonExactly(text) as T
}

/** Finds the quote that ends the string whose first quote is at `start`; the length of the text when there is none. */
export function closingQuote (text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}

/**
 * Reads a JSON text like JSON.parse, with every name as it was written. JSON.parse itself, from V8 12.8 on, may take a name with
 * an escape (`C:\new`) for another of the same length that some earlier text held (`C:\ne`): https://github.com/nodejs/node/issues/63785
 * Throws what JSON.parse throws.
 */
export function parseJsonExactly (text: string, reviver?: Reviver): unknown {
  if (!hasEscapedName(text)) return parse(text, reviver)
  const names = new Map<string, string>()
  const plain = withPlainNames(text, names)
  return renamed(parse(plain, reviver), names)
}

function parse (text: string, reviver: Reviver | undefined): unknown {
  return reviver === undefined ? JSON.parse(text) : JSON.parse(text, reviver)
}

/** A backslash in JSON is in a string, and a string before a colon is a name. */
function hasEscapedName (text: string): boolean {
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    at = closingQuote(text, at + 1) + 1
    if (isName(text, at)) return true
  }
  return false
}

function isName (text: string, behind: number): boolean {
  let at = behind
  while (' \n\r\t'.includes(text.charAt(at)) && at < text.length) at++
  return text.charAt(at) === ':'
}

/** Writes each name that has an escape as one that has none and is nowhere else in the text, and notes what it stands for. */
function withPlainNames (text: string, names: Map<string, string>): string {
  const parts: string[] = []
  let copied = 0
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
    const end = closingQuote(text, start) + 1
    const literal = text.slice(start, end)
    if (literal.includes('\\') && isName(text, end)) {
      const plain = `${UNUSED_NAME}.${names.size}`
      names.set(plain, String(JSON.parse(literal)))
      parts.push(text.slice(copied, start), `"${plain}"`)
      copied = end
    }
    start = end
  }
  return parts.join('') + text.slice(copied)
}

function renamed (value: unknown, names: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((member) => renamed(member, names))
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [names.get(name) ?? name, renamed(member, names)]))
}
