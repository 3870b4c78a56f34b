import { classOf } from './chars.ts'
import { isVariable, areVariableTogether, mostDifferences } from './evidence.ts'
import { emptyGenerations, getOf, keepOnly, putIn, type Generations } from './generations.ts'
import { headerEnd } from './header.ts'
import { keyOf, keyWithout, sumsOf } from './key.ts'
import { ownCopy } from './own-copy.ts'
import { emptyScan, MOST_WORDS, scanLine, type Scan } from './scan.ts'
import { noteValues, type Slots } from './slots.ts'
import { describes, differences, hasWordForVariable, opened, wordingOf, type Wording } from './wording.ts'

/** Bounds of one source. */
export const MOST_PATTERNS = 10_000
const EVICTED_AT_ONCE = 1_000
const MOST_KEYS = 40_000
const MOST_SIBLINGS = 60_000
const MOST_ALIASES = 50_000
/** Wordings of one length that a new one is compared with. */
const MOST_COMPARED = 60
/** Words that are kept of a place that is no variable yet. */
const MOST_WORDS_SEEN = 8
const LONGEST_EXAMPLE = 512

export interface Pattern {
  id: number
  /** A line that it stands for, cut. */
  example: string
  wording: Wording
  count: number
  /** Times in ms since the epoch, of the caller. */
  firstSeen: number
  lastSeen: number
  slots: Slots
  /** The older pattern that it turned out to be. */
  alias: Pattern | undefined
}

/** What was seen at one place of a line, all other words equal. */
export interface Siblings {
  words: string[]
  patterns: Pattern[]
  isVariable: boolean
}

export interface Compared {
  pattern: Pattern
  wording: Wording
}

/** What was learned of one source. A plain value that the caller keeps; `snapshot.ts` makes it text. */
export interface Miner {
  nextId: number
  patterns: Map<number, Pattern>
  /** Ids that turned out to be an older one. */
  aliases: Map<number, number>
  byKey: Generations<Pattern>
  siblings: Generations<Siblings>
  /** By length: the newest wordings. */
  recent: Compared[][]
  /** By length: the newest with a place for any word. */
  general: Compared[][]
  scan: Scan
}

export function emptyMiner (): Miner {
  return {
    nextId: 1,
    patterns: new Map(),
    aliases: new Map(),
    byKey: emptyGenerations(MOST_KEYS),
    siblings: emptyGenerations(MOST_SIBLINGS),
    recent: Array.from({ length: MOST_WORDS + 2 }, () => []),
    general: Array.from({ length: MOST_WORDS + 1 }, () => []),
    scan: emptyScan()
  }
}

/**
 * Learns one line, raw or a bare message, and returns the id of its pattern as far as that is known now: `resolveId` tells later what it
 * turned out to be. `at` is the time of the line in ms.
 */
export function learn (miner: Miner, line: string, at: number): number {
  const { scan } = miner
  scanLine(scan, line, headerEnd(line))
  const key = scan.count === 0 ? shapeKey(line) : scan.key
  const known = getOf(miner.byKey, key)
  const pattern = known === undefined ? study(miner, at) : standing(known)
  if (pattern !== known) putIn(miner.byKey, key, pattern)
  pattern.count++
  pattern.lastSeen = at
  noteValues(pattern, scan)
  return pattern.id
}

/** The id that an id stands for now: itself, or the oldest of those with which it became one. */
export function resolveId ({ aliases }: Miner, id: number): number {
  let resolved = id
  for (let older = aliases.get(id); older !== undefined; older = aliases.get(older)) resolved = older
  return resolved
}

/** The pattern that stands for this one. */
export function standing (pattern: Pattern): Pattern {
  let root = pattern
  while (root.alias !== undefined) root = root.alias
  if (pattern !== root) pattern.alias = root
  return root
}

/** Finds the pattern of a line whose words were never seen in this order, or makes one. */
function study (miner: Miner, at: number): Pattern {
  const { scan } = miner
  const wording = wordingOf(scan)
  const described = scan.count === 0 ? undefined : describedBy(miner, wording)
  if (described !== undefined) return described
  const pattern = variantOf(miner, wording) ?? addPattern(miner, wording, at)
  gather(miner, { pattern, wording })
  compare(miner, { pattern, wording })
  remember(miner.recent[scan.count], { pattern, wording })
  return standing(pattern)
}

/** The pattern that takes any word where this wording has one of its own. */
function describedBy (miner: Miner, wording: Wording): Pattern | undefined {
  const sums = sumsOf(wording.words)
  for (const [place, word] of wording.words.entries()) {
    const siblings = getOf(miner.siblings, keyWithout(sums, word, place))
    const first = siblings?.isVariable === true ? siblings.patterns[0] : undefined
    if (first !== undefined) return standing(first)
  }
  const found = miner.general[wording.words.length]?.findLast((general) => describes(general.wording, wording))
  return found === undefined ? undefined : standing(found.pattern)
}

/** The pattern that differs in one place alone, where one of both has a variable and the other a word. */
function variantOf (miner: Miner, wording: Wording): Pattern | undefined {
  const { length } = wording.words
  const shorter = length > 2 ? miner.recent[length - 1] : undefined
  const found = shorter?.find((other) => hasWordForVariable(wording, other.wording)) ??
    (length > 1 ? miner.recent[length + 1]?.find((other) => hasWordForVariable(other.wording, wording)) : undefined)
  return found === undefined ? undefined : standing(found.pattern)
}

function addPattern (miner: Miner, wording: Wording, at: number): Pattern {
  if (miner.patterns.size >= MOST_PATTERNS) evict(miner)
  const id = miner.nextId++
  const example = ownCopy(miner.scan.line.slice(0, LONGEST_EXAMPLE))
  const pattern: Pattern = { id, example, wording, count: 0, firstSeen: at, lastSeen: at, slots: [], alias: undefined }
  miner.patterns.set(id, pattern)
  return pattern
}

/** Takes a wording as evidence for what varies; where that suffices, patterns become one. */
function gather (miner: Miner, seen: Compared): void {
  const { words, follows } = seen.wording
  const sums = sumsOf(words)
  for (const [at, word] of words.entries()) {
    if (word === null) continue
    const siblings = siblingsOf(miner, keyWithout(sums, word, at))
    addSibling(siblings, word, seen.pattern)
    if (siblings.isVariable || !isVariable(siblings.words, { length: words.length, at, follows: follows[at] === true })) continue
    siblings.isVariable = true
    unite(miner, siblings.patterns, opened(seen.wording, [at]))
  }
}

function siblingsOf (miner: Miner, key: number): Siblings {
  const known = getOf(miner.siblings, key)
  if (known !== undefined) return known
  const siblings = { words: [], patterns: [], isVariable: false }
  putIn(miner.siblings, key, siblings)
  return siblings
}

function addSibling ({ words, patterns }: Siblings, word: string, pattern: Pattern): void {
  if (words.length >= MOST_WORDS_SEEN || words.includes(word)) return
  words.push(word)
  patterns.push(pattern)
}

/** Looks for similar wordings that differ in the same places, several at once. */
function compare (miner: Miner, { pattern, wording }: Compared): void {
  const most = mostDifferences(wording.words.length)
  const groups = new Map<string, { places: number[], others: Compared[] }>()
  for (const other of most < 2 ? [] : miner.recent[wording.words.length] ?? []) {
    const places = differences(wording, other.wording, most)
    if (places === undefined || places.length < 2) continue
    const group = groups.get(String(places)) ?? { places, others: [] }
    group.others.push(other)
    groups.set(String(places), group)
  }
  for (const { places, others } of groups.values()) {
    const seen = [wording, ...others.map((other) => other.wording)].map(({ words }) => places.map((place) => words[place] ?? null))
    if (areVariableTogether(seen)) unite(miner, [pattern, ...others.map((other) => other.pattern)], opened(wording, places))
  }
}

/** Makes patterns one: the oldest stands for all, with a wording that describes them. What is found general is evidence in its turn. */
function unite (miner: Miner, patterns: readonly Pattern[], wording: Wording): void {
  const roots = new Set(patterns.map(standing))
  const [oldest, ...others] = [...roots].sort((one, other) => one.id - other.id)
  if (oldest === undefined) return
  for (const pattern of others) absorb(miner, oldest, pattern)
  if (describes(wording, oldest.wording)) {
    oldest.wording = wording
    oldest.slots = []
  }
  remember(miner.general[wording.words.length], { pattern: oldest, wording })
  gather(miner, { pattern: oldest, wording })
}

function absorb (miner: Miner, older: Pattern, younger: Pattern): void {
  younger.alias = older
  older.count += younger.count
  older.firstSeen = Math.min(older.firstSeen, younger.firstSeen)
  older.lastSeen = Math.max(older.lastSeen, younger.lastSeen)
  miner.patterns.delete(younger.id)
  miner.aliases.set(younger.id, older.id)
  const first = miner.aliases.size > MOST_ALIASES ? miner.aliases.keys().next().value : undefined
  if (first !== undefined) miner.aliases.delete(first)
}

function remember (list: Compared[] | undefined, item: Compared): void {
  if (list === undefined) return
  if (list.length >= MOST_COMPARED) list.shift()
  list.push(item)
}

/** Drops those that were used least, of these the oldest. */
function evict (miner: Miner): void {
  const leastUsed = [...miner.patterns.values()].sort((one, other) => one.count - other.count || one.lastSeen - other.lastSeen || one.id - other.id)
  for (const { id } of leastUsed.slice(0, EVICTED_AT_ONCE)) miner.patterns.delete(id)
  const isKept = (pattern: Pattern): boolean => miner.patterns.has(standing(pattern).id)
  keepOnly(miner.byKey, isKept)
  keepOnly(miner.siblings, ({ patterns }) => patterns.every(isKept))
  for (const lists of [miner.recent, miner.general]) {
    for (const [length, list] of lists.entries()) lists[length] = list.filter(({ pattern }) => isKept(pattern))
  }
}

const SHAPE_LENGTH = 160

/** The key of a line without a word: its punctuation, with one mark for each run of letters and digits. Negative, apart from those of words. */
function shapeKey (line: string): number {
  let a = 0
  let b = 0
  let last = -1
  for (let at = 0; at < Math.min(line.length, SHAPE_LENGTH); at++) {
    const code = line.charCodeAt(at)
    const mark = classOf(code) === 0 || !/[\p{L}\p{N}]/u.test(line.charAt(at)) ? code : 0
    if (mark === last) continue
    last = mark
    a = Math.imul(a ^ mark, 0x01000193) + 7
    b = Math.imul(b + mark, 0x85ebca6b) ^ (b >>> 13)
  }
  return -1 - keyOf(a, b)
}
