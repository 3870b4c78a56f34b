import { createHash } from 'node:crypto'
import type { Event, Level, NewEvent } from '../../schemas/event.ts'
import type { Appended, Receipt, Submission } from '../../schemas/submission.ts'
import type { TokenRules } from '../../schemas/token.ts'
import type { Clock } from '../core/clock.ts'
import { severityOfLevel } from '../detect/severity.ts'
import { AppError, type Fault } from '../core/errors.ts'
import type { Ticket } from '../ingest/admission.ts'
import { decodeBody, type Decoded } from '../ingest/decode.ts'
import { decompress } from '../ingest/decompress.ts'
import { readEnvelope, unsupported, type Envelope, type RawEnvelope } from '../ingest/envelope.ts'
import { readForm } from '../ingest/form.ts'
import type { BodyFormat } from '../ingest/format.ts'
import type { NormaliseContext, Stamp } from '../ingest/draft.ts'
import { normaliseEvent, type Judged } from '../ingest/normalise.ts'
import { emptySlice, sliceOf, type Slice } from '../ingest/slices.ts'
import type { IngestMeter } from './ingest-meter.ts'
import type { DroppedEvent, IngestPipeline } from '../pipelines/ingest-pipeline.ts'
import { conflictMessage } from '../core/receipt-items.ts'
import { withoutName } from '../store/hot/events/kept-id.ts'
import type { Store } from '../store/store.ts'
import { dryRun, identified, ReceiptTally, untouched, withNotes } from './receipt-tally.ts'
import type { CooperativeScheduler } from '../core/cooperative-scheduler.ts'
import { wireEvent, type IdentifiedEvent } from './wire-event.ts'

/** A request to take events in, its body still as it came. */
export interface Delivery {
  tokenId: string
  /** What the sender's token says of every event. */
  rules?: TokenRules
  body: Buffer
  envelope: RawEnvelope
}

export type Taken = { kind: 'event', event: Event } | { kind: 'receipt', receipt: Receipt }

export interface IntakeParts {
  store: Pick<Store, 'append' | 'read'>
  clock: Clock
  scheduler: CooperativeScheduler
  pipeline: Pick<IngestPipeline, 'apply'>
  limits: { maxBodyBytes: number, maxBatch: number }
  meter: Pick<IngestMeter, 'count' | 'noted' | 'worked'>
}

/** Told of what was stored, and whether it is imported: it happened before. */
export type StoredListener = (events: readonly IdentifiedEvent[], told: { isImport: boolean }) => void

interface Options extends Envelope {
  tokenId: string
  rules: TokenRules
  bodyHash: string | undefined
  isPiped: boolean
}

const SLICES_AHEAD = 4
const FIRST_PART = 0
const MOST_FAULTS_TOLD = 100

/** Takes bodies in: decodes, judges, stores and answers, slice by slice, so that a large one lets others run in between. */
export class Intake {
  readonly #parts: IntakeParts
  readonly #listeners: StoredListener[] = []

  constructor (parts: IntakeParts) {
    this.#parts = parts
  }

  /** Has `listener` called after each commit. Must not throw. */
  onStored (listener: StoredListener): void {
    this.#listeners.push(listener)
  }

  /** Throws AppError: `invalid` for a bad body, `too_large`, `mismatch` for a key used before, `overloaded`, `no_space`. */
  async take (delivery: Delivery, ticket: Ticket): Promise<Taken> {
    const taken = await this.#metered(delivery.envelope, () => this.#take(delivery, ticket))
    return taken.kind === 'receipt' && allRefused(taken.receipt) ? refuseAll(taken.receipt) : taken
  }

  /** Takes one event, as JSON or as the form that Python's HTTPHandler sends. Throws as `take`. */
  async takeLog (delivery: Delivery, ticket: Ticket): Promise<Taken> {
    return this.#metered(delivery.envelope, () => this.#takeLog(delivery, ticket))
  }

  /** Takes one event that was decoded already; one that is not `isPiped` meets no pipeline. Throws as `take`, and `invalid` for one that a pipeline drops. */
  async takeDecoded (input: unknown, { tokenId, rules = {}, isPiped = true }: Pick<Delivery, 'tokenId' | 'rules'> & { isPiped?: boolean }, ticket: Ticket): Promise<Event> {
    const taken = await this.#metered({}, () => this.#takeInput(input, {
      tokenId, rules, format: 'json', encoding: undefined, key: undefined, bodyHash: undefined, stamp: {}, isDry: false, isImport: false, listsAll: true, isPiped
    }, ticket))
    if (taken.kind === 'event') return taken.event
    throw new AppError('invalid', `a pipeline drops it: ${taken.receipt.items[0]?.error ?? ''}`)
  }

  /** Counts what is refused as a whole for what it says. For what else it is refused, that is counted where it is answered. */
  async #metered<T> ({ dry }: Pick<RawEnvelope, 'dry'>, take: () => Promise<T>): Promise<T> {
    try {
      return await take()
    } catch (error) {
      const isInvalid = error instanceof AppError && error.code === 'invalid'
      if (isInvalid && dry !== '1') this.#parts.meter.count({ stored: [], duplicates: 0, rejected: 1 })
      throw error
    }
  }

  async #take ({ tokenId, rules = {}, body: sent, envelope: raw }: Delivery, ticket: Ticket): Promise<Taken> {
    const envelope = readEnvelope(raw)
    if (envelope.format === 'form') throw unsupported(raw.contentType)
    const { decoded, options } = await this.#decode({ sent, tokenId, rules, format: envelope.format, envelope, ticket })
    if (decoded.kind === 'many') return { kind: 'receipt', receipt: await this.#takeMany(decoded.slices, options, ticket) }
    return this.#takeOne(accepted(decoded.result), options, ticket)
  }

  async #takeLog (delivery: Delivery, ticket: Ticket): Promise<Taken> {
    const { tokenId, rules = {} } = delivery
    const envelope = readEnvelope(delivery.envelope)
    if (envelope.format === 'form') {
      const body = await this.#open(delivery.body, envelope, ticket)
      const bodyHash = envelope.key === undefined ? undefined : hashBody(body, envelope)
      return this.#takeInput(readForm(body), { ...envelope, tokenId, rules, bodyHash, isPiped: true }, ticket)
    }
    if (envelope.format !== 'json') throw unsupported(delivery.envelope.contentType)
    const { decoded, options } = await this.#decode({ sent: delivery.body, tokenId, rules, format: envelope.format, envelope, ticket })
    if (decoded.kind === 'one') return this.#takeOne(accepted(decoded.result), options, ticket)
    throw new AppError('invalid', '/log takes one event: send many to /events', { faults: [{ path: '', message: 'is not one event' }] })
  }

  #takeInput (input: unknown, options: Options, ticket: Ticket): Promise<Taken> {
    return this.#takeOne(accepted(normaliseEvent(input, this.#context(options))), options, ticket)
  }

  async #decode ({ sent, tokenId, rules, format, envelope, ticket }: DecodeRequest): Promise<{ decoded: Decoded, options: Options }> {
    const body = await this.#open(sent, envelope, ticket)
    const { maxBatch } = this.#parts.limits
    const decoded = await this.#turn(() => decodeBody({ body, format, context: this.#context({ stamp: envelope.stamp, rules }), maxBatch }))
    return { decoded, options: { ...envelope, tokenId, rules, isPiped: true, bodyHash: envelope.key === undefined ? undefined : hashBody(body, envelope) } }
  }

  async #open (sent: Buffer, { encoding }: Envelope, ticket: Ticket): Promise<Buffer> {
    const body = await decompress(sent, encoding, this.#parts.limits.maxBodyBytes)
    ticket.arrive(body.length)
    return body
  }

  async #takeOne (event: Judged, options: Options, ticket: Ticket): Promise<Taken> {
    const whole = sliceOf(event)
    const { slice, dropped } = options.isPiped ? this.#parts.pipeline.apply(whole) : { slice: whole, dropped: [] }
    const [refused] = slice.rejected
    if (refused !== undefined && slice.events.length === 0) throw new AppError('invalid', refused.faults.map(describeFault).join('; '), { faults: refused.faults })
    const [first] = slice.events
    if (first === undefined) return { kind: 'receipt', receipt: droppedReceipt(dropped, options) }
    if (options.isDry) return { kind: 'event', event: withNotes(wireEvent(dryRun(first, this.#parts.clock.now())), event) }
    ticket.begin(slice.events.length)
    this.#parts.meter.noted(slice.noted.parts)
    const appended = await this.#append(submission(slice, options, FIRST_PART))
    if (appended.conflicts.length > 0) throw conflict(event)
    const [id = 0] = appended.ids
    const [fresh] = appended.replayed === true ? [] : newOnes(slice.events, appended)
    const answer = fresh ?? await this.#parts.store.read('getRow', id) ?? identified(first, id, appended.leadMs)
    return { kind: 'event', event: withNotes(wireEvent(answer), event) }
  }

  async #takeMany (slices: Iterable<Slice>, options: Options, ticket: Ticket): Promise<Receipt> {
    const tally = new ReceiptTally(options, this.#parts.clock.now())
    const ahead: Array<Promise<void>> = []
    let held: Slice | undefined
    let part = 0
    try {
      for await (const slice of this.#inTurns(slices)) {
        if (held !== undefined) {
          ahead.push(handled(this.#takePart({ slice: held, part, tally, options, ticket })))
          // The first part tells whether the key was used for another body, before anything of this one is stored.
          const isUnsure = part++ === FIRST_PART && options.key !== undefined
          if (isUnsure || ahead.length >= SLICES_AHEAD) await ahead.shift()
        }
        const piped = this.#parts.pipeline.apply(slice)
        tally.drop(piped.dropped)
        held = tally.bounded(piped.slice)
        if (!options.isDry) this.#parts.meter.noted(slice.noted.parts)
      }
      await Promise.all(ahead)
    } finally {
      await Promise.allSettled(ahead)
    }
    // A key has to be kept even so; without one there is nothing to keep.
    if (held === undefined && options.key === undefined) return { receipt: null, ...tally.sum() }
    held ??= emptySlice()
    const receipt = await this.#takeLast({ slice: held, part, tally, options, ticket })
    if (!options.isDry) this.#parts.meter.count({ stored: [], duplicates: 0, rejected: tally.unkept })
    return receipt
  }

  async #takePart ({ slice, part, tally, options, ticket }: PartRequest): Promise<void> {
    if (options.isDry) return tally.add(slice, untouched(slice))
    await this.#count({ slice, part, ticket })
    const appended = await this.#append(submission(slice, options, part))
    ticket.finish(slice.events.length)
    tally.add(slice, appended)
  }

  /** Stores the last slice together with the receipt of all. */
  async #takeLast ({ slice, part, tally, options, ticket }: PartRequest): Promise<Receipt> {
    if (options.isDry) {
      tally.add(slice, untouched(slice))
      return { receipt: null, ...tally.sum() }
    }
    await this.#count({ slice, part, ticket })
    const { receipt } = await this.#append({ ...submission(slice, options, part), receipt: tally.soFar() })
    if (receipt === undefined) throw new AppError('mismatch', 'this Idempotency-Key was used for a single event: use a new key')
    return receipt
  }

  /** A body that was let in is never refused in its middle: further slices wait for room. */
  async #count ({ slice, part, ticket }: Pick<PartRequest, 'slice' | 'part' | 'ticket'>): Promise<void> {
    if (part === FIRST_PART) ticket.begin(slice.events.length)
    else await ticket.goOn(slice.events.length)
  }

  async #append (part: Submission): Promise<Appended> {
    const appended = await this.#parts.store.append(part)
    if (appended.replayed === true) return appended
    const stored = newOnes(part.events, appended)
    for (const listener of this.#listeners) listener(stored, { isImport: part.isImport === true })
    this.#parts.meter.count({ stored, duplicates: appended.duplicates.length, rejected: part.rejections.length + appended.conflicts.length })
    return appended
  }

  async * #inTurns (slices: Iterable<Slice>): AsyncGenerator<Slice> {
    const source = slices[Symbol.iterator]()
    for (let next = await this.#turn(() => source.next()); next.done !== true; next = await this.#turn(() => source.next())) {
      yield next.value
    }
  }

  #turn<T> (work: () => T): Promise<T> {
    return this.#parts.scheduler.run(() => {
      const startedAt = performance.now()
      try {
        return work()
      } finally {
        this.#parts.meter.worked((performance.now() - startedAt) / 1000)
      }
    })
  }

  #context ({ stamp, rules }: { stamp: Stamp, rules: TokenRules }): NormaliseContext {
    return { now: this.#parts.clock.now(), stamp, rules, severityOf: (level: Level) => severityOfLevel(level) }
  }
}

interface DecodeRequest {
  sent: Buffer
  tokenId: string
  rules: TokenRules
  format: BodyFormat
  envelope: Envelope
  ticket: Ticket
}

interface PartRequest {
  slice: Slice
  part: number
  tally: ReceiptTally
  options: Options
  ticket: Ticket
}

/** Marks a promise as awaited later: until then a rejection is nobody's yet, and would end the process. */
function handled (promise: Promise<void>): Promise<void> {
  promise.catch(() => {})
  return promise
}

function submission ({ events, indexes, rejected: rejections }: Slice, { tokenId, key, bodyHash, isImport }: Options, part: number): Submission {
  const plain: Submission = { tokenId, events, indexes, rejections, isImport }
  return key === undefined || bodyHash === undefined ? plain : { ...plain, key: { tokenId, key, part, bodyHash } }
}

function accepted (result: Judged | { faults: Fault[] }): Judged {
  if (!('faults' in result)) return result
  throw new AppError('invalid', result.faults.map(describeFault).join('; '), { faults: result.faults })
}

function describeFault ({ path, message }: Fault): string {
  return path === '' ? message : `${path}: ${message}`
}

/** The answer to one event that a pipeline kept from being stored. */
function droppedReceipt (dropped: readonly DroppedEvent[], { listsAll }: Pick<Options, 'listsAll'>): Receipt {
  const items = dropped.map(({ index, reason }) => ({ index, status: 'dropped' as const, error: reason }))
  return { receipt: null, accepted: 0, duplicates: 0, rejected: 0, dropped: dropped.length, items: listsAll ? items : [] }
}

function allRefused ({ accepted, duplicates, rejected }: Receipt): boolean {
  return accepted + duplicates === 0 && rejected > 0
}

function refuseAll ({ receipt, items }: Receipt): never {
  const faults = items.flatMap(({ errors = [] }) => errors).slice(0, MOST_FAULTS_TOLD)
  if (items.length > 0 && items.every(({ status }) => status === 'conflict')) throw new AppError('conflict', faults[0]?.message ?? '', { faults })
  const where = receipt === null ? '' : `; receipt ${receipt} and GET /rejected keep them`
  throw new AppError('invalid', `none of the events was accepted, first ${faults.slice(0, 1).map(describeFault).join()}${where}`, { faults })
}

/** What was stored for the first time, as it was stored. */
function newOnes (events: readonly NewEvent[], { ids, duplicates, conflicts, renamed, leadMs }: Appended): IdentifiedEvent[] {
  const known = new Set([...duplicates, ...conflicts])
  const nameless = new Set(renamed)
  return events.flatMap((event, at) => known.has(at) ? [] : [identified(nameless.has(at) ? withoutName(event) : event, ids[at] ?? 0, leadMs)])
}

function conflict ({ clientId }: NewEvent): AppError {
  const message = conflictMessage(clientId)
  return new AppError('conflict', message, { faults: [{ path: '/event_id', message }] })
}

function hashBody (body: Buffer, { format, stamp }: Envelope): string {
  return createHash('sha256').update(`${format} ${JSON.stringify(stamp)} `).update(body).digest('hex')
}
