import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Level } from '../../../schemas/event.ts'
import type { Histogram } from '../../../schemas/event-query.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { figure } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { pageHref } from '../../core/router.ts'
import { useSeries } from '../../core/series.ts'
import { range } from '../../core/times.ts'
import { eventRate, isStale } from '../../stream/live.ts'
import { Badge } from '../../ui/badge.tsx'
import { Chart, type Points } from '../../ui/chart.tsx'
import type { Limit } from '../../ui/limit-handle.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'

const SERIES = [
  { title: 'CPU', series: 'host_cpu_percent', labels: undefined, rule: 'builtin-cpu', least: 100, context: 'host' },
  { title: 'Memory', series: 'host_memory_percent', labels: undefined, rule: 'builtin-memory', least: 100, context: 'host' },
  { title: 'Latency p95', series: 'http_latency_p95_ms', labels: {}, rule: 'builtin-latency-p95', least: 0, context: 'this service' }
] as const
const BINS = 120

/** What the machine and the service do, against their limits. */
export function Charts ({ rules }: { rules: readonly RuleView[] | undefined }): JSX.Element {
  return (
    <div class='four'>
      {SERIES.map((one) => <SeriesPanel key={one.series} {...one} found={rules?.find(({ id }) => id === one.rule)} />)}
      <EventsPanel />
    </div>
  )
}

interface SeriesPanelProps {
  title: string
  series: string
  labels: Record<string, string> | undefined
  least: number
  context: string
  found: RuleView | undefined
}

function SeriesPanel ({ title, series, labels, least, context, found }: SeriesPanelProps): JSX.Element {
  const points = useSeries(series, labels)
  const limits = limitsOf(found)
  const last = points.data?.values.at(-1)
  const over = limits.filter(({ value }) => last !== null && last !== undefined && last > value).at(-1)
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

function EventsPanel (): JSX.Element {
  const { from, to } = range.value
  const histogram = useResource(`${from} ${to}`, (signal) => get<Histogram>('/events/histogram', { from: new Date(from).toISOString(), to: new Date(to).toISOString(), bins: BINS }, { signal }))
  const points = useMemo(() => pointsOf(histogram.data), [histogram.data])
  const [total, errors] = sums(histogram.data)
  return (
    <Panel title='Events' isRefreshing={histogram.isLoading && histogram.data !== undefined}>
      <Loaded of={histogram} what='the events' height={150}>
        {() => (
          <>
            <Value value={eventRate.value} unit='/s' context={total === 0 ? 'none in this range' : `${(errors / total * 100).toFixed(1)}% errors`} />
            <Chart name='Events a second' unit='/s' points={points} range={range.value} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function Value ({ value, unit, context }: { value: number | null | undefined, unit: string | null, context: string }): JSX.Element {
  const shown = figure(value, unit)
  return <p class='row'><span class='value'>{shown.number}<small>{shown.unit}</small></span><span class='small faint'>{context}</span></p>
}

/** Limits that lead to their rule, so that a slip here changes nothing. */
function limitsOf (rule: RuleView | undefined): Limit[] {
  if (rule === undefined) return []
  return (['critical', 'warning'] as const).flatMap((tone) => {
    const level = rule.levels[tone]
    return level === undefined ? [] : [{ value: level.value, tone, href: pageHref('/dashboard/alerts', { rule: rule.id }) }]
  })
}

function pointsOf (histogram: Histogram | undefined): Points {
  const bins = histogram?.bins ?? []
  return { times: bins.map(({ time }) => Date.parse(time)), values: bins.map(({ total }) => total * 1_000 / (histogram?.bin_ms ?? 1_000)) }
}

function errorsIn (counts: Partial<Record<Level, number>>): number {
  return (counts.ERROR ?? 0) + (counts.FATAL ?? 0)
}

function sums (histogram: Histogram | undefined): [total: number, errors: number] {
  const bins = histogram?.bins ?? []
  const errors = bins.reduce((sum, { by_level: by }) => sum + errorsIn(by), 0)
  return [bins.reduce((sum, { total }) => sum + total, 0), errors]
}
