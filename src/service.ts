import type { Logger } from 'pino'
import type { Check } from '../schemas/health.ts'
import { AccessControl } from './access.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { Events } from './events.ts'
import { HealthMonitor } from './health.ts'
import { Admission } from './ingest/admission.ts'
import { Intake } from './intake.ts'
import { LiveFeed } from './live.ts'
import { RejectBox } from './reject-box.ts'
import { listDamaged } from './store/checks.ts'
import { openSqlite } from './store/sqlite.ts'
import { Streams } from './streams.ts'
import { Turns } from './turns.ts'
import { Upkeep } from './upkeep.ts'

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
  health: HealthMonitor
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

  const live = new LiveFeed(clock)
  const turns = new Turns()
  const admission = new Admission({ bytes: config.ingestQueueBytes, events: config.ingestQueueEvents })
  const intake = new Intake({ store, clock, turns, limits: config, onStored: (events) => live.publish(events) })
  const events = new Events({ store, clock, timeoutMs: config.queryTimeoutMs })
  const streams = new Streams({ store, live })
  const rejects = new RejectBox({ store, intake, admission })
  const access = new AccessControl({ store, clock, opsApiToken: config.opsApiToken })
  const upkeep = new Upkeep({ store, clock, log, config, access, space })
  const health = new HealthMonitor(clock, {
    store: () => upkeep.check(),
    damage: () => damageCheck(config.dataDir),
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
    health,
    close: async () => {
      live.close()
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
