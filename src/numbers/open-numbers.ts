import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { CooperativeScheduler } from '../core/cooperative-scheduler.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Store } from '../store/store.ts'
import { sampleAges } from './sample-ages.ts'
import { SampleFeed } from './sample-feed.ts'
import { SampleIntake, type SampleIntakeParts } from './sample-intake.ts'
import { Sampler, type SamplerParts } from './sampler.ts'
import { SeriesQueries } from './series-queries.ts'
import { Summary } from './summary.ts'

interface Parts {
  store: Store
  clock: Clock
  log: Logger
  metrics: Metrics
  config: SamplerParts['config'] & SampleIntakeParts['limits'] & { retentionDays: number, queryTimeoutMs: number }
  scheduler: CooperativeScheduler
  closing: ClosingStack
}

/** How figures come in, and how they are found again. */
export interface Numbers {
  feed: SampleFeed
  sampler: Sampler
  samples: SampleIntake
  series: SeriesQueries
  summary: Summary
}

/** Begins to look at the machine. */
export function openNumbers ({ store, clock, log, metrics, scheduler, config, closing }: Parts): Numbers {
  const feed = closing.keep(new SampleFeed())
  const queries = { store, clock, timeoutMs: config.queryTimeoutMs }
  return {
    feed,
    sampler: closing.keep(new Sampler({ store, metrics, feed, clock, log, config })),
    samples: new SampleIntake({ store, clock, scheduler, limits: config, oldestMs: sampleAges(config.retentionDays).samplesMs }),
    series: new SeriesQueries(queries),
    summary: new Summary(queries)
  }
}
