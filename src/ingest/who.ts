import { EVENT_LIMITS, type NewEvent } from '../../schemas/event.ts'
import { note, pick, type Draft } from './draft.ts'
import { addFault, textFault } from '../core/faults.ts'
import type { Fields } from './fields.ts'
import { PARTS, type Name } from './names.ts'

/** Counts characters, not UTF-16 units; 0 when they are surely within the limit. */
function lengthBeyond (text: string, limit: number): number {
  if (text.length <= limit) return 0
  const { length } = [...text]
  return length > limit ? length : 0
}

function takeText (draft: Draft, name: Name, value: string, limit: number): string | undefined {
  const length = lengthBeyond(value, limit)
  const fault = length > 0 ? `${length} characters, at most ${limit}` : textFault(value)
  if (fault === undefined) return value
  if (name.kind !== 'own') return noteUnused(draft, name, fault)
  addFault(draft.faults, name.path, fault)
  return value
}

function noteUnused (draft: Draft, name: Name, fault: string): undefined {
  if (name.kind === 'usual') note(draft, { part: 'name', path: name.path, message: `${fault}: it is kept in meta` })
}

function takeName (draft: Draft, name: Name, value: unknown): string | undefined {
  return typeof value === 'string' ? takeText(draft, name, value, EVENT_LIMITS.nameLength) : undefined
}

function has (input: Fields, ...names: string[]): boolean {
  return names.every((name) => Object.hasOwn(input, name))
}

/** Tells whether a loose name is that of the program: by what else stands in lines of Monolog, consola, NestJS, Rust's tracing, pino, bunyan and Python's logging. */
function isNameOfLogger ({ input }: Draft, { text }: Name): boolean {
  if (text === 'channel') return has(input, 'level_name')
  if (text === 'tag') return has(input, 'args', 'type', 'level')
  if (text === 'context') return has(input, 'pid', 'timestamp', 'level', 'message')
  if (text === 'target') return has(input, 'timestamp', 'level') && (has(input, 'fields') || String(input['target']).includes('::'))
  return has(input, 'pid', 'hostname') || has(input, 'level', 'msg', 'time') || has(input, 'levelname') || has(input, 'levelno')
}

function takeService (draft: Draft, name: Name, value: unknown): string | undefined {
  return name.kind === 'loose' && !isNameOfLogger(draft, name) ? undefined : takeName(draft, name, value)
}

function takeTraceId (draft: Draft, name: Name, value: unknown): string | undefined {
  if (JSON.isRawJSON(value)) return takeName(draft, name, value.rawJSON)
  return takeName(draft, name, typeof value === 'number' ? String(value) : value)
}

function idText (value: unknown): string | undefined {
  const raw = JSON.isRawJSON(value) ? value.rawJSON : undefined
  const isInteger = raw === undefined ? Number.isInteger(value) : /^-?\d+$/.test(raw)
  return isInteger || typeof value === 'string' ? raw ?? String(value) : undefined
}

function takeEventId (draft: Draft, name: Name, value: unknown): string | undefined {
  const id = idText(value)
  return id === undefined ? undefined : takeText(draft, name, id, EVENT_LIMITS.idLength)
}

/** The `id` of a logger may mean anything: what cannot be an id of ours is no fault. */
function takeHint (_draft: Draft, _name: Name, value: unknown): { clientId: string, idHint: string } | undefined {
  const clientId = idText(value)
  if (clientId === undefined || textFault(clientId) !== undefined || lengthBeyond(clientId, EVENT_LIMITS.idLength) > 0) return undefined
  return { clientId, idHint: typeof value === 'string' ? JSON.stringify(value) : clientId }
}

/** A service that the token names leaves what the event says of it in meta. */
export function readService (draft: Draft): string | null {
  const { rules, stamp } = draft.context
  if (rules?.service === undefined) return pick(draft, PARTS.service, takeService) ?? stamp.service ?? null
  pick(draft, PARTS.service, () => undefined)
  return rules.service
}

export function readType (draft: Draft): string | undefined {
  return pick(draft, PARTS.type, takeName)
}

export function readHost (draft: Draft): string | null {
  return pick(draft, PARTS.host, takeName) ?? draft.context.stamp.host ?? null
}

export function readTraceId (draft: Draft): string | null {
  return pick(draft, PARTS.traceId, takeTraceId) ?? null
}

/** Our own `event_id` goes first, and leaves an `id` beside it in meta. */
export function readId (draft: Draft): Pick<NewEvent, 'clientId' | 'idHint'> {
  const eventId = pick(draft, PARTS.eventId, takeEventId)
  const hint = pick(draft, PARTS.id, eventId === undefined ? takeHint : () => undefined)
  return hint ?? { clientId: eventId ?? null, idHint: null }
}
