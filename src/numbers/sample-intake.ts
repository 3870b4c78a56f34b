import { isUtf8 } from 'node:buffer'
import type { Sample, SamplesReceipt } from '../../schemas/sample.ts'
import type { ReceiptItem } from '../../schemas/submission.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, type Fault } from '../core/errors.ts'
import type { Ticket } from '../ingest/admission.ts'
import { decompress } from '../ingest/decompress.ts'
import { formatOf } from '../ingest/format.ts'
import { parseJson } from '../ingest/json/read-json.ts'
import type { Delivery } from '../events/intake.ts'
import { readSample, type SampleTimes } from './sample-fields.ts'
import type { Store } from '../store/store.ts'
import type { CooperativeScheduler } from '../core/cooperative-scheduler.ts'

export interface SampleIntakeParts {
  store: Pick<Store, 'write'>
  clock: Clock
  scheduler: CooperativeScheduler
  limits: { maxBodyBytes: number, maxBatch: number, maxSeries: number }
  /** Older samples are not taken. */
  oldestMs: number
}

interface Judged {
  samples: Sample[]
  /** The place of each sample in the body. */
  indexes: number[]
  items: ReceiptItem[]
}

/** The clocks of senders are not all right. */
const AHEAD_MS = 3_600_000
const SLICE = 500
const MOST_FAULTS_TOLD = 100

/** Takes numbers that others measured. Sending the same again stores nothing twice, so long as it says its time. */
export class SampleIntake {
  readonly #parts: SampleIntakeParts

  constructor (parts: SampleIntakeParts) {
    this.#parts = parts
  }

  /** An array of none is taken as it is. Throws AppError: `invalid` when nothing of the body could be taken, `unsupported`, `too_large`, `no_space`. */
  async take ({ body, envelope }: Delivery, ticket: Ticket): Promise<SamplesReceipt> {
    const { contentType, contentEncoding } = envelope
    const { store, limits: { maxBodyBytes, maxSeries } } = this.#parts
    if (formatOf(contentType) !== 'json') {
      throw new AppError('unsupported', `content-type ${JSON.stringify(contentType ?? '')} is not taken: send application/json, in UTF-8`)
    }
    const plain = await decompress(body, contentEncoding, maxBodyBytes)
    ticket.arrive(plain.length)
    const inputs = await this.#parts.scheduler.run(() => this.#read(plain))
    const judged = await this.#judge(inputs)
    ticket.begin(judged.samples.length)
    const stored = await store.write('appendSamples', { samples: judged.samples, maxSeries })
    return receiptOf(judged, stored, maxSeries)
  }

  #read (body: Buffer): unknown[] {
    if (!isUtf8(body)) throw refuse('invalid', 'the body is not UTF-8')
    const value = parseJson(body.toString())
    const inputs = Array.isArray(value) ? value : [value]
    const { maxBatch } = this.#parts.limits
    if (inputs.length > maxBatch) throw refuse('too_large', `${inputs.length} samples in one array, at most MAX_BATCH (${maxBatch}): send several requests`)
    return inputs
  }

  async #judge (inputs: readonly unknown[]): Promise<Judged> {
    const now = this.#parts.clock.now()
    const times: SampleTimes = { now, oldest: now - this.#parts.oldestMs, latest: now + AHEAD_MS }
    const judged: Judged = { samples: [], indexes: [], items: [] }
    for (let at = 0; at < inputs.length; at += SLICE) {
      await this.#parts.scheduler.run(() => judgeSlice(inputs.slice(at, at + SLICE), { at, times, judged }))
    }
    return judged
  }
}

function judgeSlice (inputs: readonly unknown[], { at, times, judged }: { at: number, times: SampleTimes, judged: Judged }): void {
  for (const [n, input] of inputs.entries()) {
    const read = readSample(input, times)
    if ('faults' in read) {
      judged.items.push(rejected(at + n, read.faults))
    } else {
      judged.samples.push(read)
      judged.indexes.push(at + n)
    }
  }
}

function receiptOf ({ samples, indexes, items }: Judged, { duplicates, refused }: { duplicates: number[], refused: number[] }, maxSeries: number): SamplesReceipt {
  const tooMany = { path: '/labels', message: `would begin a new series, and there are MAX_SERIES (${maxSeries}) already: send fewer different labels, or raise it` }
  const all = [
    ...items,
    ...refused.map((at) => rejected(indexes[at] ?? at, [tooMany])),
    ...duplicates.map((at): ReceiptItem => ({ index: indexes[at] ?? at, status: 'duplicate' }))
  ].sort((a, b) => a.index - b.index)
  const counts = {
    accepted: samples.length - refused.length - duplicates.length,
    duplicates: duplicates.length,
    rejected: items.length + refused.length
  }
  if (counts.accepted + counts.duplicates === 0 && all.length > 0) throw refuseAll(all)
  return { ...counts, items: all }
}

function rejected (index: number, faults: Fault[]): ReceiptItem {
  return { index, status: 'rejected', error: faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; '), errors: faults }
}

function refuseAll (items: readonly ReceiptItem[]): AppError {
  const faults = items.flatMap(({ errors = [] }) => errors).slice(0, MOST_FAULTS_TOLD)
  return new AppError('invalid', `no sample was accepted: ${items[0]?.error ?? ''}`, { faults })
}

function refuse (code: 'invalid' | 'too_large', message: string): AppError {
  return new AppError(code, message, { faults: [{ path: '', message }] })
}
