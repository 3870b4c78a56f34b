/**
 * Keys of word sequences: two sums of 32 bits over words and their places, so that a word can be taken out of a sum. As one number below
 * 2^53 they are keys of maps.
 */
export interface Sums {
  a: number
  b: number
}

const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** What stands in a key for any word. */
const ANY = 0x5bd1e995

export function hashText (text: string, start = 0, end = text.length): number {
  let hash = FNV_START
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  return hash
}

function hashWord (word: string | null): number {
  return word === null ? ANY : hashText(word)
}

export function mixA (hash: number, place: number): number {
  const mixed = Math.imul(hash ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
}

export function mixB (hash: number, place: number): number {
  const mixed = Math.imul(hash + Math.imul(place + 1, 0x27d4eb2f), 0x165667b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
}

export function keyOf (a: number, b: number): number {
  return (a >>> 0) * 0x200000 + (b >>> 11)
}

export function sumsOf (words: ReadonlyArray<string | null>): Sums {
  let a = 0
  let b = 0
  for (const [place, word] of words.entries()) {
    const hash = hashWord(word)
    a = (a + mixA(hash, place)) | 0
    b = (b + mixB(hash, place)) | 0
  }
  return { a, b }
}

/** The key of the same words with any word at `place`. */
export function keyWithout ({ a, b }: Sums, word: string | null, place: number): number {
  const hash = hashWord(word)
  return keyOf(a - mixA(hash, place) + mixA(ANY, place), b - mixB(hash, place) + mixB(ANY, place))
}
