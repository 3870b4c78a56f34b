import type { Level } from '../../../schemas/event.ts'
import { nothingFound, sortFields, type Draft, type NormaliseContext, type Note } from '../draft.ts'
import type { Fields } from '../fields.ts'
import { readLevel } from '../level.ts'
import { readTime } from '../time/event-time.ts'
import { readHost, readService, readTraceId } from '../who.ts'
import { MARK } from './level-words.ts'
import { readLineFields } from './line-fields.ts'
import { readHead } from './line-head.ts'
import { readSource } from './source.ts'

// eslint-disable-next-line no-control-regex
const TERMINAL_CODE = /\u001b\[[\d;]*[A-Za-z]/g

/** What a line of text tells beside its message. */
export interface Told {
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

/** Reads what the head of a line of text tells, and its fields when it is one JSON object or pairs like level=warn. */
export function readLine (line: string, context: NormaliseContext): Told {
  const text = line.includes('\u001b') ? line.replace(TERMINAL_CODE, MARK) : line
  const { level, ms, fieldsAt } = readHead(text, context.now)
  const fields = fieldsAt === undefined ? undefined : readLineFields(text.slice(fieldsAt).replaceAll(MARK, ''))
  const told = fields === undefined ? undefined : toldByFields(fields, context)
  if (told !== undefined) return { ...told, level: told.level ?? level, ms: told.ms ?? ms }
  const { stamp, rules } = context
  const source = readSource(text)
  return { level, ms, service: rules?.service ?? source.service ?? stamp.service ?? null, host: source.host ?? stamp.host ?? null, traceId: null, kept: undefined, notes: undefined }
}
