/** What a character means for the words of a line: bits, so that those of a token can be gathered. */
export const BLANK = 1
export const SEPARATOR = 2
export const DIGIT = 4
export const PATH = 8
export const LETTER = 16
export const DOT = 32
export const EQUALS = 64
export const COLON = 128

const GROUPS = [[',;()[]{}"\'<>|#`', SEPARATOR], ['0123456789', DIGIT], ['/\\@', PATH], ['.', DOT], ['=', EQUALS], [':', COLON]] as const

const CLASSES = new Uint8Array(128)
CLASSES.fill(BLANK, 0, 33)
CLASSES.fill(LETTER, 65, 91)
CLASSES.fill(LETTER, 97, 123)
for (const [chars, bits] of GROUPS) {
  for (const char of chars) CLASSES[char.charCodeAt(0)] = bits
}

/** The class of a UTF-16 unit: 0 for other punctuation, BLANK for what `charCodeAt` answers behind the end. */
export function classOf (code: number): number {
  if (code < 128) return CLASSES[code] ?? 0
  return code >= 128 ? LETTER : BLANK
}
