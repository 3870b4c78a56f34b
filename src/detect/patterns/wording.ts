import { ownCopy } from './own-copy.ts'
import type { Scan } from './scan.ts'

/** The words of a pattern in their order; null stands for any word. */
export interface Wording {
  words: ReadonlyArray<string | null>
  /** Variables before each word, and behind the last. */
  gaps: readonly number[]
  /** Whether a word follows a key and a blank. */
  follows: readonly boolean[]
}

export function wordingOf ({ line, count, starts, ends, gaps, follows }: Scan): Wording {
  return {
    words: Array.from({ length: count }, (_, i) => ownCopy(line.slice(starts[i], ends[i]))),
    gaps: Array.from(gaps.subarray(0, count + 1)),
    follows: Array.from(follows.subarray(0, count), (flag) => flag === 1)
  }
}

/** The same wording with any word at these places. */
export function opened (wording: Wording, places: readonly number[]): Wording {
  return { ...wording, words: wording.words.map((word, i) => places.includes(i) ? null : word) }
}

/** Tells whether `general` stands for `special`: the same words in their order, but where `general` takes any. */
export function describes (general: Wording, special: Wording): boolean {
  return general.words.length === special.words.length && general.words.every((word, i) => word === null || word === special.words[i])
}

/** The places where two wordings of the same length differ, or undefined if they are more than `most`. */
export function differences (one: Wording, other: Wording, most: number): number[] | undefined {
  const places: number[] = []
  for (let i = 0; i < one.words.length; i++) {
    if (one.words[i] !== other.words[i] && places.push(i) > most) return undefined
  }
  return places
}

/**
 * Tells whether `longer` has just one word more than `shorter`, where that has a variable (`user anna`, `user 17`), or no value behind a
 * key (`tag: new,`, `tag: ,`). Two pointers, one walk.
 */
export function hasWordForVariable (longer: Wording, shorter: Wording): boolean {
  const { length } = shorter.words
  if (longer.words.length !== length + 1) return false
  let place = 0
  while (place < length && longer.words[place] === shorter.words[place] && longer.gaps[place] === shorter.gaps[place]) place++
  const variables = (longer.gaps[place] ?? 0) + (longer.gaps[place + 1] ?? 0)
  const isValue = longer.follows[place] === true && place < length
  if (shorter.gaps[place] !== variables + 1 && !(isValue && shorter.gaps[place] === variables)) return false
  for (let i = place; i < length; i++) {
    if (longer.words[i + 1] !== shorter.words[i] || longer.gaps[i + 2] !== shorter.gaps[i + 1]) return false
  }
  return true
}
