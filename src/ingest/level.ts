import type { Level } from '../../schemas/event.ts'
import { parseLevel, parseScale, type Scale } from '../core/levels.ts'
import { isAbsent, leave, note, type Draft } from './draft.ts'
import { isFields, type Fields } from './fields.ts'
import { PARTS, valueAt, type Name } from './names.ts'

/** Names that say by which scale their numbers are to be read. */
const SCALES: ReadonlyMap<string, Scale> = new Map([
  ['levelno', 'python'], ['record.level', 'python'],
  ['severityNumber', 'opentelemetry'], ['severity_number', 'opentelemetry'], ['SeverityNumber', 'opentelemetry']
])

/** Where loggers that write their level as an object put its word, and its number. */
const WORDS_INSIDE = ['name', 'levelStr', 'label', 'text', 'level', 'value', 'displayName']
const NUMBERS_INSIDE = ['level', 'value', 'no', 'number', 'code']

const MONGOD = /^(?:[IWEF]|D[1-5])$/
const LONGEST_SHOWN = 64

interface Read {
  level: Level
  /** A word tells more than a number, whose scale is not always known. */
  isWord: boolean
}

function readScalar (name: Name, value: unknown): Read | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const scale = SCALES.get(name.text)
  const level = scale !== undefined && value !== '' && Number.isFinite(Number(value)) ? parseScale(scale, Number(value)) : parseLevel(value)
  if (level === undefined) return undefined
  return { level, isWord: typeof value === 'string' && !/^\s*\d/.test(value) }
}

function readInside (name: Name, value: Record<string, unknown>): Read | undefined {
  let read: Read | undefined
  for (const key of [...WORDS_INSIDE, ...NUMBERS_INSIDE]) {
    if (read === undefined && Object.hasOwn(value, key)) read = readScalar(name, value[key])
  }
  return read
}

/** What consola gives its reporters: its numbers are its own, and its words are called types. */
function isOfConsola ({ args, type, level }: Fields): boolean {
  return Array.isArray(args) && typeof type === 'string' && typeof level === 'number'
}

function readAny (draft: Draft, name: Name, value: unknown): Read | undefined {
  if (name.text === 's') return typeof value === 'string' && MONGOD.test(value) && Object.hasOwn(draft.input, 't') ? readScalar(name, value) : undefined
  if (name.text === 'level' && isOfConsola(draft.input)) return { level: parseLevel(String(draft.input['type'])) ?? 'INFO', isWord: true }
  // In lower case it is as often a ticket's.
  if (name.text === 'priority' && typeof value !== 'string') return undefined
  return isFields(value) ? readInside(name, value) : readScalar(name, value)
}

function shown (value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...`.toWellFormed() : text
}

interface Chosen {
  name: Name
  level: Level
}

function noteUnread (draft: Draft, unread: readonly Name[], chosen: Chosen | undefined): void {
  for (const name of unread) {
    if (name.kind === 'loose' || (chosen !== undefined && chosen.name.rank < name.rank)) continue
    note(draft, { part: 'level', path: name.path, message: `${shown(valueAt(draft.input, name))} is no level that is known: it is kept in meta` })
  }
}

function choose (draft: Draft, names: readonly Name[]): Chosen | undefined {
  let number: Chosen | undefined
  let unread: Name[] | undefined
  let word: Chosen | undefined
  for (const name of names) {
    const value = valueAt(draft.input, name)
    if (word !== undefined || isAbsent(value)) continue
    const read = readAny(draft, name, value)
    if (read === undefined) (unread ??= []).push(name)
    else if (read.isWord) word = { name, level: read.level }
    else number ??= { name, level: read.level }
  }
  const chosen = word ?? number
  if (unread !== undefined) noteUnread(draft, unread, chosen)
  return chosen
}

/** Reads the level under the surest of its names that holds one, words before numbers; `undefined` when none does. */
export function readLevel (draft: Draft): Level | undefined {
  const names = draft.found[PARTS.level]
  if (names === undefined) return undefined
  const chosen = choose(draft, names)
  for (const name of names) {
    const value = valueAt(draft.input, name)
    const isTaken = name === chosen?.name && name.kind !== 'loose' && !isFields(value)
    if (!isTaken && !isAbsent(value)) leave(draft, name)
  }
  return chosen?.level
}
