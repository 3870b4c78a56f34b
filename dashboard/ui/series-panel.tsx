import type { JSX } from 'preact'
import type { RuleView } from '../../schemas/rule.ts'
import { figure, spanText } from '../core/format.ts'
import { pageHref } from '../core/router.ts'
import { useSeries, type SeriesPoints } from '../core/series.ts'
import { now, range } from '../core/times.ts'
import { Badge } from './badge.tsx'
import { Chart } from './chart.tsx'
import type { Limit } from './limit-handle.tsx'
import { Loaded, Panel } from './panel.tsx'

interface ViewProps {
  title: string
  points: SeriesPoints
  least?: number
  /** What the value is of. */
  context: string
  /** Whose limits are drawn. */
  rule?: RuleView | undefined
  isRefreshing?: boolean
}

interface SeriesPanelProps extends Omit<ViewProps, 'points'> {
  series: string
  labels?: Record<string, string> | undefined
}

/** A value that follows the present is old when it is older than this and than so many of its steps. */
const OLD_MS = 30_000
const OLD_STEPS = 4
const NEVER_MEASURED = 404

/** A series with its newest value, and the limits of its rule. */
export function SeriesPanel ({ series, labels, ...view }: SeriesPanelProps): JSX.Element {
  const points = useSeries(series, labels)
  if (points.data !== undefined) return <SeriesView {...view} points={points.data} isRefreshing={points.isLoading} fault={<Loaded of={points} what={view.title}>{() => null}</Loaded>} />
  if (points.error?.status === NEVER_MEASURED) return <Panel title={view.title}><p class='muted'>Never measured here.</p></Panel>
  return <Panel title={view.title}><Loaded of={points} what={view.title} height={150}>{() => null}</Loaded></Panel>
}

/** Points that are there already, as a panel. */
export function SeriesView ({ title, points, least = 0, context, rule, isRefreshing = false, fault }: ViewProps & { fault?: JSX.Element }): JSX.Element {
  const limits = limitsOf(rule)
  const last = points.values.at(-1)
  const over = limits.find(({ value }) => last !== null && last !== undefined && last > value)
  const age = range.value.isLive && points.times.length > 0 ? now.value - (points.times.at(-1) ?? 0) : 0
  const isOld = age > Math.max(OLD_MS, OLD_STEPS * points.stepMs)
  return (
    <Panel title={title} note={isOld ? `${spanText(age)} old` : over === undefined ? undefined : <Badge tone={over.tone}>over</Badge>} isRefreshing={isRefreshing}>
      {fault}
      <div class={isOld ? 'stale' : ''}>
        <Value value={last} unit={points.unit} context={context} />
        <Chart name={title} unit={points.unit} points={points} range={range.value} least={least} limits={limits} />
      </div>
    </Panel>
  )
}

export function Value ({ value, unit, context }: { value: number | null | undefined, unit: string | null, context: string }): JSX.Element {
  const shown = figure(value, unit)
  return <p class='row'><span class='value'>{shown.number}<small>{shown.unit}</small></span><span class='small faint'>{context}</span></p>
}

/** Limits that lead to their rule, so that a slip here changes nothing; the graver first. */
function limitsOf (rule: RuleView | undefined): Limit[] {
  if (rule === undefined) return []
  return (['critical', 'warning'] as const).flatMap((tone) => {
    const level = rule.levels[tone]
    return level === undefined ? [] : [{ value: level.value, tone, href: pageHref('/dashboard/alerts', { rule: rule.id }) }]
  })
}
