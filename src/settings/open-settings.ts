import type { Logger } from 'pino'
import type { AccessControl } from '../access/access-control.ts'
import type { Audit } from '../access/audit.ts'
import type { Clock } from '../core/clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Store } from '../store/store.ts'
import { readConfigFile, type ConfigFile } from './config-file.ts'
import { ConfigReload } from './config-reload.ts'
import type { Config } from './config.ts'
import { RunTimeSettings } from './run-time-settings.ts'
import { sessionKeysOf, type SessionKeys } from './session-keys.ts'

interface Parts {
  store: Store
  clock: Clock
  log: Logger
  config: Config
  file: ConfigFile
  access: AccessControl
  audit: Audit
  metrics: Metrics
}

/** What was set, and what of it changes while the service runs. */
export interface OpenedSettings {
  reload: ConfigReload
  sessionKeys: SessionKeys
  settings: RunTimeSettings
}

/** Throws as `sessionKeysOf`. */
export async function openSettings (parts: Parts): Promise<OpenedSettings> {
  const { config } = parts
  return {
    reload: new ConfigReload({ ...parts, read: () => readConfigFile(config) }),
    sessionKeys: sessionKeysOf(config),
    settings: await RunTimeSettings.open(parts)
  }
}
