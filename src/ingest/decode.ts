import { isUtf8 } from 'node:buffer'
import { AppError } from '../core/errors.ts'
import { isFields, kindOf } from './fields.ts'
import type { BodyFormat } from './format.ts'
import { readApart, type ItemReading } from './json/array-items.ts'
import { sizeFault } from './json/oversize.ts'
import { readJson } from './json/read-json.ts'
import { jsonLines, judgeLines, textLines } from './lines.ts'
import type { NormaliseContext } from './draft.ts'
import { normaliseEvent, type Judged, type Rejection } from './normalise.ts'
import { itemTexts, originalOfBytes, originalOfText } from './json/original.ts'
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
  | { kind: 'one', result: Judged | Rejection }
  | { kind: 'many', slices: Iterable<Slice> }

const OPENING_BRACE = 0x7B
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
      return originalOfText(String(texts.next().value))
    }
    yield { index, result: normaliseEvent(items[index], context), original }
  }
}

function * judgeApart (items: readonly ItemReading[], context: NormaliseContext): Generator<Verdict> {
  for (const [index, { bytes, reading }] of items.entries()) {
    const result = 'value' in reading ? normaliseEvent(reading.value, context) : { faults: [{ path: '', message: reading.refusal }] }
    yield { index, result, original: () => originalOfBytes(bytes) }
  }
}

function decodeValue (value: unknown, text: string, { context, maxBatch }: EncodedBody): Decoded {
  if (isFields(value)) return { kind: 'one', result: normaliseEvent(value, context) }
  if (!Array.isArray(value)) throw refuse('invalid', `the body is ${kindOf(value)}; ${WHAT_TO_SEND}`)
  if (value.length > maxBatch) throw refuse('too_large', `${value.length} events in one array, at most ${maxBatch}; send NDJSON or several requests`)
  return { kind: 'many', slices: sliceUp(judgeItems(value, text, context)) }
}

function decodeJson (body: Buffer, bomBytes: number, input: EncodedBody): Decoded {
  const start = skipBlanks(body, 0, false)
  if (start === body.length) throw refuse('invalid', `the body is empty; ${WHAT_TO_SEND}`)
  const oversize = body[start] === OPENING_BRACE ? sizeFault(body) : undefined
  if (oversize !== undefined) return { kind: 'one', result: { faults: [oversize] } }
  const isClean = isUtf8(body)
  const text = isClean ? body.toString() : ''
  const reading = isClean ? readJson(text) : { refusal: `the body is not UTF-8 at byte ${bomBytes + utf8FaultOffset(body)}`, isBeyondLimit: true }
  if ('value' in reading) return decodeValue(reading.value, text, input)
  const apart = reading.isBeyondLimit ? readApart(body, input.maxBatch) : undefined
  if (apart === undefined) throw refuse('invalid', reading.refusal)
  return { kind: 'many', slices: sliceUp(judgeApart(apart, input.context)) }
}

/**
 * Reads a body into events and refusals. A JSON object is one event; an array, NDJSON and lines of text are many, judged slice by
 * slice while they are asked for, each item by itself; there may be none of them. A byte order mark at the start is dropped.
 * Throws AppError invalid when the body as a whole is none of these, too_large when an array has more than `maxBatch` items.
 */
export function decodeBody (input: EncodedBody): Decoded {
  const body = withoutBom(input.body)
  if (input.format === 'json') return decodeJson(body, input.body.length - body.length, input)
  const reader = input.format === 'ndjson' ? jsonLines : textLines
  return { kind: 'many', slices: sliceUp(judgeLines(body, reader, input.context)) }
}
