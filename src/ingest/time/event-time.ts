import { leave, note, pick, type Draft } from '../draft.ts'
import { isFields, type Fields } from '../fields.ts'
import { PARTS, type Name } from '../names.ts'
import { parseInstant, type Instant } from './instant.ts'

const TIME_FORMS = 'known are ISO 8601 like 2026-01-31T12:00:00Z, the usual forms of logs and mail, and seconds, ms, µs or ns since the epoch, between 1970 and 2200'
const LONGEST_SHOWN = 64
/** In March of 1973: what is less counts from some start, when it has a fraction or its name means other things too. */
const LEAST_SURE = 1e8
const DATE_ALONE = 10

/** Where loggers that write their time as an object put it: MongoDB, loguru, Monolog. */
const WHOLE_INSIDE = ['$date', '$numberLong', 'timestamp', 'date', 'repr']
/** And where its seconds and ns: Google Cloud, Firestore, log4j. */
const SECONDS_INSIDE: ReadonlyArray<[string, string]> = [['seconds', 'nanos'], ['_seconds', '_nanoseconds'], ['epochSecond', 'nanoOfSecond']]

function scalarOf (value: unknown): string | number | undefined {
  if (JSON.isRawJSON(value)) return value.rawJSON
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

function isRelative (name: Name, scalar: string | number): boolean {
  const number = Number(scalar)
  if (!(number < LEAST_SURE)) return false
  return name.kind === 'loose' || !Number.isInteger(number)
}

function readScalar (draft: Draft, name: Name, value: unknown): Instant | undefined {
  const scalar = scalarOf(value)
  if (scalar === undefined || isRelative(name, scalar)) return undefined
  // A date is no time of an event, where it may be that of something else.
  if (name.kind === 'loose' && typeof scalar === 'string' && scalar.length <= DATE_ALONE && !/^\d+$/.test(scalar)) return undefined
  return parseInstant(scalar, draft.context.now)
}

function readSeconds (value: Fields): Instant | undefined {
  for (const [seconds, nanos] of SECONDS_INSIDE) {
    const whole = scalarOf(value[seconds])
    if (whole === undefined || !/^\d+$/.test(String(whole))) continue
    return parseInstant(`${whole}.${String(scalarOf(value[nanos]) ?? 0).padStart(9, '0')}`)
  }
}

function readInside (draft: Draft, name: Name, value: Fields): Instant | undefined {
  for (const key of WHOLE_INSIDE) {
    const inner = Object.hasOwn(value, key) ? value[key] : undefined
    const read = isFields(inner) ? readInside(draft, name, inner) : readScalar(draft, name, inner)
    if (read !== undefined) return read
  }
  return readSeconds(value)
}

/** OpenTelemetry's 0 is a time that is not known; that of its observation may be. */
function isUnknown ({ text }: Name, value: unknown): boolean {
  return (value === 0 || value === '0') && /unix_?nano$/i.test(text)
}

function noteUnread (draft: Draft, name: Name, value: unknown): undefined {
  if (name.kind === 'loose') return
  const text = JSON.stringify(value)
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...`.toWellFormed() : text
  note(draft, { part: 'time', path: name.path, message: `${shown} is not a time: it is kept in meta; ${TIME_FORMS}` })
}

function takeTime (draft: Draft, name: Name, value: unknown): number | undefined {
  if (isUnknown(name, value)) return undefined
  const read = isFields(value) ? readInside(draft, name, value) : readScalar(draft, name, value)
  if (read === undefined) return noteUnread(draft, name, value)
  if (read.isFinerThanMs || isFields(value)) leave(draft, name)
  return read.ms
}

/** Reads the time under the surest of its names that holds one; `undefined` when none does. */
export function readTime (draft: Draft): number | undefined {
  return pick(draft, PARTS.time, takeTime)
}
