import type { JSX } from 'preact'
import type { SeriesData } from '../../../schemas/sample.ts'
import { get } from '../../core/api.ts'
import { useResource } from '../../core/resource.ts'
import { pointsOf } from '../../core/series.ts'
import { Sparkline } from '../../ui/sparkline.tsx'

const POINTS = 150
const WEEK_MS = 604_800_000

interface TrendProps {
  series: string
  title: string
  warning: number
  critical: number
}

/** A week of a signal with both limits as they are typed. */
export function ThresholdTrend ({ series, title, warning, critical }: TrendProps): JSX.Element | null {
  const week = useResource(series, async (signal) => pointsOf(await get<SeriesData>('/series/data', { name: series, labels: '{}', from: '-7d', max_points: POINTS }, { signal })))
  if (week.error !== undefined) return <span class='faint'>{week.error.status === 404 ? 'never measured' : `not known: ${week.error.message}`}</span>
  if (week.data === undefined) return null
  const to = Date.now()
  const highest = week.data.values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0)
  return <Sparkline {...week.data} from={to - WEEK_MS} to={to} most={Math.max(highest, warning || 0, critical || 0) * 1.1} limits={[{ value: warning, tone: 'warning' }, { value: critical, tone: 'critical' }]} label={`${title}, highest of 7 days ${Math.round(highest)}`} />
}
