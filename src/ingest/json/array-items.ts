import { isUtf8 } from 'node:buffer'
import { utf8FaultOffset } from '../bytes.ts'
import { readJson, type JsonReading } from './read-json.ts'
import { itemTexts } from './original.ts'

/** One item of an array that was read by itself. */
export interface ItemReading {
  bytes: Buffer
  reading: JsonReading
}

function readItem (bytes: Buffer): JsonReading {
  if (isUtf8(bytes)) return readJson(bytes.toString())
  return { refusal: `not UTF-8 at byte ${utf8FaultOffset(bytes)} of the item`, isBeyondLimit: true }
}

function isNoJson (reading: JsonReading): boolean {
  return 'refusal' in reading && !reading.isBeyondLimit
}

/**
 * Reads an array that cannot be read whole for what some of its items hold, each item by itself as if it were a line. It is split
 * byte for byte, since only what stands outside of strings counts. `undefined` when it is no JSON array, or has more than `most` items.
 */
export function readApart (body: Buffer, most: number): ItemReading[] | undefined {
  const text = body.toString('latin1')
  if (!/^[ \t\r\n]*\[/.test(text)) return undefined
  const readings: ItemReading[] = []
  const texts = itemTexts(text)
  for (let next = texts.next(); ; next = texts.next()) {
    if (next.done === true) return next.value ? readings : undefined
    const bytes = Buffer.from(next.value, 'latin1')
    const reading = readItem(bytes)
    if (isNoJson(reading) || readings.length === most) return undefined
    readings.push({ bytes, reading })
  }
}
