import { isUtf8 } from 'node:buffer'
import { EVENT_LIMITS } from '../../schemas/event.ts'
import type { Fault } from '../core/errors.ts'
import { sizeFault } from './json/oversize.ts'
import { readJson } from './json/read-json.ts'
import type { NormaliseContext } from './draft.ts'
import { normaliseEvent, type Judged, type Rejection } from './normalise.ts'
import { originalOfBytes } from './json/original.ts'
import type { Verdict } from './slices.ts'
import { skipBlanks, utf8FaultOffset } from './bytes.ts'
import { lineEvent } from './text/line-event.ts'

const NEWLINE = 10
const RETURN = 13

/** How one line becomes an event. */
export interface LineReader {
  /** Says that a line has too many bytes to be read. */
  sizeFault: (bytes: Buffer) => Fault | undefined
  /** `number` counts lines from 1. */
  read: (text: string, number: number, context: NormaliseContext) => Judged | Rejection
}

function refuse (message: string): Rejection {
  return { faults: [{ path: '', message }] }
}

function readJsonLine (text: string, number: number, context: NormaliseContext): Judged | Rejection {
  const reading = readJson(text, number)
  return 'value' in reading ? normaliseEvent(reading.value, context) : refuse(reading.refusal)
}

function lineFault ({ length }: Buffer): Fault | undefined {
  return length > EVENT_LIMITS.messageBytes ? { path: '', message: `a line of ${length} bytes, at most ${EVENT_LIMITS.messageBytes}` } : undefined
}

/** A line of NDJSON; what is wrong with it is told with its line in the body. */
export const jsonLines: LineReader = { sizeFault, read: readJsonLine }

/** A line of text; it is the message, whatever it holds. What its head tells of time and level is read. */
export const textLines: LineReader = { sizeFault: lineFault, read: (text, _number, context) => lineEvent(text, context) }

function endOfLine (body: Buffer, start: number): number {
  const end = body.indexOf(NEWLINE, start)
  return end === -1 ? body.length : end
}

/**
 * Judges a body line by line, each when it is asked for. A line ends with \n or \r\n. The index counts all lines from 0, but
 * blank ones have no verdict, so that index + 1 is the line number in the sender's file.
 */
export function * judgeLines (body: Buffer, reader: LineReader, context: NormaliseContext): Generator<Verdict> {
  const isClean = isUtf8(body)
  let index = -1
  for (let start = 0, next = 0; start < body.length; start = next) {
    index++
    const ink = skipBlanks(body, start, true)
    let end = endOfLine(body, ink)
    next = end + 1
    if (ink === end) continue
    if (body[end - 1] === RETURN) end--
    const bytes = body.subarray(start, end)
    const verdict = { index, original: () => originalOfBytes(bytes) }
    const oversize = reader.sizeFault(bytes)
    if (oversize !== undefined) {
      yield { ...verdict, result: { faults: [oversize] } }
    } else if (!isClean && !isUtf8(bytes)) {
      yield { ...verdict, result: refuse(`not UTF-8 at byte ${utf8FaultOffset(bytes)} of line ${index + 1}`) }
    } else {
      yield { ...verdict, result: reader.read(bytes.toString(), index + 1, context) }
    }
  }
}
