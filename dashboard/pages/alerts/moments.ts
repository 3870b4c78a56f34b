import type { AlertFile } from '../../../schemas/alert.ts'
import { isRecord } from '../../../src/core/is-record.ts'
import type { Evidence, FrozenEvent, SettingChange } from './evidence.ts'
import { transitionText } from './words.ts'

export const LANES = ['Alert', 'Events', 'Deploys', 'Restarts', 'Changes', 'Processes'] as const
export type Lane = typeof LANES[number]
/** What one of a lane is called. */
export const LANE_WORDS: Readonly<Record<Lane, string>> = { Alert: 'this alert', Events: 'event', Deploys: 'deploy', Restarts: 'restart', Changes: 'change', Processes: 'process' }

/** Something that happened at a time, whatever told of it. */
export interface Moment {
  at: number
  lane: Lane
  text: string
  tone: 'critical' | 'warning' | 'healthy' | 'calm'
  /** Of the event that it is. */
  event?: string
}

/** No farther from the crossing than this is drawn. */
const MOST_MS = 3_600_000
const LEAST_MS = 60_000
const PAD = 0.04
const GRAVE = new Set(['ERROR', 'FATAL'])
const ACTIONS: Readonly<Record<string, string>> = {
  'threshold.update': 'changed the threshold',
  'setting.update': 'changed the setting',
  'rule.create': 'made the rule',
  'rule.update': 'changed the rule',
  'rule.delete': 'removed the rule'
}

/** All that the alert and its evidence tell, oldest first; of the same moment what may be the cause comes before the alert. */
export function momentsOf ({ timeline }: Pick<AlertFile, 'timeline'>, { events, deploys, restarts, changes, processes }: Evidence): Moment[] {
  const moments: Moment[] = [
    ...changes.map((change): Moment => ({ at: change.time, lane: 'Changes', text: changeText(change), tone: 'calm' })),
    ...restarts.map(({ time, service }): Moment => ({ at: time, lane: 'Restarts', text: `${service ?? 'a service'} started`, tone: 'calm' })),
    ...deploys.map((one) => eventMoment(one, 'Deploys')),
    ...processes.flatMap(({ name, pid, startedAt }): Moment[] => startedAt === undefined ? [] : [{ at: startedAt, lane: 'Processes', text: `${name} (${pid}) began`, tone: 'calm' }]),
    ...events.map((one) => eventMoment(one, 'Events')),
    ...timeline.map((entry): Moment => ({ at: Date.parse(entry.time), lane: 'Alert', text: transitionText(entry), tone: entry.to === 'resolved' ? 'healthy' : entry.severity ?? 'warning' }))
  ]
  return moments.sort((a, b) => a.at - b.at)
}

function eventMoment ({ id, time, level, service, message }: FrozenEvent, lane: Lane): Moment {
  const tone = GRAVE.has(level) ? 'critical' : level === 'WARN' ? 'warning' : 'calm'
  return { at: time, lane, text: `${service === undefined ? '' : `${service}: `}${message}`, tone, ...id === '' ? {} : { event: id } }
}

function changeText ({ action, actor, target, detail }: SettingChange): string {
  const name = typeof detail['name'] === 'string' ? detail['name'] : target
  return `${actor ?? 'The service'} ${ACTIONS[action] ?? action} ${name}${differenceText(detail['from'], detail['to'])}`
}

/** What differs between two values of a setting: `: warning 80 to 10`. */
function differenceText (from: unknown, to: unknown): string {
  if (from === undefined && to === undefined) return ''
  if (!isRecord(from) || !isRecord(to)) return `: ${String(from)} to ${String(to)}`
  const changed = Object.keys({ ...from, ...to }).filter((name) => from[name] !== to[name])
  return changed.length === 0 ? '' : `: ${changed.map((name) => `${name} ${String(from[name])} to ${String(to[name])}`).join(', ')}`
}

/** The stretch of time on which all of it is drawn, in ms since the epoch: an hour at most on each side of the crossing. */
export function axisOf (moments: readonly Moment[], points: ReadonlyArray<{ time: number }>, crossedAt: number): { from: number, to: number } {
  const times = [...moments.map(({ at }) => at), ...points.map(({ time }) => time), crossedAt].filter((time) => Math.abs(time - crossedAt) <= MOST_MS)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const pad = Math.max((last - first) * PAD, (LEAST_MS - (last - first)) / 2)
  return { from: Math.floor(first - pad), to: Math.ceil(last + pad) }
}

interface Line {
  times: number[]
  values: Array<number | null>
}

/** The line of a series with the frozen points in their place: they say what was compared, whatever is kept of it now. */
export function mergedLine (kept: { times: readonly number[], values: ReadonlyArray<number | null> } | undefined, frozen: ReadonlyArray<{ time: number, value: number }>): Line {
  const [first, last] = [frozen[0]?.time ?? Infinity, frozen.at(-1)?.time ?? -Infinity]
  const stored = (kept?.times ?? []).map((time, at) => ({ time, value: kept?.values[at] ?? null })).filter(({ time }) => time < first || time > last)
  const all = [...stored, ...frozen].sort((a, b) => a.time - b.time)
  return { times: all.map(({ time }) => time), values: all.map(({ value }) => value) }
}
