import type { Logger } from 'pino'
import { openAccess, type People } from './access/open-access.ts'
import { openAlerting, type Alerting } from './alerting/open-alerting.ts'
import type { Clock } from './core/clock.ts'
import { opening, type ClosingStack } from './core/closing-stack.ts'
import { CooperativeScheduler } from './core/cooperative-scheduler.ts'
import { SampleData } from './demo/sample-data.ts'
import { openEvents, type Events } from './events/open-events.ts'
import { Streams } from './events/streams.ts'
import { openHealth, type Healthiness } from './health/open-health.ts'
import { partitionBytesOf } from './health/housekeeping.ts'
import { Metrics } from './metrics/metrics.ts'
import { openNumbers, type Numbers } from './numbers/open-numbers.ts'
import { openOverview, type Overviews } from './overview/open-overview.ts'
import { openOutgoing, type Outgoing } from './outgoing/open-outgoing.ts'
import { openPage, type Page } from './page/page-bundle.ts'
import { openPipelines, type Pipelines } from './pipelines/open-pipelines.ts'
import { openSmallPage, type SmallPage } from './page/small-page.ts'
import type { ConfigFile } from './settings/config-file.ts'
import type { Config } from './settings/config.ts'
import { openSettings, type OpenedSettings } from './settings/open-settings.ts'
import { openSqlite, type OpenedStore } from './store/hot/sqlite.ts'
import { openTime } from './time/open-time.ts'

export interface ServiceParts {
  config: Config
  /** Rules, channels and silences as code. */
  file: ConfigFile
  clock: Clock
  log: Logger
  /** Called when a part died that the service cannot live without. */
  onFatal: (error: Error) => void
}

export interface Service extends People, OpenedSettings, Outgoing, Pipelines, Events, Numbers, Alerting, Healthiness, Overviews {
  config: Config
  clock: Clock
  log: Logger
  /** Path of the store. */
  dataFile: string
  metrics: Metrics
  /** The web page. */
  page: Page
  /** What the link of a notice opens. */
  smallPage: SmallPage
  streams: Streams
  /** An hour of a shop to look around in. */
  sampleData: SampleData
  close: () => Promise<void>
}

/**
 * Opens the rooms from the lowest up: each is given what those below it hold, and is closed before them. Throws what a room throws:
 * DamagedStore, AppError for what cannot be as it was set; nothing stays open then.
 */
export function startService (parts: ServiceParts): Promise<Service> {
  return opening(async (closing) => {
    const { store, file: dataFile, space } = await openStore(parts, closing)
    const core = { ...parts, store, space, metrics: new Metrics(), scheduler: new CooperativeScheduler(), closing }
    const people = openAccess(core)
    const settings = await openSettings({ ...core, ...people })
    const time = await openTime(core)
    const pipelines = await openPipelines({ ...core, ...people, ...settings })
    const events = openEvents({ ...core, ...people, ...pipelines })
    const numbers = openNumbers(core)
    const outgoing = await openOutgoing({ ...core, ...people, ...settings })
    const alerting = await openAlerting({ ...core, ...people, ...settings, ...time, ...events, ...numbers, ...outgoing })
    const { config, clock, log, metrics } = core
    const page = openPage(core)
    const streams = new Streams({ store, live: events.live, samples: numbers.feed, alerts: alerting.alerts, pipeline: pipelines.runFeed, mostOfOne: config.maxStreams })
    const health = openHealth({ ...core, ...people, ...settings, ...time, ...events, ...numbers, ...outgoing, ...alerting })
    const sampleData = new SampleData({ ...core, ...people })
    const overviews = openOverview({ ...core, ...events, ...numbers, ...alerting, ...health, sampleData })
    return { config, clock, log, dataFile, metrics, page, smallPage: openSmallPage(page), ...people, ...settings, ...pipelines, ...events, ...numbers, ...outgoing, ...alerting, streams, sampleData, ...health, ...overviews }
  })
}

async function openStore ({ config, log, onFatal }: ServiceParts, closing: ClosingStack): Promise<OpenedStore> {
  const { dataDir, durability, minFreeBytes, retentionBytes, acceptEmpty } = config
  const opened = await openSqlite({ dataDir, durability, minFreeBytes, partitionBytes: partitionBytesOf(retentionBytes), acceptEmpty, onDeath: onFatal })
  closing.keep(opened.store)
  const { damage } = opened
  if (damage !== undefined) log.error({ reason: damage.reason, keptAs: damage.keptAs }, 'the store was damaged: it was kept aside and an empty one begun')
  return opened
}
