import type { EventFields, Level } from '../../schemas/event.ts'
import { NOTED_PARTS, type NotedPart } from '../../schemas/submission.ts'
import { SEVERITIES } from '../../schemas/words.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What became of a part of what was sent. */
export interface Counted {
  /** For the first time. */
  stored: readonly EventFields[]
  duplicates: number
  rejected: number
}

const NO_SERVICE = '(none)'
const SELF = { run: 'ingest', processor: 'ingest' } as const

/** Counts what the intake does. Ingest is the run that never ends, so it shows up among the pipelines too. */
export class IngestMeter {
  readonly #metrics: Metrics
  readonly #in
  readonly #out
  readonly #dropped
  readonly #errors
  readonly #processing
  readonly #invalid

  constructor (metrics: Metrics) {
    this.#metrics = metrics
    this.#in = metrics.pipelineLines.at({ ...SELF, direction: 'in' })
    this.#out = metrics.pipelineLines.at({ ...SELF, direction: 'out' })
    this.#dropped = metrics.pipelineLines.at({ ...SELF, direction: 'dropped' })
    this.#errors = metrics.pipelineErrors.at(SELF)
    this.#processing = metrics.pipelineProcessing.at(SELF)
    this.#invalid = metrics.eventsRejected.at({ reason: 'invalid' })
  }

  /** In = out + dropped + errors, always. */
  count ({ stored, duplicates, rejected }: Counted): void {
    this.#in.add(stored.length + duplicates + rejected)
    this.#out.add(stored.length)
    this.#dropped.add(duplicates)
    this.#errors.add(rejected)
    this.#invalid.add(rejected)
    for (const [service, levels] of tally(stored)) {
      for (const [level, count] of levels) this.#metrics.eventsIngested.at({ service, level }).add(count)
    }
    for (const severity of SEVERITIES) {
      const count = stored.filter((event) => event.severity === severity).length
      this.#metrics.logSeverity.at({ severity }).add(count)
    }
  }

  /** What of the events that were taken was not understood. */
  noted (parts: Readonly<Record<NotedPart, number>>): void {
    for (const part of NOTED_PARTS) {
      if (parts[part] > 0) this.#metrics.eventsNoted.at({ part }).add(parts[part])
    }
  }

  worked (seconds: number): void {
    this.#processing.observe(seconds)
  }
}

/** Added up first: a batch has few services and levels, and many events. */
function tally (events: readonly EventFields[]): Map<string, Map<Level, number>> {
  const services = new Map<string, Map<Level, number>>()
  for (const { service, level } of events) {
    const name = service ?? NO_SERVICE
    const levels = services.get(name) ?? new Map<Level, number>()
    services.set(name, levels.set(level, (levels.get(level) ?? 0) + 1))
  }
  return services
}
