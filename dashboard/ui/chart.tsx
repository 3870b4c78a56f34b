import { useEffect, useId, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import Plot from 'uplot'
import { figureText } from '../core/format.ts'
import { clockText, fullText, preciseText, showRange, zoomOut, type Range } from '../core/times.ts'
import { LimitHandle, type Limit } from './limit-handle.tsx'
import { colour, themeVersion } from './theme.ts'

/** Times in ms since the epoch; a null value is a gap in the line. */
export interface Points {
  times: readonly number[]
  values: ReadonlyArray<number | null>
}

interface ChartProps {
  name: string
  unit: string | null
  points: Points
  range: Pick<Range, 'from' | 'to'>
  height?: number
  /** What the scale shows at least. */
  least?: number
  limits?: readonly Limit[]
  /** Moments that are marked by a line. */
  marks?: ReadonlyArray<{ at: number, name: string }>
}

const AXIS_SIZE = 46
const SYNC = 'page'
const EMPTY_TOP = 1
const GRIP_HEIGHT = 24
const GRIP_WIDTH = 70

/** A line over time with its limits. Dragging zooms the whole page, a double click zooms out. */
export function Chart ({ name, unit, points, range, height = 120, least = 0, limits = [], marks = [] }: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const plotted = useSignal<{ top: number, height: number, most: number, width: number } | undefined>(undefined)
  const tip = useSignal<{ left: number, text: string } | undefined>(undefined)
  const isTable = useSignal(false)
  const id = useId()
  const held = useSignal<number | undefined>(undefined)
  const most = held.value ?? (unit === 'percent' ? 100 : mostOf(points, limits, least))

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const made = new Plot(optionsOf({ unit, height, width: element.clientWidth, marks, most }), dataOf(points), element)
    plot.current = made
    made.setScale('x', { min: range.from / 1_000, max: range.to / 1_000 })
    const show = (): void => { plotted.value = { top: made.bbox.top / devicePixelRatio, height: made.bbox.height / devicePixelRatio, most, width: made.bbox.width / devicePixelRatio } }
    show()
    made.hooks.setCursor = [() => { tip.value = tipOf(made, unit) }]
    made.hooks.setSelect = [() => {
      if (made.select.width < 4) return
      showRange(made.posToVal(made.select.left, 'x') * 1_000, made.posToVal(made.select.left + made.select.width, 'x') * 1_000)
    }]
    const resize = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height })
      show()
    })
    resize.observe(element)
    return () => { resize.disconnect(); made.destroy() }
  }, [unit, height, most, themeVersion.value, marks.map(({ at }) => at).join()])

  useEffect(() => {
    plot.current?.setData(dataOf(points), false)
    plot.current?.setScale('x', { min: range.from / 1_000, max: range.to / 1_000 })
  }, [points, range.from, range.to])

  return (
    <figure class='chart' aria-labelledby={id} onDblClick={zoomOut}>
      <figcaption id={id} class='hidden'>{inWords(name, unit, points, limits)}</figcaption>
      <div ref={box} style={{ height: `${height}px` }} aria-hidden='true' />
      {plotted.value === undefined ? null : placed(limits, plotted.value).map(({ limit, shift }) => <LimitHandle key={limit.tone} limit={limit} unit={unit} name={name} area={plotted.value ?? { top: 0, height: 0, most, width: 0 }} left={AXIS_SIZE} shift={shift} onDrag={(isDragged) => { held.value = isDragged ? most : undefined }} />)}
      {tip.value === undefined ? null : <div class='chart-tip' style={{ left: `${tip.value.left}px` }}>{tip.value.text}</div>}
      <button type='button' class='button plain small chart-table' aria-expanded={isTable.value} onClick={() => { isTable.value = !isTable.value }}>{isTable.value ? 'Hide table' : 'View as table'}</button>
      {isTable.value ? <PointsTable points={points} unit={unit} name={name} /> : null}
    </figure>
  )
}

/** Grips that would cover each other stand side by side. */
function placed (limits: readonly Limit[], { height, most }: { height: number, most: number }): Array<{ limit: Limit, shift: number }> {
  return limits.map((limit, at) => {
    const before = limits[at - 1]
    const isClose = before !== undefined && Math.abs(before.value - limit.value) / most * height < GRIP_HEIGHT
    return { limit, shift: isClose ? GRIP_WIDTH : 0 }
  })
}

function dataOf ({ times, values }: Points): Plot.AlignedData {
  return [times.map((time) => time / 1_000), [...values]]
}

function optionsOf ({ unit, height, width, marks, most }: { unit: string | null, height: number, width: number, marks: ChartProps['marks'], most: number }): Plot.Options {
  const axis = { stroke: colour('faint'), font: '11px system-ui', ticks: { show: false } }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { sync: { key: SYNC }, y: false, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: true }, y: { range: [0, most] } },
    axes: [
      { ...axis, size: 22, space: 90, grid: { show: false }, values: (_plot, splits) => splits.map((at) => tickText(at * 1_000, (splits[1] ?? Infinity) - (splits[0] ?? 0))) },
      { ...axis, size: AXIS_SIZE, space: 34, grid: { stroke: colour('line'), width: 1 }, values: (_plot, splits) => splits.map((value) => figureText(value, unit)) }
    ],
    series: [{}, { stroke: colour('series-1'), width: 1.5, fill: colour('area'), spanGaps: false, points: { show: false } }],
    hooks: { draw: [(plot) => drawMarks(plot, marks ?? [])] }
  }
}

/** With seconds where the ticks lie closer than a minute. */
function tickText (ms: number, apartSeconds: number): string {
  return apartSeconds < 60 ? preciseText(ms).slice(0, 8) : clockText(ms)
}

function drawMarks ({ ctx, bbox, valToPos }: Plot, marks: NonNullable<ChartProps['marks']>): void {
  ctx.save()
  ctx.strokeStyle = colour('anomaly')
  ctx.setLineDash([3, 3])
  for (const { at } of marks) {
    const x = Math.round(valToPos(at / 1_000, 'x', true))
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}

function tipOf (plot: Plot, unit: string | null): { left: number, text: string } | undefined {
  const { idx, left = 0 } = plot.cursor
  const [time, value] = [plot.data[0][idx ?? -1], plot.data[1]?.[idx ?? -1]]
  if (time === undefined || value === null || value === undefined || left < 0) return undefined
  return { left: Math.min(AXIS_SIZE + left + 8, Math.max(plot.width - 150, 0)), text: `${clockText(time * 1_000)}  ${figureText(value, unit)}` }
}

/** The top of the scale: what is drawn, the limits, and a little more. */
function mostOf ({ values }: Points, limits: readonly Limit[], least: number): number {
  const highest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
  const top = Math.max(highest * 1.15, ...limits.map(({ value }) => value * 1.2), least, 0)
  if (top <= 0) return EMPTY_TOP
  const step = 10 ** Math.floor(Math.log10(top)) / 2
  return Math.ceil(top / step) * step
}

function inWords (name: string, unit: string | null, { values }: Points, limits: readonly Limit[]): string {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return `${name}: nothing was measured in this range`
  const least = known.reduce((low, value) => Math.min(low, value), Infinity)
  const highest = known.reduce((high, value) => Math.max(high, value), -Infinity)
  const told = limits.map(({ value, tone }) => `, ${tone} limit ${figureText(value, unit)}`).join('')
  return `${name}: now ${figureText(known.at(-1), unit)}, lowest ${figureText(least, unit)}, highest ${figureText(highest, unit)}${told}`
}

const MOST_ROWS = 200

function PointsTable ({ points: { times, values }, unit, name }: { points: Points, unit: string | null, name: string }): JSX.Element {
  const step = Math.max(Math.ceil(times.length / MOST_ROWS), 1)
  const rows = times.map((time, at) => ({ time, value: values[at] ?? null })).filter((_, at) => at % step === 0).reverse()
  return (
    <div class='chart-rows' tabIndex={0} role='region' aria-label={`${name} as a table`}>
      <table>
        <thead><tr><th scope='col'>Time</th><th scope='col' class='number'>{name}</th></tr></thead>
        <tbody>{rows.map(({ time, value }) => <tr key={time}><td>{fullText(time)}</td><td class='number'>{value === null ? 'missing' : figureText(value, unit)}</td></tr>)}</tbody>
      </table>
    </div>
  )
}
