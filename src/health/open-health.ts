import type { Logger } from 'pino'
import type { AccessControl } from '../access/access-control.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Alerting } from '../alerting/open-alerting.ts'
import { steadyClock, type Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { Events } from '../events/open-events.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Sampler } from '../numbers/sampler.ts'
import type { Outgoing } from '../outgoing/open-outgoing.ts'
import type { Config } from '../settings/config.ts'
import type { OpenedSettings } from '../settings/open-settings.ts'
import type { Space } from '../store/hot/files/free-space.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time/open-time.ts'
import { Canary } from './canary.ts'
import { addresseesProbe } from './channel-check.ts'
import { damageProbe } from './damage-check.ts'
import { HealthMonitor, type Probe } from './health-monitor.ts'
import { Housekeeping } from './housekeeping.ts'

interface Parts extends Pick<OpenedSettings, 'settings' | 'reload'>, Time, Outgoing, Pick<Events, 'admission' | 'intake'>, Alerting {
  store: Store
  space: Space
  clock: Clock
  log: Logger
  config: Config
  metrics: Metrics
  access: AccessControl
  sessions: Sessions
  sampler: Sampler
  closing: ClosingStack
}

/** How the service is. */
export interface Healthiness {
  health: HealthMonitor
  /** What the store takes, as it was last seen. */
  space: () => Space
}

/** Begins to keep house, and to send the canary its way. */
export function openHealth (parts: Parts): Healthiness {
  const { store, space, clock, log, metrics, settings, reload, retentionTime, access, sessions, closing } = parts
  const housekeeping = closing.keep(new Housekeeping({
    store,
    retentionTime,
    log,
    settings,
    space,
    callers: [access, sessions],
    shortAges: () => reload.file.retention,
    onCommits: (seconds) => metrics.observeCommits(seconds)
  }))
  metrics.beforeRender(() => {
    metrics.storeBytes.at({}).set(housekeeping.space.storeBytes)
    metrics.storeDiskFree.at({}).set(housekeeping.space.diskFreeBytes)
  })
  const canary = closing.keep(new Canary(parts))
  return { health: new HealthMonitor(steadyClock(clock), probesOf(parts, housekeeping, canary)), space: () => housekeeping.space }
}

function probesOf (parts: Parts, housekeeping: Housekeeping, canary: Canary): Record<string, Probe> {
  const { config, reload, retentionTime, clockWatch, channels, delivery, admission, sampler, rules, evaluator } = parts
  return {
    store: () => housekeeping.check(),
    clock: () => retentionTime.check(clockWatch.check()),
    damage: damageProbe(config.dataDir),
    configuration: () => reload.check(),
    sampling: () => sampler.check(),
    rules: () => evaluator.check(),
    channels: addresseesProbe(rules, channels),
    outbox: () => delivery.check(),
    canary: () => canary.check(),
    queue: () => ({ status: 'ok', detail: `${admission.load.events} events, ${admission.load.bytes} bytes on their way in` })
  }
}
