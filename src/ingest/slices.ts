import type { NewEvent } from '../../schemas/event.ts'
import type { Fault } from '../errors.ts'
import type { Rejection } from './normalise.ts'

const SLICE_ITEMS = 500

/** One item of a body that was refused. */
export interface RejectedItem {
  /** Place of the item in the input, from 0. */
  index: number
  /** Paths start with the index: `/3/message`. */
  faults: Fault[]
  /** The item as it was sent, cut to 16 KB. */
  original: string
}

/** At most 500 items of a body. `indexes[i]` is the place of `events[i]` in the input. */
export interface Slice {
  events: NewEvent[]
  indexes: number[]
  rejected: RejectedItem[]
}

/** One item as it was judged. `original` is asked for only when it was refused. */
export interface Verdict {
  index: number
  result: NewEvent | Rejection
  original: () => string
}

function reject (index: number, faults: Fault[], original: string): RejectedItem {
  return { index, original, faults: faults.map(({ path, message }) => ({ path: `/${index}${path}`, message })) }
}

function add (slice: Slice, { index, result, original }: Verdict): void {
  if ('faults' in result) {
    slice.rejected.push(reject(index, result.faults, original()))
  } else {
    slice.events.push(result)
    slice.indexes.push(index)
  }
}

function emptySlice (): Slice {
  return { events: [], indexes: [], rejected: [] }
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
