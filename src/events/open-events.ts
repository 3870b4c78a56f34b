import { steadyClock, type Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { CooperativeScheduler } from '../core/cooperative-scheduler.ts'
import type { Audit } from '../access/audit.ts'
import { Admission } from '../ingest/admission.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { IngestPipeline } from '../pipelines/ingest-pipeline.ts'
import type { Store } from '../store/store.ts'
import { EventQueries } from './event-queries.ts'
import { IngestMeter } from './ingest-meter.ts'
import { Intake, type IntakeParts } from './intake.ts'
import { LiveFeed } from './live-feed.ts'
import { Refusals } from './refusals.ts'
import { RejectBox } from './reject-box.ts'

interface Parts {
  store: Store
  clock: Clock
  metrics: Metrics
  audit: Audit
  config: IntakeParts['limits'] & { ingestQueueBytes: number, ingestQueueEvents: number, queryTimeoutMs: number }
  scheduler: CooperativeScheduler
  closing: ClosingStack
  ingestPipeline: IngestPipeline
}

/** How events come in, and how they are found again. */
export interface Events {
  admission: Admission
  events: EventQueries
  intake: Intake
  live: LiveFeed
  refusals: Refusals
  rejects: RejectBox
}

export function openEvents ({ store, clock, metrics, audit, scheduler, config, closing, ingestPipeline: pipeline }: Parts): Events {
  const { ingestQueueBytes, ingestQueueEvents, queryTimeoutMs } = config
  const live = closing.keep(new LiveFeed(steadyClock(clock)))
  const admission = new Admission({ bytes: ingestQueueBytes, events: ingestQueueEvents })
  const intake = new Intake({ store, clock, scheduler, pipeline, limits: config, meter: new IngestMeter(metrics) })
  intake.onStored((events) => live.publish(events))
  metrics.beforeRender(() => metrics.ingestQueue.at({}).set(admission.load.events))
  return {
    admission,
    events: new EventQueries({ store, clock, timeoutMs: queryTimeoutMs }),
    intake,
    live,
    refusals: new Refusals(clock),
    rejects: new RejectBox({ store, intake, admission, audit })
  }
}
