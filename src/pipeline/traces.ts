import { INPUT } from '../../schemas/pipeline.ts'
import { placesOf, type Batch } from './batch.ts'
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
  /** By the place of the line in the input: why it was dropped or what was wrong with it. */
  dropped: Map<number, string> | undefined
  failed: Map<number, string> | undefined
  /** Places whose time was taken, rising, and the ms of each. */
  timed: { places: number[], ms: number[] } | undefined
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
  /** Of one of so many lines the time in each processor is taken; Infinity: of none. */
  readonly every: number
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
    this.every = mode === 'off' ? Infinity : mode === 'all' ? 1 : every
    this.#keep = keep
    this.#runId = runId
  }

  add (record: BatchRecord): void {
    if (this.mode === 'all') return this.#addWhole(record)
    const { batch, first, steps } = record
    const { every } = this
    for (let number = Math.ceil((first - 1) / every) * every + 1; number < first + batch.lines.length; number += every) this.#addLine(record, number - first)
    for (const source of this.#extras(steps)) if ((first + source - 1) % every !== 0) this.#addLine(record, source)
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
    const original = ownText(batch.lines[source] ?? '', LONGEST_TEXT)
    const number = first + source
    const path: TraceStep[] = [{ processor: INPUT, status: 'start', timestamp: steps[0]?.startedAt ?? 0, duration_us: 0, after: original }]
    for (const step of steps) stepsOf(step, source, path)
    return { line_id: `${this.#runId}-${number}`, line_number: number, original_content: original, path }
  }

  /** Lines that were dropped or were errors, as many of a second as may be traced besides the samples. */
  #extras (steps: readonly StepRecord[]): Set<number> {
    const sources = new Set<number>()
    for (const { input, dropped, failed, startedAt } of steps) {
      for (const place of failed?.keys() ?? []) {
        if (!this.#wantsExtra('error', startedAt)) break
        sources.add(input.from[place] ?? 0)
      }
      for (const place of dropped?.keys() ?? []) {
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

/** A line that was split before is met as its parts. */
function stepsOf (step: StepRecord, source: number, path: TraceStep[]): void {
  const [first, end] = placesOf(step.input, source)
  const outs = step.outs.map((out) => placesOf(out, source))
  for (let place = first; place < end; place++) path.push(stepOf(step, place, { at: place - first, of: end - first, outs }))
}

/** µs of a line: its own where it was taken, else the mean of its batch. */
function durationOf ({ timed, ms, input }: StepRecord, place: number): number {
  const at = timed?.places.indexOf(place) ?? -1
  const own = at === -1 ? undefined : timed?.ms[at]
  return (own ?? ms / Math.max(1, input.lines.length)) * 1000
}

function stepOf (step: StepRecord, place: number, { at, of, outs }: { at: number, of: number, outs: ReadonlyArray<[number, number]> }): TraceStep {
  const { node, input, startedAt, dropped, failed } = step
  const told = { processor: node.id, timestamp: startedAt, duration_us: durationOf(step, place), before: ownText(input.lines[place] ?? '', LONGEST_TEXT) }
  const fault = failed?.get(place)
  if (fault !== undefined) return { ...told, status: 'error', reason: fault }
  const reason = dropped?.get(place)
  if (reason !== undefined) return { ...told, status: 'drop', reason }
  if (isRouting(node.processor)) {
    const taken = node.processor.branches.filter((_, branch) => (outs[branch]?.[1] ?? 0) > (outs[branch]?.[0] ?? 0))
    return { ...told, status: 'route', branch: taken.join(', '), after: told.before }
  }
  const made = partsOf(step, outs[0] ?? [0, 0], at, of)
  const after = made === undefined ? undefined : ownText(made, LONGEST_TEXT)
  const status = node.processor.passes ?? 'emit'
  return after === undefined ? { ...told, status: 'emit', reason: 'held, to become part of a later line' } : { ...told, status, after }
}

/** The texts that a line became: all that are made of its source where it is the only part of it, else the one at its place. */
function partsOf ({ outs: [out] }: StepRecord, [first, end]: [number, number], at: number, of: number): string | undefined {
  const made = out?.lines.slice(first, end) ?? []
  const own = of === 1 ? made : made.slice(at, at + 1)
  return own.length === 0 ? undefined : own.length === 1 ? own[0] : own.join('\n')
}
