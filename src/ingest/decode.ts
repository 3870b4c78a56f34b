import { isUtf8 } from 'node:buffer'
import type { NewEvent } from '../../schemas/event.ts'
import { AppError } from '../errors.ts'
import { isFields, kindOf } from './fields.ts'
import type { BodyFormat } from './format.ts'
import { parseJson } from './json.ts'
import { judgeLines, readJsonLine, readTextLine } from './lines.ts'
import type { NormaliseContext } from './draft.ts'
import { normaliseEvent, type Rejection } from './normalise.ts'
import { itemTexts, originalOfText } from './original.ts'
import { sliceUp, type Slice, type Verdict } from './slices.ts'
import { skipBlanks, utf8FaultOffset } from './bytes.ts'

/** A body that is ready to be read: decompressed, its format known. */
export interface EncodedBody {
  body: Buffer
  format: BodyFormat
  context: NormaliseContext
  /** The most items of a JSON array; NDJSON and lines have no such limit, they come in slices. */
  maxBatch: number
}

export type Decoded =
  | { kind: 'one', result: NewEvent | Rejection }
  | { kind: 'many', slices: Iterable<Slice> }

const WHAT_TO_SEND = 'send an event like {"message": "..."} or an array of them'

function refuse (code: 'invalid' | 'too_large', message: string): AppError {
  return new AppError(code, message, { faults: [{ path: '', message }] })
}

function withoutBom (body: Buffer): Buffer {
  return body[0] === 0xEF && body[1] === 0xBB && body[2] === 0xBF ? body.subarray(3) : body
}

function * judgeItems (items: unknown[], text: string, context: NormaliseContext): Generator<Verdict> {
  const texts = itemTexts(text)
  let walked = -1
  for (let index = 0; index < items.length; index++) {
    const original = () => {
      while (++walked < index) texts.next()
      return originalOfText(texts.next().value ?? '')
    }
    yield { index, result: normaliseEvent(items[index], context), original }
  }
}

function decodeJson (body: Buffer, bomBytes: number, { context, maxBatch }: EncodedBody): Decoded {
  if (skipBlanks(body, 0, false) === body.length) throw refuse('invalid', `the body is empty; ${WHAT_TO_SEND}`)
  if (!isUtf8(body)) throw refuse('invalid', `the body is not UTF-8 at byte ${bomBytes + utf8FaultOffset(body)}`)
  const text = body.toString()
  const value = parseJson(text)
  if (isFields(value)) return { kind: 'one', result: normaliseEvent(value, context) }
  if (!Array.isArray(value)) throw refuse('invalid', `the body is ${kindOf(value)}; ${WHAT_TO_SEND}`)
  if (value.length > maxBatch) throw refuse('too_large', `${value.length} events in one array, at most ${maxBatch}; send NDJSON or several requests`)
  return { kind: 'many', slices: sliceUp(judgeItems(value, text, context)) }
}

/**
 * Reads a body into events and refusals. A JSON object is one event; an array, NDJSON and lines of text are many, judged slice by
 * slice while they are asked for, each item by itself; there may be none of them. A byte order mark at the start is dropped.
 * Throws AppError invalid when the body as a whole is none of these, too_large when an array has more than `maxBatch` items.
 */
export function decodeBody (input: EncodedBody): Decoded {
  const body = withoutBom(input.body)
  if (input.format === 'json') return decodeJson(body, input.body.length - body.length, input)
  const read = input.format === 'ndjson' ? readJsonLine : readTextLine
  return { kind: 'many', slices: sliceUp(judgeLines(body, read, input.context)) }
}
