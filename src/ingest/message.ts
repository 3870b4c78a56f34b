import { EVENT_LIMITS } from '../../schemas/event.ts'
import { isAbsent, leave, note, type Draft } from './draft.ts'
import { addFault, isLongerThan, textFault } from '../core/faults.ts'
import { isFields, setField, type Fields } from './fields.ts'
import { MESSAGE_NAMES, PARTS, valueAt, type Name } from './names.ts'

const NO_MESSAGE = `an event needs a text in one of ${MESSAGE_NAMES.join(', ')}`
/** A hole of a CLEF template: {Name}, {@Name}, {Name,10:000}. */
const HOLE = /\{[@$]?(\w+)[^{}]*\}/g
/** What loggers add to every line, which says nothing of what happened. */
const OF_THE_LOGGER = /^(?:_.*|pid|v|version|sequence|levelId|levelno|process\.pid|ecs\.version|event\.dataset|context)$/
const TEMPLATE = '@mt'

/** Writes a value as console.log would: a text as it is. */
function plain (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isBytes (value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item) && item >= 0 && item <= 255)
}

/** A line that has a level or a time comes from a logger: what else it holds may be its message. */
function isOfLogger ({ found, input }: Draft): boolean {
  const tells = (name: Name): boolean => name.kind !== 'loose' && !isAbsent(valueAt(input, name))
  return found[PARTS.level]?.some(tells) === true || found[PARTS.time]?.some(tells) === true
}

/** Of the Elastic Common Schema these are objects about the event. */
function isAboutEvent (name: Name, value: unknown): boolean {
  return isFields(value) && (name.text === 'event' || (name.text === 'log' && Object.hasOwn(value, 'level')))
}

/** Fills the holes of a CLEF message template; one without a value stays as it is. Source: Serilog.Formatting.Compact, "@mt". */
function rendered (template: string, input: Fields): string {
  return template.replace(HOLE, (hole, name: string) => Object.hasOwn(input, name) ? plain(input[name]) : hole)
}

function textOf (draft: Draft, name: Name, value: unknown): string | undefined {
  if (typeof value !== 'string' || (name.kind === 'loose' && !isOfLogger(draft))) return undefined
  return name.text === TEMPLATE ? rendered(value, draft.input) : value
}

/** Makes a text of what is none; `undefined` where the name stands for something else. */
function textOfOther (draft: Draft, name: Name, value: unknown): string | undefined {
  if (name.kind === 'loose') return isOfLogger(draft) && Array.isArray(value) ? value.map(plain).join(' ') : undefined
  if (name.text === 'MESSAGE' && isBytes(value)) return Buffer.from(value).toString()
  return isAboutEvent(name, value) ? undefined : JSON.stringify(value)
}

/** Makes a message of the fields that are no part of an event: of a logger that was given an object alone. */
function messageOfFields (draft: Draft): string | undefined {
  const { kept } = draft
  if (kept === undefined || !isOfLogger(draft)) return undefined
  const names = Object.keys(kept)
  const told = names.filter((name) => !OF_THE_LOGGER.test(name))
  const fields: Fields = {}
  for (const name of told.length > 0 ? told : names) setField(fields, name, kept[name])
  return JSON.stringify(fields)
}

function checked (draft: Draft, path: string, text: string): string {
  if (isLongerThan(text, EVENT_LIMITS.messageBytes)) {
    addFault(draft.faults, path, `${Buffer.byteLength(text)} bytes of UTF-8, at most ${EVENT_LIMITS.messageBytes}`)
  }
  const fault = textFault(text)
  if (fault !== undefined) addFault(draft.faults, path, fault)
  return text
}

interface Chosen {
  name: Name
  text: string
}

/** The first text; without one the first that a text can be made of. */
function choose (draft: Draft, names: readonly Name[]): Chosen | undefined {
  let other: Chosen | undefined
  for (const name of names) {
    const value = valueAt(draft.input, name)
    if (isAbsent(value)) continue
    const text = textOf(draft, name, value)
    if (text !== undefined) return { name, text }
    const made = other === undefined ? textOfOther(draft, name, value) : undefined
    if (made !== undefined) other = { name, text: made }
  }
  return other
}

function readNamed (draft: Draft, names: readonly Name[]): string | undefined {
  const chosen = choose(draft, names)
  for (const name of names) {
    const isTaken = name === chosen?.name && name.kind !== 'loose' && name.text !== TEMPLATE
    if (!isTaken && !isAbsent(valueAt(draft.input, name))) leave(draft, name)
  }
  return chosen === undefined ? undefined : checked(draft, chosen.name.path, chosen.text)
}

function refuseWithout (draft: Draft, names: readonly Name[]): string {
  const empty = names.find((name) => valueAt(draft.input, name) === '')
  if (empty === undefined) addFault(draft.faults, '', NO_MESSAGE)
  else addFault(draft.faults, empty.path, `the text is empty; ${NO_MESSAGE}`)
  return ''
}

/** Reads the message under the surest of its names, or makes one of the other fields. Comes first, since it leaves to meta what it does not take. */
export function readMessage (draft: Draft): string {
  const names = draft.found[PARTS.message] ?? []
  const named = names.length === 0 ? undefined : readNamed(draft, names)
  if (named !== undefined) return named
  const made = messageOfFields(draft)
  if (made === undefined) return refuseWithout(draft, names)
  note(draft, { part: 'message', path: '', message: 'no text under any name of a message: it is made of the other fields' })
  return checked(draft, '', made)
}
