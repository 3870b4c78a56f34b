import { INPUT, OUTPUT } from '../../schemas/pipeline.ts'
import { EMPTY, mergeBatches, type Batch, type Fields } from './batch.ts'
import { Counters } from './counters.ts'
import { ErrorLog } from './error-log.ts'
import type { Edge, Graph } from './graph.ts'
import { DROP, HOLD, isRouting, type Cursor, type Extracted, type LineProcessor, type RoutingProcessor } from './processor.ts'
import { note, type StepRecord, type Traces } from './traces.ts'

/** A line that a processor could not take, as it came to it. */
export interface DeadLetter {
  lineNumber: number
  processor: string
  message: string
  line: string
}

export interface PipelineOptions {
  traces: Traces
  /** Told of each line that is an error. */
  onDeadLetter?: (letter: DeadLetter) => void
  /** Told of each line that is dropped. */
  onDrop?: (drop: Omit<DeadLetter, 'line'>) => void
  /** ms since the epoch. */
  now: () => number
}

export interface ProcessorStats {
  type: string
  lines_in: number
  lines_out: number
  dropped: number
  errors: number
  /** Lines that a line became beyond the first. */
  added: number
  /** Lines that became part of another. */
  joined: number
  /** Lines kept, to become part of another. */
  held: number
  processing_time_ms: number
  /** µs of one line. */
  time_us: { p50: number | null, p95: number | null, p99: number | null }
  details: Record<string, number>
}

/** Lines that went from one processor to another; `input` and `output` are the ends of the pipeline. */
export interface EdgeStats {
  from: string
  to: string
  lines: number
}

interface Work {
  batch: Batch
  /** Number of the first line. */
  first: number
  isLast: boolean
}

/** Places of lines, for batches that nothing was taken from: shared by all. */
let identity = Uint32Array.from({ length: 4_096 }, (_, at) => at)

/**
 * Runs lines through a graph in batches, and counts exactly: for every processor in + added = out + dropped + errors + joined + held. A
 * line that a processor throws at is an error of that processor alone.
 */
export class Pipeline {
  readonly #graph: Graph
  readonly #options: PipelineOptions
  readonly #counters: readonly Counters[]
  readonly errors = new ErrorLog()
  /** ms of all batches, measured from the first processor to the last. */
  totalMs = 0

  constructor (graph: Graph, options: PipelineOptions) {
    this.#graph = graph
    this.#options = options
    this.#counters = graph.nodes.map(() => new Counters())
  }

  get traces (): Traces {
    return this.#options.traces
  }

  /** Runs lines, the first of which has the number `first`. Gives what goes out, in the order of the lines that it was made of. */
  run (lines: readonly string[], first: number, fields?: ReadonlyArray<Fields | undefined>): Batch {
    return this.#runBatch({ batch: { lines, from: places(lines.length), fields }, first, isLast: false })
  }

  /** Gives out what processors hold back, at the end of the input. */
  end (number: number): Batch {
    return this.#runBatch({ batch: EMPTY, first: number, isLast: true })
  }

  stats (): Record<string, ProcessorStats> {
    return Object.fromEntries(this.#graph.nodes.map(({ id, type, processor }, at) => {
      const counted = this.#counters[at] ?? new Counters()
      const time = { p50: counted.percentile(0.5), p95: counted.percentile(0.95), p99: counted.percentile(0.99) }
      return [id, {
        type,
        lines_in: counted.in,
        lines_out: counted.out,
        dropped: counted.dropped,
        errors: counted.errors,
        added: counted.added,
        joined: counted.joined,
        held: isRouting(processor) ? 0 : processor.held?.() ?? 0,
        processing_time_ms: counted.ms,
        time_us: time,
        details: processor.details?.() ?? {}
      }]
    }))
  }

  /** How much went which way; `linesIn` came in. */
  edges (linesIn: number): EdgeStats[] {
    const { nodes, outputs } = this.#graph
    const edge = ({ node: at, branch }: Edge, to: string): EdgeStats => {
      const node = nodes[at]
      if (node === undefined) return { from: INPUT, to, lines: linesIn }
      if (!isRouting(node.processor)) return { from: node.id, to, lines: this.#counters[at]?.out ?? 0 }
      const name = node.processor.branches[branch] ?? ''
      return { from: node.id, to, lines: node.processor.details?.()[name] ?? 0 }
    }
    return [...nodes.flatMap(({ id, inputs }) => inputs.map((input) => edge(input, id))), ...outputs.map((output) => edge(output, OUTPUT))]
  }

  /** Numbers taken out of lines since the last call. */
  takeExtracted (): Extracted[] {
    return this.#graph.nodes.flatMap(({ processor }) => isRouting(processor) ? [] : processor.takeExtracted?.() ?? [])
  }

  /** What processors remember and what was counted, as JSON, so that another pipeline of the same graph can go on. */
  state (): unknown {
    return this.#graph.nodes.map(({ id, type, processor }, at) => ({ id, type, counters: this.#counters[at]?.state(), memory: processor.state?.() }))
  }

  /** Goes on with what another pipeline remembered and counted; a processor takes what one of its id and type had. */
  restore (state: unknown): void {
    const memories = (Array.isArray(state) ? state : []).map(parseMemory)
    for (const [at, { id, type, processor }] of this.#graph.nodes.entries()) {
      const known = memories.find((memory) => memory.id === id && memory.type === type)
      if (known === undefined) continue
      this.#counters[at]?.restore(known.counters)
      if (known.memory !== undefined) processor.restore?.(known.memory)
    }
  }

  #runBatch (work: Work): Batch {
    const { nodes, outputs } = this.#graph
    const isTraced = this.traces.mode !== 'off' && !work.isLast
    const outs: Array<readonly Batch[]> = []
    const records: StepRecord[] = []
    const startedAt = performance.now()
    let stamp = startedAt
    for (const [at, node] of nodes.entries()) {
      const input = gathered(node.inputs, outs, work.batch)
      if (input.lines.length === 0 && !work.isLast) {
        outs.push([])
        continue
      }
      const record: StepRecord = { node, input, outs: [], startedAt: (performance.timeOrigin + stamp) / 1000, ms: 0, dropped: undefined, failed: undefined, timed: undefined }
      record.outs = this.#step(at, record, work)
      outs.push(record.outs)
      const now = performance.now()
      record.ms = now - stamp
      this.#counters[at]?.took(record.ms, input.lines.length)
      stamp = now
      if (isTraced) records.push(record)
    }
    const out = gathered(outputs, outs, work.batch)
    this.totalMs += performance.now() - startedAt
    if (isTraced) this.traces.add({ batch: work.batch, first: work.first, steps: records })
    return out
  }

  #step (at: number, record: StepRecord, work: Work): readonly Batch[] {
    const { processor } = record.node
    const counters = this.#counters[at] ?? new Counters()
    counters.in += record.input.lines.length
    const outs = isRouting(processor) ? this.#route(processor, record, work, counters) : [this.#pass(processor, record, work, counters)]
    counters.dropped += record.dropped?.places.length ?? 0
    counters.errors += record.failed?.places.length ?? 0
    this.#tellDrops(record, work.first)
    return outs
  }

  #tellDrops ({ node, input, dropped }: StepRecord, first: number): void {
    const { onDrop } = this.#options
    if (onDrop === undefined || dropped === undefined) return
    for (const [at, place] of dropped.places.entries()) onDrop({ lineNumber: first + (input.from[place] ?? 0), processor: node.id, message: dropped.values[at] ?? '' })
  }

  #pass (processor: LineProcessor, record: StepRecord, work: Work, counters: Counters): Batch {
    const { input } = record
    const heldBefore = processor.held?.() ?? 0
    const { lines, from, fields } = input
    const { first } = work
    const out = new BatchBuilder(input)
    const cursor: Cursor = { number: 0, now: this.#options.now(), fields: undefined, reason: undefined }
    let due = 0
    for (let place = 0; place < lines.length; place++) {
      const line = lines[place] ?? ''
      const number = first + (from[place] ?? 0)
      cursor.number = number
      cursor.fields = fields === undefined ? undefined : fields[place]
      if (number > due) due = this.traces.dueFrom(number)
      const startedAt = number === due ? performance.now() : 0
      try {
        const outcome = processor.process(line, cursor)
        if (typeof outcome === 'string') out.add(outcome, place, cursor.fields)
        else if (outcome === DROP) record.dropped = note(record.dropped, place, cursor.reason ?? 'dropped')
        else if (outcome !== HOLD) out.addAll(outcome, place, cursor.fields)
      } catch (error) {
        this.#fail(record, place, { number, error, processor: record.node.id, line })
      }
      if (number === due) record.timed = note(record.timed, place, performance.now() - startedAt)
    }
    const last = work.isLast ? processor.flush?.(cursor) : undefined
    if (last !== undefined) out.add(last, input.lines.length - 1, cursor.fields)
    const made = out.build()
    counters.out += made.lines.length
    const added = out.added
    counters.added += added
    const held = processor.held?.() ?? 0
    counters.joined += heldBefore + input.lines.length + added - made.lines.length - (record.dropped?.places.length ?? 0) - (record.failed?.places.length ?? 0) - held
    return made
  }

  #route (processor: RoutingProcessor, record: StepRecord, work: Work, counters: Counters): readonly Batch[] {
    const { input } = record
    const outs = processor.branches.map(() => new BatchBuilder(input))
    const cursor: Cursor = { number: 0, now: this.#options.now(), fields: undefined, reason: undefined }
    let due = 0
    for (let place = 0; place < input.lines.length; place++) {
      const line = input.lines[place] ?? ''
      const number = work.first + (input.from[place] ?? 0)
      cursor.number = number
      cursor.fields = input.fields?.[place]
      if (number > due) due = this.traces.dueFrom(number)
      const startedAt = number === due ? performance.now() : 0
      try {
        const taken = processor.route(line, cursor)
        if (taken === 0) record.dropped = note(record.dropped, place, cursor.reason ?? 'dropped')
        let count = 0
        for (let branch = 0; branch < outs.length; branch++) {
          if ((taken >>> branch & 1) === 0) continue
          outs[branch]?.add(line, place, cursor.fields)
          count++
        }
        counters.out += count
        if (count > 1) counters.added += count - 1
      } catch (error) {
        this.#fail(record, place, { number, error, processor: record.node.id, line })
      }
      if (number === due) record.timed = note(record.timed, place, performance.now() - startedAt)
    }
    return outs.map((out) => out.build())
  }

  #fail (record: StepRecord, place: number, { number, error, processor, line }: { number: number, error: unknown, processor: string, line: string }): void {
    const message = error instanceof Error ? error.message : String(error)
    record.failed = note(record.failed, place, message)
    this.errors.add({ processor, message, lineNumber: number, line, time: this.#options.now() })
    this.#options.onDeadLetter?.({ lineNumber: number, processor, message, line })
  }
}

/** Collects what a processor gives out. While every line gives one, the places of the input serve for the output too. */
class BatchBuilder {
  readonly #input: Batch
  readonly #lines: string[]
  #count = 0
  #from: number[] | undefined
  #fields: Array<Fields | undefined> | undefined
  /** Lines beyond the first of each. */
  added = 0

  constructor (input: Batch) {
    this.#input = input
    this.#lines = new Array<string>(input.lines.length)
  }

  add (line: string, place: number, fields: Fields | undefined): void {
    const at = this.#count++
    this.#lines[at] = line
    if (this.#from === undefined && at !== place) this.#from = this.#sourcesTo(at)
    if (this.#from !== undefined) this.#from[at] = this.#input.from[place] ?? 0
    if (fields !== undefined && this.#fields === undefined) this.#fields = new Array<undefined>(at).fill(undefined)
    if (this.#fields !== undefined) this.#fields[at] = fields
  }

  addAll (lines: readonly string[], place: number, fields: Fields | undefined): void {
    for (const line of lines) this.add(line, place, fields)
    this.added += Math.max(0, lines.length - 1)
  }

  build (): Batch {
    const lines = this.#lines
    lines.length = this.#count
    return { lines, from: this.#from ?? (this.#count === this.#input.from.length ? this.#input.from : this.#sourcesTo(this.#count)), fields: this.#fields }
  }

  #sourcesTo (end: number): number[] {
    const from = new Array<number>(end)
    for (let at = 0; at < end; at++) from[at] = this.#input.from[at] ?? 0
    return from
  }
}

function gathered (edges: readonly Edge[], outs: ReadonlyArray<readonly Batch[]>, source: Batch): Batch {
  const [only] = edges
  if (only === undefined) return EMPTY
  if (edges.length === 1) return only.node < 0 ? source : outs[only.node]?.[only.branch] ?? EMPTY
  return mergeBatches(edges.map(({ node, branch }) => node < 0 ? source : outs[node]?.[branch] ?? EMPTY))
}

function places (length: number): Uint32Array {
  if (length > identity.length) identity = Uint32Array.from({ length: length * 2 }, (_, at) => at)
  return identity.subarray(0, length)
}

function parseMemory (entry: unknown): { id?: unknown, type?: unknown, counters?: unknown, memory?: unknown } {
  return Object(entry)
}
