import {
  THRESHOLD_NAMES, type Integration, type IntegrationSetting, type TelexMessage, type ThresholdName, type TickSetting, type TickThresholds
} from '../../schemas/integration.ts'
import type { Fault } from '../core/errors.ts'
import { formatNumber } from './fields.ts'
import { endpointOf, type HostList } from '../core/net/host-list.ts'
import { isPrivate, judgeForm, type Judgement } from './guard.ts'
import { TELEX_NAME } from './telex.ts'

const LEVELS = ['warning', 'critical'] as const
type Level = typeof LEVELS[number]

const MEASURES: Readonly<Record<ThresholdName, { title: string, unit: string, most: number }>> = {
  cpu_percent: { title: 'CPU', unit: '%', most: 100 },
  memory_percent: { title: 'Memory', unit: '%', most: 100 },
  latency_p95_ms: { title: 'Latency p95', unit: 'ms', most: 3_600_000 }
}

/** The day on which what follows last changed in a way that Telex shows. */
const DATES = { created_at: '2026-11-22', updated_at: '2026-11-22' }
const EVENT_NAME = 'Performance check'

/** Makes what Telex reads to install the service as an interval integration; the thresholds that hold are its defaults. */
export function integrationOf (baseUrl: string, thresholds: TickThresholds): Integration {
  return {
    data: {
      date: DATES,
      descriptions: {
        app_name: 'Bellwether',
        app_description: 'Watches CPU, memory and request latency, and tells the channel when one passes its limit',
        app_logo: `${baseUrl}/logo.svg`,
        app_url: baseUrl,
        background_color: '#ffffff'
      },
      is_active: true,
      integration_category: 'Performance Monitoring',
      integration_type: 'interval',
      key_features: [
        'Tells the 95th percentile of request latency, and when it passes 100 and 500 ms or limits of your own',
        'Tells the CPU and memory use of the host, with limits for a warning and for a critical state',
        'Alerts carry their evidence, and every delivery can be checked'
      ],
      author: 'Bellwether',
      website: baseUrl,
      settings: [{ label: 'interval', type: 'text', required: true, default: '* * * * *' }, ...settingsOf(thresholds)],
      target_url: '',
      tick_url: `${baseUrl}/tick`
    }
  }
}

function settingsOf (thresholds: TickThresholds): IntegrationSetting[] {
  return THRESHOLD_NAMES.flatMap((name) => LEVELS.map((level) => ({
    label: labelOf(name, level),
    type: 'number',
    required: false,
    default: thresholds[name][level],
    description: `${MEASURES[name].title} in ${MEASURES[name].unit} from which the state is ${level}`
  } as const)))
}

/**
 * Reads the settings of a tick over the thresholds that hold: a setting counts for the threshold whose label it has, in any
 * case and whatever stands between the words, and its value, a number or the text of one, stands in `default`. An empty or missing value
 * and a label that is not ours change nothing. Each value that will not do is told with its path.
 */
export function readTickSettings (settings: readonly TickSetting[], thresholds: TickThresholds): { thresholds: TickThresholds, faults: Fault[] } {
  const read = structuredClone<Record<ThresholdName, Record<Level, number>>>(thresholds)
  const faults: Fault[] = []
  for (const [index, setting] of settings.entries()) {
    const target = targetOf(setting.label)
    if (target === undefined || (setting.default ?? '') === '') continue
    const { title, unit, most } = MEASURES[target.name]
    const value = numberOf(setting.default)
    if (value >= 0 && value <= most) read[target.name][target.level] = value
    else faults.push({ path: `/settings/${index}/default`, message: `${title} must be a number of ${unit}, 0..${most}` })
  }
  return { thresholds: read, faults: [...faults, ...THRESHOLD_NAMES.filter((name) => read[name].warning > read[name].critical).map(crossed)] }
}

function crossed (name: ThresholdName): Fault {
  return { path: '/settings', message: `${labelOf(name, 'warning')} must not be above ${labelOf(name, 'critical')}` }
}

function labelOf (name: ThresholdName, level: Level): string {
  return `${name}.${level}`
}

function targetOf (label: string): { name: ThresholdName, level: Level } | undefined {
  const targets = THRESHOLD_NAMES.flatMap((name) => LEVELS.map((level) => ({ name, level })))
  return targets.find(({ name, level }) => plain(labelOf(name, level)) === plain(label))
}

function plain (label: string): string {
  return label.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function numberOf (value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*\d{1,9}(?:\.\d{1,9})?\s*$/.test(value) ? Number(value) : NaN
}

/** Names no address: whoever sends a tick is nobody, and is not told what a name means in this network. */
export const NOT_FOR_TICKS = 'must be at a public address of a host that TICK_ALLOW names, on port 443 or 80 unless another is named there; a private one must stand in WEBHOOK_ALLOW too'

/**
 * Judges where a tick wants its answer: a host that `TICK_ALLOW` names, at an address that the guard lets through. Without a port there, it
 * is one of the web, or one at which `WEBHOOK_ALLOW` lets the host be called.
 */
export function judgeReturnUrl (text: string, { tickHosts, allow }: { tickHosts: HostList, allow: HostList }): Judgement {
  const judged = judgeForm(text)
  if (judged.refusal !== undefined) return judged
  const endpoint = endpointOf(judged.url)
  const isNamed = tickHosts.hasHost(endpoint, allow.hasHost(endpoint) ? 'all' : 'web')
  return isNamed && !isPrivate(judged.url, allow) ? judged : { refusal: NOT_FOR_TICKS }
}

/** What was measured just now; null is not known. */
export type Measured = Readonly<Record<ThresholdName, number | null>>

/** Judges what was measured and puts it into words for Telex: a line for each figure, the worst one as the status. */
export function tickMessage (measured: Measured, thresholds: TickThresholds): TelexMessage {
  const states = THRESHOLD_NAMES.map((name) => ({ name, level: levelOf(measured[name], thresholds[name]) }))
  const isAt = (level: Level): boolean => states.some((state) => state.level === level)
  return {
    event_name: EVENT_NAME,
    message: states.map(({ name, level }) => lineOf(name, measured[name], { level, ...thresholds[name] })).join('\n'),
    status: isAt('critical') ? 'error' : isAt('warning') ? 'warning' : 'success',
    username: TELEX_NAME
  }
}

function levelOf (value: number | null, { warning, critical }: Record<Level, number>): Level | undefined {
  if (value === null || value < warning) return undefined
  return value >= critical ? 'critical' : 'warning'
}

function lineOf (name: ThresholdName, value: number | null, { level, warning, critical }: { level: Level | undefined, warning: number, critical: number }): string {
  const { title, unit } = MEASURES[name]
  if (value === null) return `${title}: not measured yet`
  const limits = `warning at ${formatNumber(warning)}, critical at ${formatNumber(critical)}`
  return `${title}: ${formatNumber(value)} ${unit}, ${level ?? 'fine'} (${limits})`
}
