import { EVENT_LIMITS, type Level, type NewEvent, type Severity } from '../../schemas/event.ts'
import type { TokenRules } from '../../schemas/token.ts'
import { LEVELS } from '../../schemas/words.ts'
import type { Fault } from '../errors.ts'
import { parseLevel } from '../levels.ts'
import { addFault, isLongerThan, textFault } from './faults.ts'
import { isFields, kindOf, setField, type Fields } from './fields.ts'
import { composeMeta } from './meta.ts'
import { parseInstant } from './time.ts'

/** What the query string says of every event of a request, used where the event itself says nothing. Already checked by the caller. */
export interface Stamp {
  service?: string
  level?: Level
  type?: string
  host?: string
}

export interface NormaliseContext {
  /** ms since the epoch: the time of an event that has none. */
  now: number
  stamp: Stamp
  /** What the token says of every event, whatever the event says. */
  rules?: TokenRules
  severityOf: (level: Level) => Severity
}

/** Why an event is refused. Paths are JSON pointers into the event. */
export interface Rejection {
  faults: Fault[]
}

interface Draft {
  input: Fields
  context: NormaliseContext
  /** One bit for each known name that the input has. */
  seen: number
  kept: Fields | undefined
  faults: Fault[]
}

interface Group {
  names: readonly string[]
  mask: number
}

/** Takes a value for its group, or leaves it (`undefined`) for meta and the next name. May add faults. */
type Take<T> = (draft: Draft, name: string, value: unknown) => T | undefined

const BITS = new Map<string, number>()

/** Names that mean the same, the first that is present wins. */
function group (...names: string[]): Group {
  let mask = 0
  for (const name of names) {
    const bit = 1 << BITS.size
    BITS.set(name, bit)
    mask |= bit
  }
  return { names, mask }
}

const MESSAGE = group('message', 'msg', 'log', 'body')
const TIME = group('time', 'timestamp', '@timestamp', 'ts')
const LEVEL = group('level', 'severity', 'lvl', 'levelname')
const SERVICE = group('service', 'app', 'logger')
const TYPE = group('type')
const HOST = group('host', 'hostname')
const TRACE_ID = group('trace_id', 'traceId')
const EVENT_ID = group('event_id')
const ID = group('id')
const META = group('meta')

const NO_MESSAGE = `an event needs a text in one of ${MESSAGE.names.join(', ')}`
const TIME_FORMS = 'send ISO 8601 like 2026-01-31T12:00:00Z, or seconds, ms, µs or ns since the epoch, between 1970 and 2200'

function keep (draft: Draft, name: string, value: unknown): void {
  draft.kept ??= {}
  setField(draft.kept, name, value)
}

/** Keeps one name more than meta may have, which is enough to be refused for. */
function sortFields (draft: Draft): void {
  const { input } = draft
  let kept = 0
  for (const name of Object.keys(input)) {
    const bit = BITS.get(name)
    if (bit !== undefined) draft.seen |= bit
    else if (kept++ <= EVENT_LIMITS.metaKeys) keep(draft, name, input[name])
  }
}

/** Takes the first value of a group that is neither null nor empty, keeps the others in meta. */
function pick<T> (draft: Draft, { names, mask }: Group, take: Take<T>): T | undefined {
  if ((draft.seen & mask) === 0) return undefined
  let picked: T | undefined
  for (const name of names) {
    if ((draft.seen & (BITS.get(name) ?? 0)) === 0) continue
    const value = draft.input[name]
    if (value === null || value === '') continue
    const taken = picked === undefined ? take(draft, name, value) : undefined
    if (taken === undefined) keep(draft, name, value)
    else picked = taken
  }
  return picked
}

function checkText (draft: Draft, path: string, text: string): string {
  const fault = textFault(text)
  if (fault !== undefined) addFault(draft.faults, path, fault)
  return text
}

function checkName (draft: Draft, path: string, text: string, limit: number): string {
  if (text.length > limit) {
    // Characters, not UTF-16 units.
    const length = [...text].length
    if (length > limit) addFault(draft.faults, path, `${length} characters, at most ${limit}`)
  }
  return checkText(draft, path, text)
}

function takeMessage (draft: Draft, name: string, value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (isLongerThan(value, EVENT_LIMITS.messageBytes)) {
      addFault(draft.faults, `/${name}`, `${Buffer.byteLength(value)} bytes of UTF-8, at most ${EVENT_LIMITS.messageBytes}`)
    }
    return checkText(draft, `/${name}`, value)
  }
  if (name !== 'message') return undefined
  addFault(draft.faults, '/message', `message must be a text, got ${kindOf(value)}`)
  return ''
}

function takeTime (draft: Draft, name: string, value: unknown): number | undefined {
  if (isFields(value) || Array.isArray(value)) return undefined
  const scalar = JSON.isRawJSON(value) ? value.rawJSON : value
  const read = typeof scalar === 'string' || typeof scalar === 'number' ? parseInstant(scalar) : undefined
  if (read === undefined) {
    const shown = JSON.stringify(typeof scalar === 'string' ? scalar.slice(0, 64) : scalar)
    addFault(draft.faults, `/${name}`, `${shown} is not a time: ${TIME_FORMS}`)
    return draft.context.now
  }
  if (read.isFinerThanMs) keep(draft, name, value)
  return read.ms
}

function takeLevel (draft: Draft, name: string, value: unknown): Level | undefined {
  if (JSON.isRawJSON(value)) return keepUnknownLevel(draft, name, value)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return parseLevel(value) ?? keepUnknownLevel(draft, name, value)
}

/** A word like "success" is no reason to refuse an event. */
function keepUnknownLevel (draft: Draft, name: string, value: unknown): Level {
  keep(draft, name, value)
  return draft.context.stamp.level ?? 'INFO'
}

function takeName (draft: Draft, name: string, value: unknown): string | undefined {
  return typeof value === 'string' ? checkName(draft, `/${name}`, value, EVENT_LIMITS.nameLength) : undefined
}

/** Elastic Common Schema has `service: {name}` and `host: {name}`; the object is kept whole beside its name. */
function takeNameOrEcs (draft: Draft, name: string, value: unknown): string | undefined {
  if ((name !== 'service' && name !== 'host') || !isFields(value)) return takeName(draft, name, value)
  const inner = Object.hasOwn(value, 'name') ? value['name'] : undefined
  if (typeof inner !== 'string' || inner === '') return undefined
  keep(draft, name, value)
  return checkName(draft, `/${name}/name`, inner, EVENT_LIMITS.nameLength)
}

function takeTraceId (draft: Draft, name: string, value: unknown): string | undefined {
  if (JSON.isRawJSON(value)) return takeName(draft, name, value.rawJSON)
  return takeName(draft, name, typeof value === 'number' ? String(value) : value)
}

function takeEventId (draft: Draft, name: string, value: unknown): string | undefined {
  const id = idText(value)
  return id === undefined ? undefined : checkName(draft, `/${name}`, id, EVENT_LIMITS.idLength)
}

/** The `id` of a logger may mean anything: what cannot be an id of ours is no fault. */
function takeHint (_draft: Draft, _name: string, value: unknown): { clientId: string, idHint: string } | undefined {
  const clientId = idText(value)
  if (clientId === undefined || textFault(clientId) !== undefined || [...clientId].length > EVENT_LIMITS.idLength) return undefined
  return { clientId, idHint: typeof value === 'string' ? JSON.stringify(value) : clientId }
}

function idText (value: unknown): string | undefined {
  const raw = JSON.isRawJSON(value) ? value.rawJSON : undefined
  const isInteger = raw === undefined ? Number.isInteger(value) : /^-?\d+$/.test(raw)
  return isInteger || typeof value === 'string' ? raw ?? String(value) : undefined
}

/** Our own `event_id` goes first, and leaves an `id` beside it in meta. */
function readId (draft: Draft): Pick<NewEvent, 'clientId' | 'idHint'> {
  const eventId = pick(draft, EVENT_ID, takeEventId)
  const hint = pick(draft, ID, eventId === undefined ? takeHint : () => undefined)
  return hint ?? { clientId: eventId ?? null, idHint: null }
}

/** A service that the token names leaves what the event says of it in meta. */
function readService (draft: Draft): string | null {
  const { rules, stamp } = draft.context
  if (rules?.service === undefined) return pick(draft, SERVICE, takeNameOrEcs) ?? stamp.service ?? null
  pick(draft, SERVICE, () => undefined)
  return rules.service
}

function belowMinimum (level: Level, { minLevel }: TokenRules = {}): string | undefined {
  if (minLevel === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(minLevel)) return undefined
  return `${level} is below the minimum level of this token, ${minLevel}`
}

function readMessage (draft: Draft): string {
  const message = pick(draft, MESSAGE, takeMessage)
  if (message !== undefined) return message
  const empty = MESSAGE.names.find((name) => Object.hasOwn(draft.input, name) && draft.input[name] === '')
  if (empty === undefined) addFault(draft.faults, '', NO_MESSAGE)
  else addFault(draft.faults, `/${empty}`, `the text is empty; ${NO_MESSAGE}`)
  return ''
}

function readMeta (draft: Draft, type: string | undefined): string | null {
  let sent: Fields | undefined
  if ((draft.seen & META.mask) !== 0) {
    const { meta } = draft.input
    if (isFields(meta)) sent = meta
    else if (meta !== null) addFault(draft.faults, '/meta', `meta must be an object, got ${kindOf(meta)}`)
  }
  return composeMeta({ sent, kept: draft.kept, type: type ?? null, env: draft.context.rules?.env ?? null }, draft.faults)
}

/** Names everything of an event; meta comes last, because it takes what the others left. */
function readEvent (draft: Draft): NewEvent {
  const { now, stamp, rules, severityOf } = draft.context
  const message = readMessage(draft)
  const sentTime = pick(draft, TIME, takeTime)
  const time = sentTime ?? now
  const level = pick(draft, LEVEL, takeLevel) ?? stamp.level ?? 'INFO'
  const tooLow = belowMinimum(level, rules)
  if (tooLow !== undefined) addFault(draft.faults, '/level', tooLow)
  const service = readService(draft)
  const type = pick(draft, TYPE, takeName)
  const host = pick(draft, HOST, takeNameOrEcs) ?? stamp.host ?? null
  const traceId = pick(draft, TRACE_ID, takeTraceId) ?? null
  const id = readId(draft)
  const meta = readMeta(draft, type)
  return { time, level, severity: severityOf(level), service, type: type ?? stamp.type ?? null, host, traceId, ...id, message, meta, isTimed: sentTime !== undefined }
}

/**
 * Turns one JSON value into an event, or tells all of its faults at once. Known names are understood, everything else is kept in
 * meta. Null and empty text count as absent. Never throws for what parseJson returns.
 */
export function normaliseEvent (input: unknown, context: NormaliseContext): NewEvent | Rejection {
  if (!isFields(input)) {
    return { faults: [{ path: '', message: `an event is an object like {"message": "..."}, got ${kindOf(input)}` }] }
  }
  const draft: Draft = { input, context, seen: 0, kept: undefined, faults: [] }
  sortFields(draft)
  const event = readEvent(draft)
  return draft.faults.length === 0 ? event : { faults: draft.faults }
}

/** Makes an event of a line of text, which is the message as it is. `message` is decoded UTF-8, not empty, within the limit. */
export function lineEvent (message: string, { now, stamp, rules, severityOf }: NormaliseContext): NewEvent | Rejection {
  const level = stamp.level ?? 'INFO'
  const fault = textFault(message) ?? belowMinimum(level, rules)
  if (fault !== undefined) return { faults: [{ path: '', message: fault }] }
  return {
    time: now,
    level,
    severity: severityOf(level),
    service: rules?.service ?? stamp.service ?? null,
    type: stamp.type ?? null,
    host: stamp.host ?? null,
    traceId: null,
    clientId: null,
    idHint: null,
    message,
    meta: rules?.env === undefined ? null : JSON.stringify({ env: rules.env }),
    isTimed: false
  }
}
