import type { NotedPart, ReceiptNote } from '../../schemas/submission.ts'
import type { Fault } from '../core/errors.ts'
import type { Note } from './draft.ts'
import type { Judged, Rejection } from './normalise.ts'

const SLICE_ITEMS = 500
/** Of one body: who sends a thousand events with the same odd level needs to see it once. */
export const MOST_NOTES_LISTED = 100

/** One item of a body that was refused. */
export interface RejectedItem {
  /** Place of the item in the input, from 0. */
  index: number
  /** Paths start with the index: `/3/message`. */
  faults: Fault[]
  /** The item as it was sent, cut to 16 KB. */
  original: string
}

/** What of the events of a slice was not understood. */
interface Noted {
  events: number
  parts: Record<NotedPart, number>
  /** Of the first notes. */
  listed: ReceiptNote[]
}

/** At most 500 items of a body. `indexes[i]` is the place of `events[i]` in the input. */
export interface Slice {
  events: Judged[]
  indexes: number[]
  rejected: RejectedItem[]
  noted: Noted
}

/** One item as it was judged. `original` is asked for only when it was refused. */
export interface Verdict {
  index: number
  result: Judged | Rejection
  original: () => string
}

function reject (index: number, faults: Fault[], original: string): RejectedItem {
  return { index, original, faults: faults.map(({ path, message }) => ({ path: `/${index}${path}`, message })) }
}

function addNotes (noted: Noted, index: number, notes: readonly Note[]): void {
  noted.events++
  for (const { part, path, message } of notes) {
    noted.parts[part]++
    if (noted.listed.length < MOST_NOTES_LISTED) noted.listed.push({ index, path, message })
  }
}

function add (slice: Slice, { index, result, original }: Verdict): void {
  if ('faults' in result) {
    slice.rejected.push(reject(index, result.faults, original()))
  } else {
    slice.events.push(result)
    slice.indexes.push(index)
    if (result.notes !== undefined) addNotes(slice.noted, index, result.notes)
  }
}

function nothingNoted (): Noted {
  return { events: 0, parts: { message: 0, time: 0, level: 0, name: 0 }, listed: [] }
}

export function emptySlice (): Slice {
  return { events: [], indexes: [], rejected: [], noted: nothingNoted() }
}

/** A slice of one event that was judged already. */
export function sliceOf (event: Judged): Slice {
  const slice = emptySlice()
  add(slice, { index: 0, result: event, original: () => '' })
  return slice
}

/** Cuts a run of verdicts into slices, each made when it is asked for, so that the caller may let others run in between. */
export function * sliceUp (verdicts: Iterable<Verdict>): Generator<Slice> {
  let slice = emptySlice()
  let items = 0
  for (const verdict of verdicts) {
    add(slice, verdict)
    if (++items < SLICE_ITEMS) continue
    yield slice
    slice = emptySlice()
    items = 0
  }
  if (items > 0) yield slice
}
