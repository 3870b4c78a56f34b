import type { Level } from '../../../schemas/event.ts'
import { textFault } from '../../core/faults.ts'
import { nothingFound, sortFields, type Draft, type NormaliseContext, type Note } from '../draft.ts'
import type { Fields } from '../fields.ts'
import { readLevel } from '../level.ts'
import { composeMeta } from '../meta.ts'
import { belowMinimum, type Judged, type Rejection } from '../normalise.ts'
import { readTime } from '../time/event-time.ts'
import { readHost, readService, readTraceId } from '../who.ts'
import { MARK } from './level-words.ts'
import { readLineFields } from './line-fields.ts'
import { readHead } from './line-head.ts'

// eslint-disable-next-line no-control-regex
const TERMINAL_CODE = /\u001b\[[\d;]*[A-Za-z]/g

/** What a line of text tells beside its message. */
interface Told {
  level: Level | undefined
  ms: number | undefined
  service: string | null
  host: string | null
  traceId: string | null
  /** What of its fields was not understood. */
  kept: Fields | undefined
  notes: readonly Note[] | undefined
}

function toldByFields (input: Fields, context: NormaliseContext): Told | undefined {
  const draft: Draft = { input, context, found: nothingFound(), kept: undefined, faults: [], notes: undefined }
  sortFields(draft)
  const ms = readTime(draft)
  const level = readLevel(draft)
  const told = { level, ms, service: readService(draft), host: readHost(draft), traceId: readTraceId(draft) }
  const { kept, notes, faults } = draft
  return faults.length > 0 ? undefined : { ...told, kept: notes === undefined ? undefined : kept, notes }
}

function readLine (line: string, context: NormaliseContext): Told {
  const text = line.includes('\u001b') ? line.replace(TERMINAL_CODE, MARK) : line
  const { level, ms, fieldsAt } = readHead(text, context.now)
  const fields = fieldsAt === undefined ? undefined : readLineFields(text.slice(fieldsAt).replaceAll(MARK, ''))
  const told = fields === undefined ? undefined : toldByFields(fields, context)
  if (told !== undefined) return { ...told, level: told.level ?? level, ms: told.ms ?? ms }
  const { stamp, rules } = context
  return { level, ms, service: rules?.service ?? stamp.service ?? null, host: stamp.host ?? null, traceId: null, kept: undefined, notes: undefined }
}

/**
 * Makes an event of a line of text, which is the message as it is. Its time and level are those that its head tells, or its
 * fields when it is one JSON object or pairs like level=warn; these may name service, host and trace too. `message` is decoded
 * UTF-8, not empty, within the limit.
 */
export function lineEvent (message: string, context: NormaliseContext): Judged | Rejection {
  const { now, stamp, rules, severityOf } = context
  const told = readLine(message, context)
  const level = told.level ?? stamp.level ?? 'INFO'
  const fault = textFault(message) ?? belowMinimum(level, rules)
  if (fault !== undefined) return { faults: [{ path: '', message: fault }] }
  const { service, host, traceId, ms, notes } = told
  return {
    time: ms ?? now,
    level,
    severity: severityOf(level),
    service,
    type: stamp.type ?? null,
    host,
    traceId,
    clientId: null,
    idHint: null,
    message,
    meta: composeMeta({ sent: undefined, kept: told.kept, type: null, env: rules?.env ?? null }, []),
    isTimed: ms !== undefined,
    ...(notes === undefined ? {} : { notes })
  }
}
