import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { Histogram } from '../../../schemas/event-query.ts'
import type { SeriesData } from '../../../schemas/sample.ts'
import { get } from '../../core/api.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { clockText, range, showRange } from '../../core/times.ts'
import { Bars, type Bar, type BarTone } from '../../ui/bars.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'

const BINS = matchMedia('(max-width: 759px)').matches ? 40 : 72
/** Above so many times what is usual in the lane a bar is coloured. */
const UNUSUAL = 3
const WAY_OVER = 8
const HEIGHT = 16
const MARKS = 5

interface Lane {
  name: string
  /** By bin; null where nothing is known. */
  values: ReadonlyArray<number | null>
  told: string
}

/** The range in lanes: each bar against what is usual in its own lane. */
export function Glance (): JSX.Element {
  const { from, to } = range.value
  const lanes = useResource(`${from} ${to}`, (signal) => readLanes(from, to, signal))
  const binMs = (to - from) / BINS
  return (
    <Panel title={`${spanText(to - from)} at a glance`} note={`one bar per ${spanText(binMs)}, select a span to zoom every panel`} isRefreshing={lanes.isLoading && lanes.data !== undefined}>
      <Loaded of={lanes} what='the lanes' height={140}>
        {(all) => (
          <div class='lanes'>
            {all.map((lane) => <LaneRow key={lane.name} lane={lane} from={from} to={to} />)}
            <span /><span class='axis'>{Array.from({ length: MARKS }, (_, at) => <span key={at}>{clockText(from + (to - from) * at / (MARKS - 1))}</span>)}</span><span />
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

function LaneRow ({ lane: { name, values, told }, from, to }: { lane: Lane, from: number, to: number }): JSX.Element {
  const began = useRef<number | undefined>(undefined)
  const selected = useSignal('')
  const at = (event: PointerEvent): number => {
    const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : { left: 0, width: 1 }
    return from + (to - from) * Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1)
  }
  return (
    <>
      <span>{name}</span>
      <div
        class='lane' title={selected.value === '' ? undefined : selected.value}
        onPointerDown={(event) => { began.current = at(event); event.currentTarget.setPointerCapture(event.pointerId) }}
        onPointerMove={(event) => { if (began.current !== undefined) selected.value = `${clockText(began.current)} to ${clockText(at(event))}` }}
        onPointerUp={(event) => {
          const start = began.current
          began.current = undefined
          selected.value = ''
          if (start !== undefined && Math.abs(at(event) - start) > (to - from) / BINS / 2) showRange(start, at(event))
        }}
      >
        <Bars height={HEIGHT} label={`${name}: ${told}`} bars={barsOf(values)} />
      </div>
      <span>{told}</span>
    </>
  )
}

/** Height is magnitude within the lane, colour how far above its median a bar is. */
function barsOf (values: ReadonlyArray<number | null>): Bar[] {
  const known = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  const usual = Math.max(known[Math.floor(known.length / 2)] ?? 0, (known.at(-1) ?? 0) / 20, 1e-9)
  const most = Math.max(known.at(-1) ?? 0, usual * UNUSUAL)
  const toneOf = (value: number): BarTone => value >= usual * WAY_OVER ? 'critical' : value >= usual * UNUSUAL ? 'warning' : 'calm'
  return values.map((value) => value === null ? { height: 0, tone: 'calm' } : { height: value / most, tone: toneOf(value) })
}

async function readLanes (from: number, to: number, signal: AbortSignal): Promise<Lane[]> {
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const errors = get<Histogram>('/events/histogram', { ...times, q: 'level>=error', bins: BINS }, { signal })
  const series = [
    { name: 'Latency p95', series: 'http_latency_p95_ms', labels: '{}' },
    { name: 'CPU', series: 'host_cpu_percent', labels: undefined },
    { name: 'Memory', series: 'host_memory_percent', labels: undefined }
  ].map(async ({ name, series, labels }): Promise<Lane> => {
    const data = await get<SeriesData>('/series/data', { name: series, labels, ...times, max_points: BINS * 2 }, { signal }).catch(() => undefined)
    return { name, values: binned(data, from, to), told: figureText(data?.points.at(-1)?.avg, data?.unit ?? null) }
  })
  const { bins } = await errors
  const lane: Lane = { name: 'Log errors', values: bins.map(({ total }) => total), told: countText(bins.reduce((sum, { total }) => sum + total, 0)) }
  return [lane, ...await Promise.all(series)]
}

function binned (data: SeriesData | undefined, from: number, to: number): Array<number | null> {
  const values = new Array<number | null>(BINS).fill(null)
  for (const { t, max } of data?.points ?? []) {
    const at = Math.floor((Date.parse(t) - from) / (to - from) * BINS)
    if (at >= 0 && at < BINS) values[at] = Math.max(values[at] ?? 0, max)
  }
  return values
}
