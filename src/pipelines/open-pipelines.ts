import type { Trial, TrialAnswer } from '../../schemas/pipeline.ts'
import type { NewEvent } from '../../schemas/event.ts'
import type { Audit } from '../access/audit.ts'
import { steadyClock, type Clock } from '../core/clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import { parseQuery } from '../query/parse.ts'
import type { ConfigReload } from '../settings/config-reload.ts'
import type { ConfigFile } from '../settings/config-file.ts'
import type { Store } from '../store/store.ts'
import { ExtractedSamples } from './extracted-samples.ts'
import { INGEST_RUN, IngestPipeline } from './ingest-pipeline.ts'
import { PipelineBook } from './pipeline-book.ts'
import { PipelineMetrics } from './pipeline-metrics.ts'
import { RunFeed } from './run-feed.ts'
import { RunViews } from './run-views.ts'
import { tryPipeline } from './trial.ts'

interface Parts {
  store: Store
  clock: Clock
  metrics: Metrics
  audit: Audit
  config: { maxSeries: number }
  file: ConfigFile
  reload: ConfigReload
  closing: ClosingStack
}

/** What runs over the events that come in, and how it is looked at and changed. */
export interface Pipelines {
  ingestPipeline: IngestPipeline
  pipelines: PipelineBook
  /** What the run over ingest does. */
  runFeed: RunFeed
  runs: RunViews
  tryPipeline: (trial: Trial) => Promise<TrialAnswer>
}

const EVER = { from: 0, to: Date.UTC(2201, 0, 1) }

export async function openPipelines ({ store, clock, metrics, audit, config, file, reload, closing }: Parts): Promise<Pipelines> {
  const ingestPipeline = new IngestPipeline(steadyClock(clock))
  const pipelines = await PipelineBook.open({ store, clock, audit, use: (graph) => { ingestPipeline.use(graph) } }, file.pipelines)
  reload.onRead((read) => pipelines.takeFile(read.pipelines))
  const samples = closing.keep(new ExtractedSamples({ store, clock, maxSeries: config.maxSeries }))
  ingestPipeline.onExtracted((extracted) => { samples.add(extracted) })
  const counted = new PipelineMetrics(metrics)
  metrics.beforeRender(() => { counted.show(INGEST_RUN, ingestPipeline.look()) })
  const run = { look: async () => ingestPipeline.look(), details: async () => ingestPipeline.details() }
  const eventsOf = async (query: string, limit: number): Promise<NewEvent[]> => {
    const { events } = await store.read('pageEvents', { where: parseQuery(query), range: EVER, order: 'desc', limit, total: 'none', cursor: undefined })
    return events.map((event) => ({ ...event, idHint: null, isTimed: true }))
  }
  return {
    ingestPipeline,
    pipelines,
    runFeed: closing.keep(new RunFeed(() => ingestPipeline.look())),
    runs: new RunViews(new Map([[INGEST_RUN, run]])),
    tryPipeline: (trial) => tryPipeline(trial, { eventsOf, graph: () => pipelines.graph(), now: () => clock.now() })
  }
}
