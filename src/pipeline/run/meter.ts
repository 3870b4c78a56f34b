import type { Pipeline } from '../pipeline.ts'
import type { InputProgress } from './input.ts'
import type { RunJob, RunLook, RunState, Throughput } from './job.ts'

/** Seconds of throughput that are kept. */
const MOST_SECONDS = 600
const RATE_SECONDS = 5

type MeteredJob = Pick<RunJob, 'files' | 'output' | 'runId' | 'trace' | 'notes'>

interface Looked {
  pipeline: Pipeline
  readerErrors: number
  writtenBytes: number
}

/** Counts what goes in and out of a run, second by second. */
export class Meter {
  readonly #job: MeteredJob
  readonly #startedAt = Date.now()
  readonly #seconds: Throughput[] = []
  readonly #notes: string[]
  readonly progress: InputProgress = { readBytes: 0, totalBytes: null }
  #earlierMs = 0
  #endedAt: number | undefined
  #state: RunState = 'running'
  #error: string | null = null
  #in = 0
  #out = 0

  constructor (job: MeteredJob) {
    this.#job = job
    this.#notes = [...job.notes]
  }

  /** ms, those of the run that this one goes on with among them. */
  get elapsedMs (): number {
    return this.#earlierMs + (this.#endedAt ?? Date.now()) - this.#startedAt
  }

  /** Lines that came in. */
  get linesIn (): number {
    return this.#in
  }

  resume ({ elapsedMs, lines }: { elapsedMs: number, lines: number }): void {
    this.#earlierMs = elapsedMs
    this.#in = lines
  }

  took (lines: number): void {
    this.#in += lines
    this.#second().in += lines
  }

  gave (lines: number): void {
    this.#out += lines
    this.#second().out += lines
  }

  note (note: string): void {
    if (this.#notes.at(-1) !== note) this.#notes.push(note)
  }

  end (state: RunState): void {
    this.#state = state
    this.#endedAt = Date.now()
  }

  fail (message: string): void {
    this.#error = message
    this.end('failed')
  }

  look ({ pipeline, readerErrors, writtenBytes }: Looked): RunLook {
    const processors = pipeline.stats()
    const errors = Object.values(processors).reduce((sum, stats) => sum + stats.errors, readerErrors)
    const { files, output, runId, trace } = this.#job
    return {
      run: {
        id: runId,
        state: this.#state,
        input: files.join(', '),
        output,
        trace,
        started_at: new Date(this.#startedAt).toISOString(),
        ended_at: this.#endedAt === undefined ? null : new Date(this.#endedAt).toISOString(),
        elapsed_ms: this.elapsedMs,
        lines_in: this.#in,
        lines_out: this.#out,
        lines_per_second: this.#rate(),
        read_bytes: this.progress.readBytes,
        total_bytes: this.progress.totalBytes,
        written_bytes: writtenBytes,
        notes: [...this.#notes],
        error: this.#error
      },
      processors,
      edges: pipeline.edges(this.#in),
      system: {
        total_lines: this.#in,
        total_processing_time_ms: pipeline.totalMs,
        lines_per_second: pipeline.totalMs === 0 ? 0 : this.#in / pipeline.totalMs * 1000,
        total_errors: errors
      },
      throughput: [...this.#seconds]
    }
  }

  #second (): Throughput {
    const at = Math.floor(Date.now() / 1000)
    const last = this.#seconds.at(-1)
    if (last !== undefined && last.at >= at) return last
    const fresh = { at, in: 0, out: 0 }
    this.#seconds.push(fresh)
    if (this.#seconds.length > MOST_SECONDS) this.#seconds.shift()
    return fresh
  }

  /** Of the whole seconds before this one; of all of it while it is younger. */
  #rate (): number {
    const end = this.#endedAt ?? Date.now()
    const ageSeconds = (end - this.#startedAt) / 1000
    if (this.#endedAt !== undefined || ageSeconds < RATE_SECONDS) return this.#in / Math.max(0.001, ageSeconds)
    const now = Math.floor(end / 1000)
    const lines = this.#seconds.filter(({ at }) => at >= now - RATE_SECONDS && at < now).reduce((sum, second) => sum + second.in, 0)
    return lines / RATE_SECONDS
  }
}
