import type { Logger } from 'pino'
import { AckTokens } from './ack-tokens.ts'
import type { Audit } from '../access/audit.ts'
import { settingChannels, type FixedChannel } from './channel-fields.ts'
import { Channels } from './channels.ts'
import type { Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { Config } from '../settings/config.ts'
import type { ConfigFile } from '../settings/config-file.ts'
import { Delivery } from './delivery.ts'
import { TickTasks } from './tick-tasks.ts'
import { parseHosts } from '../core/net/host-list.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { dnsLookup, type Guard } from '../notify/guard.ts'
import { Notifications } from './notifications.ts'
import { OwnAddress } from './own-address.ts'
import type { ConfigReload } from '../settings/config-reload.ts'
import type { RunTimeSettings } from '../settings/run-time-settings.ts'
import type { SessionKeys } from '../settings/session-keys.ts'
import type { Store } from '../store/store.ts'
import { Ticks } from './ticks.ts'

interface OutgoingParts {
  store: Store
  clock: Clock
  log: Logger
  config: Config
  file: ConfigFile
  audit: Audit
  metrics: Metrics
  settings: RunTimeSettings
  reload: ConfigReload
  sessionKeys: SessionKeys
  closing: ClosingStack
}

/** Everything that calls others, all behind one guard. */
export interface Outgoing {
  own: OwnAddress
  ackTokens: AckTokens
  channels: Channels
  delivery: Delivery
  notifications: Notifications
  ticks: Ticks
}

/** What is on its way when the service stops gets so long. */
const GRACE_MS = 2_000

/** Wires what calls others. Throws `invalid` or `conflict` for a channel of the settings or of the configuration file that cannot be. */
export async function openOutgoing ({ store, clock, log, config, file, audit, metrics, settings, reload, sessionKeys, closing }: OutgoingParts): Promise<Outgoing> {
  const guard: Guard = { allow: parseHosts(config.webhookAllow, 'WEBHOOK_ALLOW'), lookup: dnsLookup }
  const own = new OwnAddress(config.baseUrl)
  const fixed = (said: ConfigFile): FixedChannel[] => [...settingChannels(config), ...said.channels]
  const channels = await Channels.open({ store, clock, audit, guard, own, onChange: () => delivery.wake() }, fixed(file))
  const ackTokens = new AckTokens(sessionKeys)
  const delivery = new Delivery({ store, clock, guard, channels, ackTokens, own, metrics, log })
  const notifications = new Notifications({ store, clock, audit, channels, delivery })
  const tickTasks = new TickTasks({ clock, guard, onError: (error) => log.error({ err: error }, 'a tick could not be answered') })
  const tickHosts = parseHosts(config.tickAllow, 'TICK_ALLOW')
  const ticks = new Ticks({ store, clock, guard, tickHosts, own, settings, tickTasks, sampleIntervalMs: config.sampleIntervalMs, secret: config.tickSecret })
  reload.onRead((said) => channels.fix(fixed(said)))
  closing.keep({ close: async () => { await Promise.all([delivery.close(GRACE_MS), tickTasks.close(GRACE_MS)]) } })
  return { own, ackTokens, channels, delivery, notifications, ticks }
}
