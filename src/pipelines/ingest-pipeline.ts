import type { NewEvent } from '../../schemas/event.ts'
import type { Clock } from '../core/clock.ts'
import type { Slice } from '../ingest/slices.ts'
import type { Judged } from '../ingest/normalise.ts'
import type { Fields } from '../pipeline/batch.ts'
import type { Graph } from '../pipeline/graph.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { Extracted } from '../pipeline/processor.ts'
import { Meter } from '../pipeline/run/meter.ts'
import type { RunDetails, RunLook } from '../pipeline/run/job.ts'
import { Traces } from '../pipeline/traces.ts'
import { changedEvent, seenEvent, type SeenEvent } from './event-fields.ts'

/** Name of the run that never ends. */
export const INGEST_RUN = 'ingest'

/** An event that a pipeline keeps from being stored; `index` is its place in the body. */
export interface DroppedEvent {
  index: number
  reason: string
}

export interface Piped {
  slice: Slice
  dropped: readonly DroppedEvent[]
}

const NOTHING: Graph = { nodes: [], outputs: [] }

/** Runs what comes in through the pipelines that are set, between decoding and storing. Without one, events go by untouched. */
export class IngestPipeline {
  readonly #clock: Clock
  readonly #meter = new Meter({ files: ['events sent to this service'], output: 'the store', runId: INGEST_RUN, trace: 'sampled', notes: [] })
  readonly #listeners: Array<(extracted: Extracted[]) => void> = []
  /** By the number of the line: why it was dropped, or what was wrong with it. Emptied for each slice. */
  readonly #dropped = new Map<number, string>()
  readonly #failed = new Map<number, string>()
  #pipeline: Pipeline
  #isEmpty = true

  constructor (clock: Clock) {
    this.#clock = clock
    this.#pipeline = this.#make(NOTHING)
  }

  /** Puts a graph in force with the next slice; processors that were there before go on counting. Undefined: nothing runs. */
  use (graph: Graph = NOTHING): void {
    const next = this.#make(graph)
    next.restore(this.#pipeline.state())
    this.#pipeline = next
    this.#isEmpty = graph.nodes.length === 0
  }

  /** Has `listener` called with the numbers that processors took out. Must not throw. */
  onExtracted (listener: (extracted: Extracted[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Runs the events of a slice. What a processor throws at is refused, as what cannot be read is; what it drops is told. */
  apply (slice: Slice): Piped {
    const first = this.#meter.linesIn + 1
    this.#meter.took(slice.events.length)
    if (this.#isEmpty || slice.events.length === 0) {
      this.#meter.gave(slice.events.length)
      return { slice, dropped: [] }
    }
    this.#dropped.clear()
    this.#failed.clear()
    const seen = slice.events.map(seenEvent)
    const out = this.#pipeline.run(slice.events.map(({ message }) => message), first, seen.map(({ fields }) => fields))
    const piped: Slice = { ...slice, events: [], indexes: [], rejected: [...slice.rejected] }
    const made = new Uint32Array(slice.events.length)
    for (const [at, message] of out.lines.entries()) {
      const source = out.from[at] ?? 0
      const piece = (made[source] ?? 0) + 1
      made[source] = piece
      this.#add(piped, slice, { source, message, piece, fields: out.fields?.[at], seen: seen[source] })
    }
    this.#meter.gave(piped.events.length)
    const dropped = this.#missing(piped, slice, made, first)
    this.#tellExtracted()
    return { slice: piped, dropped }
  }

  look (): RunLook {
    return this.#meter.look({ pipeline: this.#pipeline, readerErrors: 0, writtenBytes: 0 })
  }

  details (): RunDetails {
    return { traces: this.#pipeline.traces.list(), errors: this.#pipeline.errors.list() }
  }

  #make (graph: Graph): Pipeline {
    return new Pipeline(graph, {
      traces: new Traces({ mode: 'sampled', runId: INGEST_RUN }),
      now: () => this.#clock.now(),
      onDrop: ({ lineNumber, processor, message }) => { this.#dropped.set(lineNumber, `${processor} ${message}`) },
      onDeadLetter: ({ lineNumber, processor, message }) => { this.#failed.set(lineNumber, `${processor}: ${message}`) }
    })
  }

  #add (piped: Slice, slice: Slice, { source, message, piece, fields, seen }: { source: number, message: string, piece: number, fields: Fields | undefined, seen: SeenEvent | undefined }): void {
    const event = slice.events[source]
    const index = slice.indexes[source] ?? 0
    if (event === undefined || seen === undefined) return
    const made = message === event.message && fields === seen.fields ? event : changedEvent(event, seen, message, fields ?? {})
    if ('fault' in made) piped.rejected.push(rejection(index, made.fault, event))
    else {
      piped.events.push(piece === 1 ? made : pieceOf(made, piece))
      piped.indexes.push(index)
    }
  }

  /** Events of which nothing came out: dropped, or refused for what a processor threw. */
  #missing (piped: Slice, slice: Slice, made: Uint32Array, first: number): DroppedEvent[] {
    return slice.events.flatMap((event, source) => {
      if (made[source] !== 0) return []
      const index = slice.indexes[source] ?? 0
      const fault = this.#failed.get(first + source)
      if (fault === undefined) return [{ index, reason: this.#dropped.get(first + source) ?? 'dropped' }]
      piped.rejected.push(rejection(index, fault, event))
      return []
    })
  }

  #tellExtracted (): void {
    const extracted = this.#pipeline.takeExtracted()
    if (extracted.length > 0) for (const listener of this.#listeners) listener(extracted)
  }
}

function rejection (index: number, message: string, event: NewEvent): Slice['rejected'][number] {
  return { index, faults: [{ path: `/${index}`, message: `pipeline: ${message}` }], original: JSON.stringify({ ...seenEvent(event).fields, message: event.message, time: event.time }) }
}

/** Pieces of one event have ids of their own, so that sending it again finds each. */
function pieceOf (event: Judged, piece: number): Judged {
  return { ...event, clientId: event.clientId === null ? null : `${event.clientId}#${piece}`, idHint: null }
}
