import { Value } from '@sinclair/typebox/value'
import type { SettingName } from '../../schemas/env.ts'
import { ConfigChange, DEFAULT_THRESHOLDS, type RunTimeValues, type Threshold, type Thresholds } from '../../schemas/settings.ts'
import type { Config, SettingSources } from './config.ts'
import type { Fault } from '../core/errors.ts'
import type { StoredSetting } from '../store/hot/settings.ts'

/** All that may change while the service runs. */
export interface Values {
  thresholds: Thresholds
  settings: RunTimeValues
}

/** One value of them: what is stored, audited and told to come from somewhere as a whole. */
export interface Place {
  /** JSON pointer; the name under which it is stored. */
  path: string
  kind: 'threshold' | 'setting'
  name: string
  of: (values: Values) => unknown
  /** The setting that fixes it when it is given at the start. */
  variable?: SettingName
  /** What these drop is gone. */
  needsAdmin?: true
}

export const PLACES: readonly Place[] = [
  { path: '/thresholds/cpu_percent', kind: 'threshold', name: 'cpu_percent', of: ({ thresholds }) => thresholds.cpu_percent },
  { path: '/thresholds/memory_percent', kind: 'threshold', name: 'memory_percent', of: ({ thresholds }) => thresholds.memory_percent },
  { path: '/thresholds/latency_p95_ms', kind: 'threshold', name: 'latency_p95_ms', of: ({ thresholds }) => thresholds.latency_p95_ms },
  { path: '/settings/retention_days', kind: 'setting', name: 'retention_days', of: ({ settings }) => settings.retention_days, variable: 'RETENTION_DAYS', needsAdmin: true },
  { path: '/settings/retention_bytes', kind: 'setting', name: 'retention_bytes', of: ({ settings }) => settings.retention_bytes, variable: 'RETENTION_BYTES', needsAdmin: true },
  { path: '/settings/log_level', kind: 'setting', name: 'log_level', of: ({ settings }) => settings.log_level, variable: 'LOG_LEVEL' }
]

export function startValues ({ retentionDays, retentionBytes, logLevel }: Config): Values {
  return {
    thresholds: DEFAULT_THRESHOLDS,
    settings: { retention_days: retentionDays, retention_bytes: retentionBytes, log_level: logLevel }
  }
}

export function merged ({ thresholds, settings }: Values, change: ConfigChange): Values {
  return {
    thresholds: {
      cpu_percent: { ...thresholds.cpu_percent, ...change.thresholds?.cpu_percent },
      memory_percent: { ...thresholds.memory_percent, ...change.thresholds?.memory_percent },
      latency_p95_ms: { ...thresholds.latency_p95_ms, ...change.thresholds?.latency_p95_ms }
    },
    settings: { ...settings, ...change.settings }
  }
}

/** Undefined for what this version cannot take: it may be of another one. */
export function storedChange ({ name, value }: StoredSetting): ConfigChange | undefined {
  const [, section = '', member = ''] = name.split('/')
  const change: unknown = { [section]: { [member]: value } }
  return Value.Check(ConfigChange, change) ? change : undefined
}

/** Names each warning above its critical. */
export function swappedLimits (thresholds: Thresholds): Fault[] {
  return Object.entries<Threshold>(thresholds)
    .filter(([, { warning, critical }]) => warning > critical)
    .map(([name, { warning, critical }]) => ({
      path: `/thresholds/${name}/warning`, message: `must not be above critical (${critical}), got ${warning}`
    }))
}

/** Names each value that was set at the start, with the place where it can be changed. */
export function fixedValues (places: readonly Place[], sources: SettingSources): Fault[] {
  return places.flatMap(({ path, variable }) => {
    const source = variable === undefined ? undefined : sources[variable]
    return source === undefined ? [] : [{ path, message: `is set by ${variable} (${source}): change it there` }]
  })
}
