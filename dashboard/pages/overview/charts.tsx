import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Overview } from '../../../schemas/overview.ts'
import { pointsOf } from '../../core/series.ts'
import { range } from '../../core/times.ts'
import { eventRate } from '../../stream/live.ts'
import { Chart } from '../../ui/chart.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SeriesView, Value } from '../../ui/series-panel.tsx'

const CHARTS = [
  { title: 'CPU', rule: 'builtin-cpu', least: 100, context: 'host' },
  { title: 'Memory', rule: 'builtin-memory', least: 100, context: 'host' },
  { title: 'Latency p95', rule: 'builtin-latency-p95', least: 0, context: 'this service' }
] as const
const NONE: Overview['charts'][number] = { rule: '', name: '', labels: {}, unit: null, step_ms: 1_000, points: [] }

interface Props {
  data: Overview
  isRefreshing: boolean
}

/** What the machine and the service do, against their limits. */
export function Charts (props: Props): JSX.Element {
  return (
    <div class='four'>
      {CHARTS.map((one) => <OneChart key={one.rule} {...one} {...props} />)}
      <EventsPanel {...props} />
    </div>
  )
}

function OneChart ({ data, rule: id, ...more }: Props & { title: string, rule: string, least: number, context: string }): JSX.Element {
  const chart = data.charts.find(({ rule }) => rule === id)
  const points = useMemo(() => pointsOf(chart ?? NONE), [chart])
  if (chart === undefined) return <Panel title={more.title}><p class='muted'>Never measured here.</p></Panel>
  return <SeriesView points={points} rule={data.rules.find((rule) => rule.id === id)} {...more} />
}

function EventsPanel ({ data: { events }, isRefreshing }: Props): JSX.Element {
  const points = useMemo(() => ({ times: events.bins.map(({ time }) => Date.parse(time)), values: events.bins.map(({ total }) => total * 1_000 / events.bin_ms) }), [events])
  return (
    <Panel title='Events' isRefreshing={isRefreshing}>
      <Value value={eventRate.value} unit='/s' context={events.total === 0 ? 'none in this range' : `${(events.errors / events.total * 100).toFixed(1)}% errors`} />
      <Chart name='Events a second' unit='/s' points={points} range={range.value} />
    </Panel>
  )
}
