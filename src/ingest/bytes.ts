/** Finds the first byte that makes `bytes` invalid UTF-8, from 0; the length when there is none or the end is cut off. */
export function utf8FaultOffset (bytes: Buffer): number {
  // Decoding replaces each fault by EF BF BD, and leaves the rest as it is.
  const again = Buffer.from(bytes.toString())
  let at = 0
  while (at < bytes.length && bytes[at] === again[at]) at++
  return at
}

const NEWLINE = 10

/** Finds the first byte from `start` on that is no blank, tab or return, and no newline unless `stopsAtNewline`. */
export function skipBlanks (bytes: Buffer, start: number, stopsAtNewline: boolean): number {
  let at = start
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === NEWLINE ? stopsAtNewline : byte !== 32 && byte !== 13 && byte !== 9) break
  }
  return at
}
