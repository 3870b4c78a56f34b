import { isIdentifier } from './looks.ts'

/** Distinct words that make their place a variable. */
const WORDS_NEEDED = 5
const IDENTIFIERS_NEEDED = 3
/** Behind a key and a blank (`state: idle`). */
const VALUES_NEEDED = 2
/** Where several places differ at once. */
const WORDS_NEEDED_TOGETHER = 8
/** Two words are a command more often than a sentence. */
const SHORT = 2
const NEVER = Infinity

export interface Place {
  /** Words of the line. */
  length: number
  at: number
  /** Whether it follows a key and a blank. */
  follows: boolean
}

/** Tells whether distinct words seen at one place, all else equal, are values of a variable. */
export function isVariable (seen: readonly string[], { length, at, follows }: Place): boolean {
  const identifiers = seen.filter(isIdentifier).length
  const areIdentifiers = identifiers >= 2 && identifiers * 2 >= seen.length
  return seen.length >= needed(areIdentifiers, length, follows && length > 1, at === 0)
}

/** Tells the same of wordings that differ at several places at once; of each the words at these places. One word at all of them is one value that was said again. */
export function areVariableTogether (seen: ReadonlyArray<ReadonlyArray<string | null>>): boolean {
  if (seen.every((words) => words.every((word) => word === words[0]))) return seen.length >= VALUES_NEEDED
  const places = seen[0]?.keys() ?? []
  return [...places].every((place) => new Set(seen.map((words) => words[place])).size >= WORDS_NEEDED_TOGETHER)
}

/** The most places at which two wordings of a length may differ to be similar. Source: PIPLUP (mooselab, 2025), in other words. */
export function mostDifferences (length: number): number {
  if (length < 5) return length < 2 ? 0 : 1
  if (length < 7) return 2
  return length < 10 ? 3 : length >> 1
}

/** A first word is what the line is about, so that names alone do not make it a variable. */
function needed (areIdentifiers: boolean, length: number, follows: boolean, isFirst: boolean): number {
  if (follows) return areIdentifiers || length > SHORT ? VALUES_NEEDED : NEVER
  if (length < SHORT || (length === SHORT && (isFirst || !areIdentifiers))) return NEVER
  return areIdentifiers && !isFirst ? IDENTIFIERS_NEEDED : WORDS_NEEDED
}
