import type { JSX } from 'preact'
import type { RuleView } from '../../schemas/rule.ts'
import { figure } from '../core/format.ts'
import { pageHref } from '../core/router.ts'
import { useSeries } from '../core/series.ts'
import { range } from '../core/times.ts'
import { isStale } from '../stream/live.ts'
import { Badge } from './badge.tsx'
import { Chart } from './chart.tsx'
import type { Limit } from './limit-handle.tsx'
import { Loaded, Panel } from './panel.tsx'

interface SeriesPanelProps {
  title: string
  series: string
  labels?: Record<string, string> | undefined
  least?: number
  /** What the value is of. */
  context: string
  /** Whose limits are drawn. */
  rule?: RuleView | undefined
}

/** A series with its newest value, and the limits of its rule. */
export function SeriesPanel ({ title, series, labels, least = 0, context, rule }: SeriesPanelProps): JSX.Element {
  const points = useSeries(series, labels)
  const limits = limitsOf(rule)
  const last = points.data?.values.at(-1)
  const over = limits.find(({ value }) => last !== null && last !== undefined && last > value)
  return (
    <Panel title={title} note={over === undefined ? undefined : <Badge tone={over.tone}>over</Badge>} isRefreshing={points.isLoading && points.data !== undefined}>
      <Loaded of={points} what={title} height={150}>
        {(data) => (
          <div class={isStale.value ? 'stale' : ''}>
            <Value value={last} unit={data.unit} context={context} />
            <Chart name={title} unit={data.unit} points={data} range={range.value} least={least} limits={limits} />
          </div>
        )}
      </Loaded>
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
