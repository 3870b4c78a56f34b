import type { ErrorGroup } from '../error-log.ts'
import type { EdgeStats, ProcessorStats } from '../pipeline.ts'
import type { SendTarget } from './sending.ts'
import type { Trace, TraceMode } from '../traces.ts'

/** What a run is to do. */
export interface RunJob {
  runId: string
  /** In the order in which they are read; `-` is standard input. */
  files: readonly string[]
  output: string
  config: unknown
  trace: TraceMode
  /** One of so many lines is traced. */
  traceEvery: number
  /** Waits for more at the end of the last file. */
  follow: boolean
  /** Goes on where the last one stood. */
  resume: boolean
  /** Where lines go that are errors, as JSON; undefined: nowhere. */
  deadLetters: string | undefined
  encoding: 'utf8' | 'latin1'
  longestLine: number
  /** Where lines are posted besides; undefined: nowhere. */
  send: SendTarget | undefined
  /** Told with the run from its beginning on. */
  notes: readonly string[]
}

export type RunState = 'running' | 'finished' | 'failed' | 'stopped'

/** One second of a run. */
export interface Throughput {
  /** s since the epoch. */
  at: number
  in: number
  out: number
}

/** Where a run stands. */
export interface RunLook {
  run: {
    id: string
    state: RunState
    input: string
    output: string
    trace: TraceMode
    started_at: string
    ended_at: string | null
    elapsed_ms: number
    lines_in: number
    lines_out: number
    /** Over the last 5 s. */
    lines_per_second: number
    read_bytes: number
    total_bytes: number | null
    written_bytes: number
    /** In words: rotations that may have cost lines, where a run was resumed. */
    notes: string[]
    error: string | null
  }
  processors: Record<string, ProcessorStats>
  edges: EdgeStats[]
  system: {
    total_lines: number
    total_processing_time_ms: number
    /** Of processing alone. */
    lines_per_second: number
    total_errors: number
  }
  throughput: Throughput[]
}

export interface RunDetails {
  traces: Trace[]
  errors: ErrorGroup[]
}

/** What the main thread says to the thread of a run. */
export type ToRun = { kind: 'ask', id: number, wantsDetails: boolean } | { kind: 'stop' }
/** What the thread of a run says. */
export type FromRun =
  | { kind: 'look', look: RunLook }
  | { kind: 'answer', id: number, look: RunLook, details?: RunDetails }
  | { kind: 'end', look: RunLook, details: RunDetails, isReaderGone: boolean }
