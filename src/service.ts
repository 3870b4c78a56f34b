import type { Logger } from 'pino'
import type { Check } from '../schemas/health.ts'
import { AccessControl } from './access/access-control.ts'
import { addresseesProbe } from './health/channel-check.ts'
import { openAlerting, type Alerting } from './alerting/open-alerting.ts'
import { ApiTokens } from './access/api-tokens.ts'
import { SignInLimiter } from './access/sign-in-limiter.ts'
import { Audit } from './access/audit.ts'
import { Canary } from './health/canary.ts'
import { steadyClock, type Clock } from './core/clock.ts'
import { ClockWatch } from './time/clock-watch.ts'
import type { Config } from './settings/config.ts'
import { readConfigFile, type ConfigFile } from './settings/config-file.ts'
import { ConfigReload } from './settings/config-reload.ts'
import { EventQueries } from './events/event-queries.ts'
import { TokenGuessLimiter } from './access/token-guess-limiter.ts'
import { HealthMonitor } from './health/health-monitor.ts'
import { Admission } from './ingest/admission.ts'
import { IngestMeter } from './events/ingest-meter.ts'
import { Intake } from './events/intake.ts'
import { Invitations } from './access/invitations.ts'
import { LiveFeed } from './events/live-feed.ts'
import { Metrics } from './metrics/metrics.ts'
import { openOutgoing, type Outgoing } from './outgoing/open-outgoing.ts'
import { Passwords } from './access/passwords.ts'
import { Users } from './access/users.ts'
import { RejectBox } from './events/reject-box.ts'
import { Replays } from './alerting/replays.ts'
import { RetentionTime } from './time/retention-time.ts'
import { RunTimeSettings } from './settings/run-time-settings.ts'
import { sampleAges } from './numbers/sample-ages.ts'
import { SampleFeed } from './numbers/sample-feed.ts'
import { SampleIntake } from './numbers/sample-intake.ts'
import { SeriesQueries } from './numbers/series-queries.ts'
import { sessionKeysOf, type SessionKeys } from './settings/session-keys.ts'
import { Sessions } from './access/sessions.ts'
import { listDamaged } from './store/hot/files/checks.ts'
import { openSqlite } from './store/hot/sqlite.ts'
import type { Store } from './store/store.ts'
import { Streams } from './events/streams.ts'
import { Summary } from './numbers/summary.ts'
import { CooperativeScheduler } from './core/cooperative-scheduler.ts'
import { partitionBytesOf, Housekeeping } from './health/housekeeping.ts'
import { Sampler } from './numbers/sampler.ts'
import type { IdentifiedEvent } from './events/wire-event.ts'

export interface ServiceParts {
  config: Config
  /** Rules, channels and silences as code. */
  file: ConfigFile
  clock: Clock
  log: Logger
  /** Called when a part died that the service cannot live without. */
  onFatal: (error: Error) => void
}

export interface Service extends Omit<Outgoing, 'close' | 'fix'>, Omit<Alerting, 'measurements' | 'fix'> {
  config: Config
  clock: Clock
  log: Logger
  /** The data file. */
  file: string
  access: AccessControl
  admission: Admission
  intake: Intake
  events: EventQueries
  streams: Streams
  rejects: RejectBox
  samples: SampleIntake
  series: SeriesQueries
  summary: Summary
  sampler: Sampler
  health: HealthMonitor
  metrics: Metrics
  audit: Audit
  settings: RunTimeSettings
  reload: ConfigReload
  replays: Replays
  signInLimiter: SignInLimiter
  tokenGuessLimiter: TokenGuessLimiter
  sessionKeys: SessionKeys
  sessions: Sessions
  users: Users
  invitations: Invitations
  tokens: ApiTokens
  close: () => Promise<void>
}

/** Wires the parts: in from the top, down to the store, out to those who follow and ask. */
export async function startService ({ config, file: configFile, clock, log, onFatal }: ServiceParts): Promise<Service> {
  const { store, file, damage, space } = await openSqlite({
    dataDir: config.dataDir,
    durability: config.durability,
    minFreeBytes: config.minFreeBytes,
    partitionBytes: partitionBytesOf(config.retentionBytes),
    acceptEmpty: config.acceptEmpty,
    onDeath: onFatal
  })
  if (damage !== undefined) log.error({ reason: damage.reason, keptAs: damage.keptAs }, 'the store was damaged: it was kept aside and an empty one begun')
  const sessionKeys = await closing(store, () => sessionKeysOf(config))

  const metrics = new Metrics()
  const audit = new Audit({ store, clock })
  const access = new AccessControl({ store, clock, opsApiToken: config.opsApiToken, metricsToken: config.metricsToken })
  const settings = await RunTimeSettings.open({ store, clock, log, config, access, audit })
  const { close: closeOutgoing, fix: fixChannels, ...outgoing } = await openOutgoing({ store, clock, log, config, file: configFile, audit, metrics, settings })
    .catch(async (error: unknown) => {
      await store.close()
      throw error
    })

  const clockWatch = await ClockWatch.open({ store, clock, log })
  const live = new LiveFeed(steadyClock(clock))
  const scheduler = new CooperativeScheduler()
  const admission = new Admission({ bytes: config.ingestQueueBytes, events: config.ingestQueueEvents })
  const meter = new IngestMeter(metrics)
  const onStored = (events: readonly IdentifiedEvent[], { isImport }: { isImport: boolean }): void => {
    clockWatch.observe()
    live.publish(events)
    if (!isImport) measurements.count(events)
  }
  const intake = new Intake({ store, clock, scheduler, limits: config, meter, onStored })
  const rejects = new RejectBox({ store, intake, admission, audit })

  const feed = new SampleFeed()
  const sampler = new Sampler({ store, metrics, feed, clock, log, config })
  const samples = new SampleIntake({ store, clock, scheduler, limits: config, oldestMs: sampleAges(config.retentionDays).samplesMs })

  const queries = { store, clock, timeoutMs: config.queryTimeoutMs }
  const events = new EventQueries(queries)
  const series = new SeriesQueries(queries)
  const summary = new Summary(queries)
  const { measurements, fix: fixAlerting, ...alerting } = await openAlerting({
    store, clock, clockWatch, log, config, file: configFile, audit, metrics, settings, sampler, ...outgoing, onNotices: () => outgoing.delivery.wake()
  }).catch(async (error: unknown) => {
    await sampler.close()
    await closeOutgoing()
    await store.close()
    throw error
  })
  const replays = new Replays({ ...queries, intervalMs: config.evaluateIntervalMs, ruleOf: (id) => alerting.rules.known(id)?.rule })
  const streams = new Streams({ store, live, samples: feed, alerts: alerting.alerts, mostOfOne: config.maxStreams })
  const canary = new Canary({ store, clock, admission, intake, ...alerting, ...outgoing, log, config })

  const passwords = new Passwords()
  const sessions = new Sessions({ store, clock, passwords, audit })
  const users = new Users({ store, clock, passwords, sessions, audit, setupToken: config.setupToken })
  const invitations = new Invitations({ store, clock, audit })
  const tokens = new ApiTokens({ store, clock, access, audit })

  const retentionTime = await RetentionTime.open({ store, clock, log })
  const reload = new ConfigReload({
    clock,
    log,
    audit,
    metrics,
    file: configFile,
    read: () => readConfigFile(config),
    // Channels first: they alone may be refused here, and rules name them.
    apply: async (said) => {
      await fixChannels(said)
      await fixAlerting(said)
    }
  })
  const housekeeping = new Housekeeping({ store, retentionTime, log, settings, callers: [access, sessions], get shortAges () { return reload.file.retention }, space, onCommits: (seconds) => metrics.observeCommits(seconds) })
  metrics.beforeRender(() => {
    metrics.ingestQueue.at({}).set(admission.load.events)
    metrics.storeBytes.at({}).set(housekeeping.space.storeBytes)
    metrics.storeDiskFree.at({}).set(housekeeping.space.diskFreeBytes)
  })
  const health = new HealthMonitor(steadyClock(clock), {
    store: () => housekeeping.check(),
    clock: () => retentionTime.check(clockWatch.check()),
    damage: () => damageCheck(config.dataDir),
    configuration: () => reload.check(),
    sampling: () => sampler.check(),
    rules: () => alerting.evaluator.check(),
    channels: addresseesProbe(alerting.rules, outgoing.channels),
    outbox: () => outgoing.delivery.check(),
    canary: () => canary.check(),
    queue: () => ({ status: 'ok', detail: `${admission.load.events} events, ${admission.load.bytes} bytes on their way in` })
  })

  return {
    config,
    clock,
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
    sampler,
    health,
    metrics,
    audit,
    settings,
    reload,
    replays,
    signInLimiter: new SignInLimiter(clock),
    tokenGuessLimiter: new TokenGuessLimiter(clock),
    sessionKeys,
    sessions,
    users,
    invitations,
    tokens,
    ...outgoing,
    ...alerting,
    close: async () => {
      clockWatch.close()
      live.close()
      feed.close()
      await canary.close()
      await alerting.evaluator.close()
      await sampler.close()
      await closeOutgoing()
      await housekeeping.close()
      await store.close()
    }
  }
}

/** Closes the store when what must come after it fails. */
async function closing<T> (store: Store, next: () => T): Promise<T> {
  try {
    return next()
  } catch (error) {
    await store.close()
    throw error
  }
}

function damageCheck (dataDir: string): Check {
  const damaged = listDamaged(dataDir)
  if (damaged.length === 0) return { status: 'ok', detail: 'no damaged store stands aside' }
  return { status: 'degraded', detail: `a damaged store stands aside as ${damaged.join(', ')}: recover what it holds, then move it away` }
}
