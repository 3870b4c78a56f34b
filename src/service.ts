import type { Logger } from 'pino'
import type { Check } from '../schemas/health.ts'
import { AccessControl } from './access.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { Events } from './events.ts'
import { HealthMonitor } from './health.ts'
import { Admission } from './ingest/admission.ts'
import { IngestMeter } from './ingest-meter.ts'
import { Intake } from './intake.ts'
import { LiveFeed } from './live.ts'
import { Metrics } from './metrics.ts'
import { RejectBox } from './reject-box.ts'
import { sampleAges } from './sample-ages.ts'
import { SampleFeed } from './sample-feed.ts'
import { SampleIntake } from './sample-intake.ts'
import { SeriesQueries } from './series.ts'
import { listDamaged } from './store/checks.ts'
import { openSqlite } from './store/sqlite.ts'
import { Streams } from './streams.ts'
import { Summary } from './summary.ts'
import { Turns } from './turns.ts'
import { Upkeep } from './upkeep.ts'
import { Watch } from './watch.ts'

export interface ServiceParts {
  config: Config
  clock: Clock
  log: Logger
  /** Called when a part died that the service cannot live without. */
  onFatal: (error: Error) => void
}

export interface Service {
  config: Config
  log: Logger
  /** The data file. */
  file: string
  access: AccessControl
  admission: Admission
  intake: Intake
  events: Events
  streams: Streams
  rejects: RejectBox
  samples: SampleIntake
  series: SeriesQueries
  summary: Summary
  watch: Watch
  health: HealthMonitor
  metrics: Metrics
  close: () => Promise<void>
}

/** Partitions are what retention drops: small enough that dropping one frees a tenth of the budget at most. */
const PARTITIONS_IN_BUDGET = 10

/** Wires the parts: in from the top, down to the store, out to those who follow and ask. */
export async function startService ({ config, clock, log, onFatal }: ServiceParts): Promise<Service> {
  const { store, file, damage, space } = await openSqlite({
    dataDir: config.dataDir,
    durability: config.durability,
    minFreeBytes: config.minFreeBytes,
    partitionBytes: config.retentionBytes / PARTITIONS_IN_BUDGET,
    onDeath: onFatal
  })
  if (damage !== undefined) log.error({ reason: damage.reason, keptAs: damage.keptAs }, 'the store was damaged: it was kept aside and an empty one begun')

  const metrics = new Metrics()
  const live = new LiveFeed(clock)
  const turns = new Turns()
  const admission = new Admission({ bytes: config.ingestQueueBytes, events: config.ingestQueueEvents })
  const meter = new IngestMeter(metrics)
  const intake = new Intake({ store, clock, turns, limits: config, meter, onStored: (events) => live.publish(events) })
  const queries = { store, clock, timeoutMs: config.queryTimeoutMs }
  const events = new Events(queries)
  const series = new SeriesQueries(queries)
  const summary = new Summary(queries)
  const samples = new SampleIntake({ store, clock, turns, limits: config, oldestMs: sampleAges(config.retentionDays).samplesMs })
  const feed = new SampleFeed()
  const watch = new Watch({ store, metrics, feed, clock, log, config })
  const streams = new Streams({ store, live, samples: feed })
  const rejects = new RejectBox({ store, intake, admission })
  const access = new AccessControl({ store, clock, opsApiToken: config.opsApiToken, metricsToken: config.metricsToken })
  const upkeep = new Upkeep({ store, clock, log, config, access, space, onCommits: (seconds) => metrics.observeCommits(seconds) })
  metrics.beforeRender(() => {
    metrics.ingestQueue.at({}).set(admission.load.events)
    metrics.storeBytes.at({}).set(upkeep.space.storeBytes)
    metrics.storeDiskFree.at({}).set(upkeep.space.diskFreeBytes)
  })
  const health = new HealthMonitor(clock, {
    store: () => upkeep.check(),
    damage: () => damageCheck(config.dataDir),
    sampling: () => watch.check(),
    queue: () => ({ status: 'ok', detail: `${admission.load.events} events, ${admission.load.bytes} bytes on their way in` })
  })

  return {
    config,
    log,
    file,
    access,
    admission,
    intake,
    events,
    streams,
    rejects,
    samples,
    series,
    summary,
    watch,
    health,
    metrics,
    close: async () => {
      live.close()
      feed.close()
      await watch.close()
      await upkeep.close()
      await store.close()
    }
  }
}

function damageCheck (dataDir: string): Check {
  const damaged = listDamaged(dataDir)
  if (damaged.length === 0) return { status: 'ok', detail: 'no damaged store stands aside' }
  return { status: 'degraded', detail: `a damaged store stands aside as ${damaged.join(', ')}: recover what it holds, then move it away` }
}
