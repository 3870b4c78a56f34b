import { INPUT } from '../../schemas/pipeline.ts'
import { placesOf, rangeOf, type Batch } from './batch.ts'
import { ownText } from './error-log.ts'
import type { GraphNode } from './graph.ts'
import { isRouting } from './processor.ts'

export type StepStatus = 'start' | 'emit' | 'match' | 'drop' | 'route' | 'error'

/** What one processor did with a line. */
export interface TraceStep {
  processor: string
  status: StepStatus
  /** s since the epoch. */
  timestamp: number
  duration_us: number
  before?: string
  after?: string
  /** Of a router, where the line went. */
  branch?: string
  reason?: string
}

/** The way of one line through the whole graph. */
export interface Trace {
  line_id: string
  line_number: number
  original_content: string
  path: TraceStep[]
}

/** What a processor did with a batch, kept until the batch is through. */
export interface StepRecord {
  node: GraphNode
  input: Batch
  /** One for each branch. */
  outs: readonly Batch[]
  /** s since the epoch. */
  startedAt: number
  ms: number
  /** Why lines were dropped, and what was wrong with them. */
  dropped: Noted<string> | undefined
  failed: Noted<string> | undefined
  /** Ms of those whose time was taken. */
  timed: Noted<number> | undefined
}

/** What is known of some lines of an input, by their places, which rise. */
export interface Noted<T> {
  places: number[]
  values: T[]
}

export function note<T> (noted: Noted<T> = { places: [], values: [] }, place: number, value: T): Noted<T> {
  noted.places.push(place)
  noted.values.push(value)
  return noted
}

/** A batch that went through, and what became of it on the way. */
export interface BatchRecord {
  batch: Batch
  /** Number of its first line. */
  first: number
  steps: readonly StepRecord[]
}

export type TraceMode = 'off' | 'sampled' | 'all'

export interface TraceOptions {
  mode: TraceMode
  /** One of so many lines. */
  every?: number
  /** Of traces kept. */
  keep?: number
  /** Names the lines. */
  runId: string
}

const EVERY = 1_000
const KEPT = 1_000
/** Drops and errors that are traced besides, of each in a second. */
const EXTRA_PER_SECOND = 20
const LONGEST_TEXT = 2_000

/**
 * Keeps the newest traces, at the same cost however many are kept. Where every line is traced, what is kept are the newest batches with
 * what became of them, and a trace is put together when somebody asks.
 */
export class Traces {
  readonly mode: TraceMode
  readonly #every: number
  readonly #keep: number
  readonly #runId: string
  readonly #ring: Trace[] = []
  #added = 0
  readonly #batches: BatchRecord[] = []
  #batchLines = 0
  #second = 0
  #spent = { drop: 0, error: 0 }

  constructor ({ mode, every = EVERY, keep = KEPT, runId }: TraceOptions) {
    this.mode = mode
    this.#every = mode === 'all' ? 1 : every
    this.#keep = keep
    this.#runId = runId
  }

  /** Number of the next line, from this on, that is traced and timed in each processor; Infinity: of none. */
  dueFrom (number: number): number {
    return this.mode === 'off' ? Infinity : Math.ceil((number - 1) / this.#every) * this.#every + 1
  }

  add (record: BatchRecord): void {
    if (this.mode === 'all') return this.#addWhole(record)
    const { batch, first, steps } = record
    for (let number = this.dueFrom(first); number < first + batch.lines.length; number += this.#every) this.#addLine(record, number - first)
    for (const source of this.#extras(steps)) if (this.dueFrom(first + source) !== first + source) this.#addLine(record, source)
  }

  /** Newest first. */
  list (): Trace[] {
    if (this.mode === 'all') return this.#listWhole()
    const newest = this.#added % this.#keep
    return this.#added <= this.#keep ? this.#ring.toReversed() : [...this.#ring.slice(newest), ...this.#ring.slice(0, newest)].reverse()
  }

  #addLine (record: BatchRecord, source: number): void {
    this.#ring[this.#added++ % this.#keep] = this.#traceOf(record, source)
  }

  #addWhole (record: BatchRecord): void {
    this.#batches.push(record)
    this.#batchLines += record.batch.lines.length
    for (let [oldest] = this.#batches; oldest !== undefined && this.#batchLines - oldest.batch.lines.length >= this.#keep; [oldest] = this.#batches) {
      this.#batches.shift()
      this.#batchLines -= oldest.batch.lines.length
    }
  }

  #listWhole (): Trace[] {
    const traces: Trace[] = []
    for (const record of this.#batches.toReversed()) {
      for (let source = record.batch.lines.length - 1; source >= 0 && traces.length < this.#keep; source--) traces.push(this.#traceOf(record, source))
    }
    return traces
  }

  /** Puts together the way of the line at `source` of a batch, from what its processors did. */
  #traceOf ({ batch, first, steps }: BatchRecord, source: number): Trace {
    const copy = sharedCopies()
    const original = copy(batch.lines[source] ?? '')
    const number = first + source
    const path: TraceStep[] = [{ processor: INPUT, status: 'start', timestamp: steps[0]?.startedAt ?? 0, duration_us: 0, after: original }]
    for (const step of steps) stepsOf(step, source, { path, copy })
    return { line_id: `${this.#runId}-${number}`, line_number: number, original_content: original, path }
  }

  /** Lines that were dropped or were errors, as many of a second as may be traced besides the samples. */
  #extras (steps: readonly StepRecord[]): Set<number> {
    const sources = new Set<number>()
    for (const { input, dropped, failed, startedAt } of steps) {
      for (const place of failed?.places ?? []) {
        if (!this.#wantsExtra('error', startedAt)) break
        sources.add(input.from[place] ?? 0)
      }
      for (const place of dropped?.places ?? []) {
        if (!this.#wantsExtra('drop', startedAt)) break
        sources.add(input.from[place] ?? 0)
      }
    }
    return sources
  }

  #wantsExtra (kind: 'drop' | 'error', now: number): boolean {
    const second = Math.floor(now)
    if (second !== this.#second) {
      this.#second = second
      this.#spent = { drop: 0, error: 0 }
    }
    return this.#spent[kind]++ < EXTRA_PER_SECOND
  }
}

/** Copies texts, the same text that comes again only once: what one processor gives is what the next one gets. */
function sharedCopies (): (text: string) => string {
  let last = { text: '', copy: '' }
  return (text) => {
    if (text !== last.text) last = { text, copy: ownText(text, LONGEST_TEXT) }
    return last.copy
  }
}

interface Told {
  path: TraceStep[]
  copy: (text: string) => string
}

/** A line that was split before is met as its parts. */
function stepsOf (step: StepRecord, source: number, { path, copy }: Told): void {
  const [first, end] = placesOf(step.input, source)
  const outs = step.outs.map((out) => placesOf(out, source))
  for (let place = first; place < end; place++) path.push(stepOf(step, place, { at: place - first, of: end - first, outs, copy }))
}

function valueAt<T> (noted: Noted<T> | undefined, place: number): T | undefined {
  if (noted === undefined) return undefined
  const [at, end] = rangeOf(noted.places, place)
  return at < end ? noted.values[at] : undefined
}

/** µs of a line: its own where it was taken, else the mean of its batch. */
function durationOf ({ timed, ms, input }: StepRecord, place: number): number {
  return (valueAt(timed, place) ?? ms / Math.max(1, input.lines.length)) * 1000
}

function stepOf (step: StepRecord, place: number, { at, of, outs, copy }: { at: number, of: number, outs: ReadonlyArray<[number, number]>, copy: Told['copy'] }): TraceStep {
  const { node, input, startedAt, dropped, failed } = step
  const told = { processor: node.id, timestamp: startedAt, duration_us: durationOf(step, place), before: copy(input.lines[place] ?? '') }
  const fault = valueAt(failed, place)
  if (fault !== undefined) return { ...told, status: 'error', reason: fault }
  const reason = valueAt(dropped, place)
  if (reason !== undefined) return { ...told, status: 'drop', reason }
  if (isRouting(node.processor)) {
    const taken = node.processor.branches.filter((_, branch) => (outs[branch]?.[1] ?? 0) > (outs[branch]?.[0] ?? 0))
    return { ...told, status: 'route', branch: taken.join(', '), after: told.before }
  }
  const made = partsOf(step, outs[0] ?? [0, 0], at, of)
  const after = made === undefined ? undefined : copy(made)
  const status = node.processor.passes ?? 'emit'
  return after === undefined ? { ...told, status: 'emit', reason: 'held, to become part of a later line' } : { ...told, status, after }
}

/** The texts that a line became: all that are made of its source where it is the only part of it, else the one at its place. */
function partsOf ({ outs: [out] }: StepRecord, [first, end]: [number, number], at: number, of: number): string | undefined {
  const made = out?.lines.slice(first, end) ?? []
  const own = of === 1 ? made : made.slice(at, at + 1)
  return own.length === 0 ? undefined : own.length === 1 ? own[0] : own.join('\n')
}
