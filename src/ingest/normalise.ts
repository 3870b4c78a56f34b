import type { Level, NewEvent } from '../../schemas/event.ts'
import type { TokenRules } from '../../schemas/token.ts'
import { LEVELS } from '../../schemas/words.ts'
import type { Fault } from '../core/errors.ts'
import { nothingFound, sortFields, type Draft, type NormaliseContext, type Note } from './draft.ts'
import { addFault } from '../core/faults.ts'
import { isFields, kindOf, type Fields } from './fields.ts'
import { readLevel } from './level.ts'
import { readMessage } from './message.ts'
import { composeMeta } from './meta.ts'
import { PARTS } from './names.ts'
import { readLine } from './text/line.ts'
import { readTime } from './time/event-time.ts'
import { readHost, readId, readService, readTraceId, readType } from './who.ts'

/** Why an event is refused. Paths are JSON pointers into the event. */
export interface Rejection {
  faults: Fault[]
}

/** An event that is kept, with what of it was not understood. */
export interface Judged extends NewEvent {
  notes?: readonly Note[]
}

/** Says that a level is refused by what the token says; `undefined` when it is not. */
export function belowMinimum (level: Level, { minLevel }: TokenRules = {}): string | undefined {
  if (minLevel === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(minLevel)) return undefined
  return `${level} is below the minimum level of this token, ${minLevel}`
}

function readMeta (draft: Draft, type: string | undefined): string | null {
  let sent: Fields | undefined
  if (draft.found[PARTS.meta] !== undefined) {
    const { meta } = draft.input
    if (isFields(meta)) sent = meta
    else if (meta !== null) addFault(draft.faults, '/meta', `meta must be an object, got ${kindOf(meta)}`)
  }
  return composeMeta({ sent, kept: draft.kept, type: type ?? null, env: draft.context.rules?.env ?? null }, draft.faults)
}

/** What container runtimes make of a line that a program printed tells no level but that of the line. */
function levelOfPrinted ({ input, context }: Draft): Level | undefined {
  const { log, stream } = input
  return typeof log === 'string' && typeof stream === 'string' ? readLine(log, context).level : undefined
}

/** Names everything of an event; meta comes last, because it takes what the others left. */
function readEvent (draft: Draft): NewEvent {
  const { now, stamp, rules, severityOf } = draft.context
  const message = readMessage(draft)
  const sentTime = readTime(draft)
  const time = sentTime ?? now
  const level = readLevel(draft) ?? levelOfPrinted(draft) ?? stamp.level ?? 'INFO'
  const tooLow = belowMinimum(level, rules)
  if (tooLow !== undefined) addFault(draft.faults, '/level', tooLow)
  const service = readService(draft)
  const type = readType(draft)
  const host = readHost(draft)
  const traceId = readTraceId(draft)
  const id = readId(draft)
  const meta = readMeta(draft, type)
  return { time, level, severity: severityOf(level), service, type: type ?? stamp.type ?? null, host, traceId, ...id, message, meta, isTimed: sentTime !== undefined }
}

/**
 * Turns one JSON value into an event, or tells all of its faults at once. Known names are understood, everything else is kept in
 * meta. Null and empty text count as absent. Never throws for what parseJson returns.
 */
export function normaliseEvent (input: unknown, context: NormaliseContext): Judged | Rejection {
  if (!isFields(input)) {
    return { faults: [{ path: '', message: `an event is an object like {"message": "..."}, got ${kindOf(input)}` }] }
  }
  const draft: Draft = { input, context, found: nothingFound(), kept: undefined, faults: [], notes: undefined }
  sortFields(draft)
  const event = readEvent(draft)
  if (draft.faults.length > 0) return { faults: draft.faults }
  return draft.notes === undefined ? event : { ...event, notes: draft.notes }
}
