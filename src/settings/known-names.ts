import type { Rule } from '../../schemas/rule.ts'
import { BUILT_IN_SERIES, RESERVED_SERIES } from '../monitor/built-in-series.ts'
import type { Fault } from '../core/errors.ts'
import { closeName } from './did-you-mean.ts'

/** What there is beside the configuration file: in the settings, built in, and in the store. */
export interface KnownNames {
  /** Names and ids. */
  channels: readonly string[]
  /** Ids. */
  rules: readonly string[]
  series: readonly string[]
}

interface Entries {
  rules: ReadonlyArray<{ rule: Rule }>
  channels: ReadonlyArray<{ id: string, channel: { name: string, fallback?: string | null } }>
  silences: ReadonlyArray<{ silence: { rule?: string } }>
  /** Own numbers that the file says will come. */
  series: readonly string[]
}

/** Finds everything that the file names and that there is not. Paths are JSON pointers into the file. */
export function nameFaults ({ rules, channels, silences, series }: Entries, known: KnownNames): Fault[] {
  const ids = [...rules.map(({ rule }) => rule.id), ...known.rules]
  const rooms = [...channels.flatMap(({ id, channel }) => [channel.name, id]), ...known.channels]
  const numbers = [...BUILT_IN_SERIES, ...series, ...known.series]
  return [
    ...rules.flatMap(({ rule }, at) => ruleFaults(rule, `/rules/${at}`, { ids, rooms, numbers })),
    ...channels.flatMap(({ channel: { fallback } }, at) => unknown([fallback ?? []].flat(), rooms, () => `/channels/${at}/fallback`, 'channel')),
    ...silences.flatMap(({ silence: { rule } }, at) => unknown([rule ?? []].flat(), ids, () => `/silences/${at}/rule`, 'rule')),
    ...series.flatMap((name, at) => BUILT_IN_SERIES.includes(name) || !RESERVED_SERIES.test(name) ? [] : seriesFaults(name, BUILT_IN_SERIES, `/series/${at}`))
  ]
}

function ruleFaults ({ signal, channels, levels, escalate, depends_on: causes = [] }: Rule, path: string, { ids, rooms, numbers }: Record<'ids' | 'rooms' | 'numbers', string[]>): Fault[] {
  const named = { '/channels': channels, '/levels/warning/channels': levels.warning?.channels, '/levels/critical/channels': levels.critical?.channels, '/escalate/channels': escalate?.channels }
  return [
    ...'metric' in signal ? seriesFaults(signal.metric, numbers, `${path}/signal/metric`) : [],
    ...Object.entries(named).flatMap(([place, names = []]) => unknown(names, rooms, (at) => `${path}${place}/${at}`, 'channel')),
    ...unknown(causes, ids, (at) => `${path}/depends_on/${at}`, 'rule')
  ]
}

function seriesFaults (name: string, known: readonly string[], path: string): Fault[] {
  if (known.includes(name)) return []
  const why = RESERVED_SERIES.test(name) ? 'the service measures no such thing' : 'own numbers must have been sent once, or be named under series: of this file'
  const near = closeName(name, known)
  return [{ path, message: `there is no series ${JSON.stringify(name)}: ${why}${near === undefined ? '' : `; did you mean ${near}?`}` }]
}

function unknown (names: readonly string[], known: readonly string[], placeOf: (at: number) => string, what: 'channel' | 'rule'): Fault[] {
  return names.flatMap((name, at) => known.includes(name) ? [] : [{ path: placeOf(at), message: `there is no ${what} ${JSON.stringify(name)} in this file or in the store` }])
}
