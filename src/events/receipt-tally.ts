import type { Event, EventFields } from '../../schemas/event.ts'
import type { Appended, Receipt, ReceiptNote, ReceiptSoFar } from '../../schemas/submission.ts'
import type { Envelope } from '../ingest/envelope.ts'
import type { Judged } from '../ingest/normalise.ts'
import { MOST_NOTES_LISTED, type Slice } from '../ingest/slices.ts'
import type { DroppedEvent } from '../pipelines/ingest-pipeline.ts'
import { itemsOf, type Part } from '../core/receipt-items.ts'
import { idAt, receivedAt } from '../core/row-ids.ts'
import { wireEvent, type IdentifiedEvent } from './wire-event.ts'

const MOST_ITEMS_LISTED = 10_000
/** Of one body; the reject box holds no more in all. Further ones are counted and told, not kept. */
const MOST_REJECTIONS_KEPT = 10_000

/** Adds up what became of the parts of a body. */
export class ReceiptTally {
  readonly #all: boolean
  /** Set when the events are shown instead of stored. */
  readonly #shownAt: number | undefined
  #sum = { accepted: 0, duplicates: 0, rejected: 0 }
  #items: Receipt['items'] = []
  #noted = 0
  #notes: ReceiptNote[] = []
  #dropped = 0
  #kept = 0
  /** Refusals that are counted alone. */
  unkept = 0

  constructor ({ listsAll, isDry }: Pick<Envelope, 'listsAll' | 'isDry'>, now: number) {
    this.#all = listsAll
    this.#shownAt = listsAll && isDry ? now : undefined
  }

  /** Of more refusals than are kept, the rest is counted alone, and so it is of notes. */
  bounded (slice: Slice): Slice {
    this.#noted += slice.noted.events
    this.#notes = this.#notes.concat(slice.noted.listed.slice(0, MOST_NOTES_LISTED - this.#notes.length))
    const kept = slice.rejected.slice(0, MOST_REJECTIONS_KEPT - this.#kept)
    this.#kept += kept.length
    this.unkept += slice.rejected.length - kept.length
    this.#sum.rejected += slice.rejected.length - kept.length
    return { ...slice, rejected: kept }
  }

  /** Counts what a pipeline kept from being stored. */
  drop (dropped: readonly DroppedEvent[]): void {
    this.#dropped += dropped.length
    if (this.#all && this.#items.length < MOST_ITEMS_LISTED) this.#items.push(...dropped.map(({ index, reason }) => ({ index, status: 'dropped' as const, error: reason })))
  }

  add ({ events, indexes, rejected: rejections }: Slice, appended: Appended): void {
    const { ids, duplicates, conflicts } = appended
    this.#sum.accepted += ids.length - duplicates.length - conflicts.length
    this.#sum.duplicates += duplicates.length
    this.#sum.rejected += rejections.length + conflicts.length
    if (this.#items.length >= MOST_ITEMS_LISTED) return
    const clientId = (at: number): string | null => events[at]?.clientId ?? null
    this.#items.push(...itemsOf({ appended, clientId, indexes, rejections, all: this.#all, ...this.#shown(events) }))
  }

  #shown (events: readonly Judged[]): Pick<Part, 'eventOf'> {
    const now = this.#shownAt
    if (now === undefined) return {}
    return { eventOf: (at) => events[at] === undefined ? undefined : withNotes(wireEvent(dryRun(events[at], now)), events[at]) }
  }

  sum (): Omit<Receipt, 'receipt'> {
    return { ...this.#sum, items: this.#items.slice(0, MOST_ITEMS_LISTED), ...this.#told() }
  }

  soFar (): ReceiptSoFar {
    return { ...this.#sum, items: this.#items, notes: this.#told(), all: this.#all }
  }

  #told (): Pick<Receipt, 'noted' | 'notes' | 'dropped'> {
    return { ...(this.#dropped === 0 ? {} : { dropped: this.#dropped }), ...(this.#noted === 0 ? {} : { noted: this.#noted, notes: this.#notes }) }
  }
}

/** What becomes of a slice that is shown and not stored. */
export function untouched ({ events }: Slice): Appended {
  return { ids: events.map(() => 0), duplicates: [], conflicts: [], renamed: [] }
}

export function identified (event: EventFields, id: number, leadMs = 0): IdentifiedEvent {
  return { ...event, id, receivedAt: receivedAt(id, leadMs), patternId: null, anomaly: null }
}

/** Makes an event of what is shown and not stored. */
export function dryRun (event: EventFields, now: number): IdentifiedEvent {
  return identified(event, idAt(now, 0))
}

/** Tells who sent an event what of it was not understood. */
export function withNotes (answer: Event, { notes }: Judged): Event {
  return notes === undefined ? answer : { ...answer, notes: notes.map(({ path, message }) => ({ path, message })) }
}
