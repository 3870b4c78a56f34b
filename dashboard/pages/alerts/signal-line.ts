import type { Histogram } from '../../../schemas/event-query.ts'
import type { Rule, Signal } from '../../../schemas/rule.ts'
import type { Series, SeriesData } from '../../../schemas/sample.ts'
import { parseDuration } from '../../../src/core/duration.ts'
import { get } from '../../core/api.ts'
import { pointsOf, type SeriesPoints } from '../../core/series.ts'
import { countsOf } from './window-counts.ts'

interface Range {
  from: number
  to: number
}

type Watched = Pick<Rule, 'signal' | 'window' | 'aggregate'>
type Labels = Readonly<Record<string, string>>

const MOST_BINS = 500
/** So fine that the line crosses a limit where the rule does. */
const BINS_IN_WINDOW = 10
const MOST_POINTS = 600
const MOST_SERIES = 20

/** What a rule looks at over a range, as one line; `labels` are those of the group of one alert. Undefined for what cannot be drawn as one. */
export async function readLine (rule: Watched, { from, to }: Range, labels: Labels, signal: AbortSignal): Promise<SeriesPoints | undefined> {
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  if ('metric' in rule.signal) {
    const [series] = await seriesOf(rule.signal, labels, signal)
    if (series === undefined) return undefined
    return pointsOf(await get<SeriesData>('/series/data', { name: series.name, labels: JSON.stringify(series.labels), ...times, max_points: MOST_POINTS }, { signal }))
  }
  const query = queryOf(rule.signal)
  if (query === undefined) return undefined
  const windowMs = parseDuration(rule.window ?? '1m')
  const bins = Math.min(Math.max(Math.round((to - from + windowMs) / windowMs * BINS_IN_WINDOW), 1), MOST_BINS)
  const counted = await get<Histogram>('/events/histogram', { q: query, from: new Date(from - windowMs).toISOString(), to: times.to, bins }, { signal })
  return countsOf(counted, { windowMs, from, isRate: rule.aggregate === 'rate' })
}

/** The query of a rule that counts events. */
export function queryOf (signal: Signal): string | undefined {
  if ('events' in signal) return signal.events
  return 'absent' in signal ? signal.absent : undefined
}

/** The series that a rule looks at, of one group of it. */
export async function seriesOf (wanted: Extract<Signal, { metric: string }>, group: Labels, signal: AbortSignal): Promise<Series[]> {
  const { series } = await get<{ series: Series[] }>('/series', {}, { signal })
  const labels = Object.entries({ ...wanted.labels, ...group })
  return series.filter((one) => one.name === wanted.metric && labels.every(([name, value]) => (one.labels[name] ?? '') === value)).slice(0, MOST_SERIES)
}

const UNITS = ['bytes_per_second', 'percent', 'bytes', 'seconds', 'ratio', 'ms']

/** The unit of the value of a rule, by the name of its series as they are named. */
export function unitOfRule ({ signal, aggregate }: Pick<Rule, 'signal' | 'aggregate'>): string | null {
  if ('metric' in signal) return UNITS.find((unit) => signal.metric.endsWith(`_${unit}`)) ?? null
  return 'events' in signal && aggregate === 'rate' ? '/s' : null
}
