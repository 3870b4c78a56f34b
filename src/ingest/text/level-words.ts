import type { Level } from '../../../schemas/event.ts'
import { parseLevel } from '../../core/levels.ts'

/** What stands for a terminal code, so that what one stands round is still seen. */
export const MARK = '\uE000'

/** Where in the head of a line a word stands: first, right behind the time, behind a mark like a bracket or a colon, or behind a name. */
export type Place = 'start' | 'time' | 'mark' | 'name'

/** A word of the head, and what stands round it. */
export interface Placed {
  word: string
  place: Place
  /** Some characters behind it, marks left out. */
  follow: string
  /** It has a column of its own: a tab, a bar or a dash stands before it. */
  isInColumn: boolean
  /** It has a colour of its own. */
  isColoured: boolean
}

/** The words that are levels in lower case too. Others that a field may hold, like `fine`, `log` and `default`, are prose in a line. */
const PLAIN = new Set([
  'trace', 'debug', 'verbose', 'silly', 'info', 'information', 'informational', 'notice', 'note', 'warn', 'warning', 'error', 'err', 'fail',
  'severe', 'critical', 'crit', 'alert', 'emergency', 'emerg', 'fatal', 'panic'
])
/** Cut words, which no sentence begins with. */
const CUT = new Set(['sill', 'verb', 'trc', 'trce', 'dbg', 'dbug', 'inf', 'wrn', 'erro', 'crit', 'ftl', 'fata'])
/** In capitals these begin other things too: HTTP ERROR, LOG FILE, DEFAULT ROUTE. */
const WEAK = new Set(['HTTP', 'LOG', 'CONFIG', 'DEFAULT', 'FINE', 'FAULT', 'ASSERT', 'DEB', 'WTF', 'NOTE'])
const LETTERS = 'TVDIWEF'

/** `ERROR x`, `ERROR: x`, `ERROR:root:x`, `ERR! x`, `ERRO[0000] x`, `ERROR|x`, `ERROR(5)`, `INFO/MainProcess`. */
const BEHIND_CAPITALS = /^(?:$|[\s|[(!]|:(?!:|\/\/)|\/(?!\/))/
/** `2025-10-08 12:00:00,ERROR,x` */
const COMMA = /^[,;]/
/** `error: x`, `error:` */
const COLON = /^:(?:\s|$)/
/** `error TS2304: x`, `error[E0308]: x` */
const CODE = /^ ?\[?[A-Z]+\d+\]?:/
/** A tab, a bar, a dash or two blanks. */
const COLUMN = /^ *(?:[\t|]| {2}|[-\u2013\u2014] )/

/** Reads a word of letters and no more as a level, in any case. */
export function plainLevel (word: string): Level | undefined {
  const lower = word.toLowerCase()
  return PLAIN.has(lower) || CUT.has(lower) ? parseLevel(lower) : undefined
}

/** Reads a word in capitals, or one capital letter. */
export function capitalLevel (word: string): Level | undefined {
  if (word !== word.toUpperCase() || WEAK.has(word)) return undefined
  return word.length > 2 || LETTERS.includes(word) ? parseLevel(word) : undefined
}

function letterLevel ({ word, place, follow, isInColumn }: Placed): Level | undefined {
  const isPlaced = place === 'time' || isInColumn
  return isPlaced && /^(?:$|[\s|/,])/.test(follow) ? capitalLevel(word) : undefined
}

function capitalsLevel ({ word, place, follow }: Placed): Level | undefined {
  const isEnded = BEHIND_CAPITALS.test(follow) || (place !== 'start' && COMMA.test(follow))
  if (!isEnded || word.length < 3) return undefined
  const isWeakHere = WEAK.has(word) && (place === 'start' || place === 'name') && !COLON.test(follow)
  return isWeakHere ? undefined : parseLevel(word)
}

function isDressed ({ word, place, follow, isColoured }: Placed): boolean {
  if (COLUMN.test(follow)) return true
  // The class of an error stands behind names too: `shop:cart Error: x`.
  if (place === 'name') return word === 'Error' && COLON.test(follow)
  // What console.trace writes before a stack is no level.
  if (COLON.test(follow) || CODE.test(follow)) return word !== 'Trace' || place !== 'start'
  if (isColoured) return true
  const isBare = (place === 'time' && word === word.toLowerCase()) || (place === 'start' && CUT.has(word))
  return isBare && /^(?:\s|$)/.test(follow)
}

/** Tells the level that a word of a line's head is, judged by its case, its place and what stands behind it; `undefined` when it is prose or a name. */
export function levelOfWord (placed: Placed): Level | undefined {
  const { word } = placed
  if (word.length === 1) return letterLevel(placed)
  if (word === word.toUpperCase()) return capitalsLevel(placed)
  return isDressed(placed) ? plainLevel(word) : undefined
}
