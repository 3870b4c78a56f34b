import type { TraceQuery } from '../../schemas/pipeline.ts'
import { isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { ErrorGroup } from '../pipeline/error-log.ts'
import type { RunDetails, RunLook } from '../pipeline/run/job.ts'
import type { Trace } from '../pipeline/traces.ts'

const LIMIT = 100

/** A run that can be looked at while it goes on, and after it. */
export interface WatchedRun {
  look: () => Promise<RunLook>
  details: () => Promise<RunDetails>
}

/** The runs that somebody may look at: in the service the one over ingest, on the command line the one that was started. */
export class RunViews {
  readonly #runs: ReadonlyMap<string, WatchedRun>

  constructor (runs: ReadonlyMap<string, WatchedRun>) {
    this.#runs = runs
  }

  async stats (id?: string): Promise<RunLook> {
    return this.#run(id).look()
  }

  async list (): Promise<Array<RunLook['run']>> {
    const looks = await Promise.all([...this.#runs.values()].map((run) => run.look()))
    return looks.map(({ run }) => run)
  }

  /** Newest first. */
  async traces ({ run, limit = LIMIT, node, only, q }: TraceQuery): Promise<Trace[]> {
    const { traces } = await this.#run(run).details()
    return traces.filter((trace) => fits(trace, { node, only, q })).slice(0, limit)
  }

  async errors ({ run, limit = LIMIT }: { run?: string, limit?: number }): Promise<Array<Omit<ErrorGroup, 'lineNumber' | 'time'> & { line_number: number, time: string }>> {
    const { errors } = await this.#run(run).details()
    return errors.slice(0, limit).map(({ lineNumber, time, ...group }) => ({ ...group, line_number: lineNumber, time: isoTime(time) }))
  }

  #run (id: string | undefined): WatchedRun {
    const run = id === undefined ? this.#runs.values().next().value : this.#runs.get(id)
    if (run === undefined) throw new AppError('not_found', `there is no run ${id}: there are ${[...this.#runs.keys()].join(', ')}`)
    return run
  }
}

function fits ({ path, original_content: text }: Trace, { node, only, q }: { node: string | undefined, only: 'drop' | 'error' | undefined, q: string | undefined }): boolean {
  return (node === undefined || path.some(({ processor }) => processor === node)) &&
    (only === undefined || path.some(({ status }) => status === only)) &&
    (q === undefined || text.toLowerCase().includes(q.toLowerCase()))
}
