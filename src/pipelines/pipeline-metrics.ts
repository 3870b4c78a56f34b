import type { Metrics } from '../metrics/metrics.ts'
import type { RunLook } from '../pipeline/run/job.ts'

/** Exports what processors counted; what is exported never falls, also when a pipeline is changed. */
export class PipelineMetrics {
  readonly #metrics: Pick<Metrics, 'pipelineLines' | 'pipelineErrors'>
  readonly #shown = new Map<string, number>()

  constructor (metrics: Pick<Metrics, 'pipelineLines' | 'pipelineErrors'>) {
    this.#metrics = metrics
  }

  show (run: string, { processors }: RunLook): void {
    for (const [processor, { lines_in: taken, lines_out: given, dropped, errors }] of Object.entries(processors)) {
      const labels = { run, processor }
      for (const [direction, value] of [['in', taken], ['out', given], ['dropped', dropped]] as const) {
        this.#metrics.pipelineLines.at({ ...labels, direction }).add(this.#since(`${run} ${processor} ${direction}`, value))
      }
      this.#metrics.pipelineErrors.at(labels).add(this.#since(`${run} ${processor} errors`, errors))
    }
  }

  #since (key: string, value: number): number {
    const before = this.#shown.get(key) ?? 0
    this.#shown.set(key, value)
    return value >= before ? value - before : value
  }
}
