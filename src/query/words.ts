import { indexText } from './index-text.ts'
import { SEPARATORS } from './separators.ts'

/** Letters that SQLite folds further than lower case does: to the letter whose variant they are. */
const VARIANTS = new Map([...'µμ İi ſs ςσ ϐβ ϑθ ϕφ ϖπ ϰκ ϱρ ϵε ẛs \u1fbeι'.split(' ')].map(([from = '', to = '']) => [from, to]))

/** Capitals younger than SQLite's case table (Unicode 6): they stay as they are. */
const YOUNG_CAPITALS = /[\u037f\u0528-\u052e\u13a0-\u13f5\u1c89-\u1cbf\u2c2f\ua698-\ua69a\ua796-\ua79e\ua7ab-\ua7ae\ua7b0-\ua7f5]/

/** Combining marks that vanish inside a word; all others end it. */
const DROPPED_MARKS = /[\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]/g

const ONE_ACCENT = /^([a-z])\p{M}$/u
const ASCII = /^[\0-\x7f]*$/

const escaped = (range: string) => range.replace(/[0-9a-f]+/g, '\\u{$&}')
const separator = new RegExp(`[${SEPARATORS.map(escaped).join('')}]+`, 'u')
const folded = new Map<string, string>()

/**
 * The words of a text as a search finds them, in order: the tokens of what `indexText` makes of it, which is what the word index of the
 * store holds. `\u001b[31mError\u001b[0m: 超时` gives `error`, `超`, `时`.
 */
export function words (text: string): string[] {
  return tokens(indexText(text))
}

/**
 * Splits a text into the tokens that SQLite's FTS5 makes of it with `unicode61 remove_diacritics 1`, in order.
 * Lower case, an accent on a Latin letter removed, unless there are two: `Café №5` gives `cafe`, `5`.
 *
 * Exact for every code point, the exotic ones included, where SQLite follows Unicode 6: emoji that came later are
 * letters, Cherokee, Georgian and newer scripts keep their case. Three things differ, none of which a search can notice:
 * a lone surrogate, which SQLite never sees, ends a word; FTS5 cuts a token at 32,768 bytes when it stores it; and a
 * capital that a Unicode later than 17 adds would be folded here and not there.
 * Source: sqlite.org/fts5.html, "Unicode61 Tokenizer"; the tables were read out of SQLite itself.
 */
export function tokens (text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[0-9a-z]+/g) ?? []
  return text.split(separator).map(foldWord).filter((word) => word !== '')
}

function foldWord (word: string): string {
  if (ASCII.test(word)) return word.toLowerCase()
  let result = ''
  for (const letter of word.replace(DROPPED_MARKS, '')) result += foldLetter(letter)
  return result
}

function foldLetter (letter: string): string {
  const before = folded.get(letter)
  if (before !== undefined) return before
  const after = fold(letter)
  if (letter.length === 1) folded.set(letter, after)
  return after
}

function fold (letter: string): string {
  const variant = VARIANTS.get(letter)
  if (variant !== undefined) return variant
  if (YOUNG_CAPITALS.test(letter)) return letter
  if (letter.length === 2) return foldDeseret(letter)
  const lower = letter.toLowerCase()
  return ONE_ACCENT.exec(lower.normalize('NFD'))?.[1] ?? lower
}

/** Beyond the basic plane Deseret is the one script with capitals in SQLite's table. */
function foldDeseret (letter: string): string {
  return letter >= '\u{10400}' && letter <= '\u{10427}' ? letter.toLowerCase() : letter
}
