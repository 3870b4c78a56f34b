import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Level } from '../../../schemas/event.ts'
import type { Histogram } from '../../../schemas/event-query.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { useResource } from '../../core/resource.ts'
import { range } from '../../core/times.ts'
import { eventRate } from '../../stream/live.ts'
import { Chart, type Points } from '../../ui/chart.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { SeriesPanel, Value } from '../../ui/series-panel.tsx'

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
      {SERIES.map((one) => <SeriesPanel key={one.series} {...one} rule={rules?.find(({ id }) => id === one.rule)} />)}
      <EventsPanel />
    </div>
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
