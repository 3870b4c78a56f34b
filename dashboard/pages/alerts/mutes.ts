import type { Maintenance, MuteTarget, NewMaintenance, Silence } from '../../../schemas/alert.ts'
import { parseDuration } from '../../../src/core/duration.ts'
import { spanText } from '../../core/format.ts'

/** What a silence or a maintenance is about, in words; `ruleName` names a rule by its id. */
export function targetText ({ query, rule, labels }: MuteTarget, ruleName: (id: string) => string): string {
  const parts = [
    ...rule === undefined ? [] : [ruleName(rule)],
    ...labels === undefined ? [] : Object.entries(labels).map(([name, value]) => `${name} ${value}`),
    ...query === undefined || query === '' ? [] : [query]
  ]
  return parts.length === 0 ? 'every alert' : parts.join(', ')
}

/** Whether it holds back notices at a time, in ms since the epoch. */
export function isActive ({ ended_at: ended, until }: Pick<Silence, 'ended_at' | 'until'>, now: number): boolean {
  return ended === null && (until === null || Date.parse(until) > now)
}

/** Those in force first; among them, and among those that are over, the newest first. */
export function silencesInOrder (silences: readonly Silence[], now: number): Silence[] {
  return silences.toSorted((a, b) => Number(isActive(b, now)) - Number(isActive(a, now)) || b.created_at.localeCompare(a.created_at))
}

/** When a maintenance is: once, or again and again. */
export function whenText ({ cron, time_zone: zone, duration, from }: Pick<Maintenance, 'cron' | 'time_zone' | 'duration' | 'from'>, clock: (ms: number) => string): string {
  const long = spanText(parseDuration(duration))
  if (cron !== undefined) return `${long}, again and again: ${cron}${zone === undefined ? '' : ` in ${zone}`}`
  const began = from === undefined ? NaN : Date.parse(from)
  return Number.isNaN(began) ? long : `${long} from ${clock(began)}`
}

/** The maintenance that a form says, by the names of its fields, or what is wrong with it. */
export function maintenanceOf (text: (name: string) => string, readTime: (text: string) => number | undefined): NewMaintenance | string {
  const from = text('when') === 'time' ? readTime(text('from')) : undefined
  if (text('when') === 'time' && from === undefined) return 'A time is like 2026-01-31 14:00, today 22:00 or 2026-01-31T14:00:00Z.'
  const optional = ['rule', 'query', 'reason', ...text('when') === 'cron' ? ['cron', 'time_zone'] : []]
  return {
    name: text('name'),
    duration: text('duration'),
    ...from === undefined ? {} : { from: new Date(from).toISOString() },
    ...Object.fromEntries(optional.flatMap((name) => text(name) === '' ? [] : [[name, text(name)]]))
  }
}
