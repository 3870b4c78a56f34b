import { useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { signal, useSignal, type Signal } from '@preact/signals'
import { figureText } from '../core/format.ts'
import { clockText, offsetMs, preciseText, showRange, zoomOut, type Range } from '../core/times.ts'
import { inWords, PointsTable } from './chart-words.tsx'
import { Crosshair } from './crosshair.tsx'
import { LimitHandle, type Limit } from './limit-handle.tsx'
import { pathsOf, summaryOf, timeTicks, topOf, type Plane, type Points } from './plot.ts'

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

const LEFT = 46
const TOP = 8
const BOTTOM = 20
const FEW_LINES = 2
const MANY_LINES = 4
const MANY_FROM_PX = 160
const GRIP_HEIGHT = 24
const GRIP_WIDTH = 70
const LEAST_DRAG_PX = 4

/** Where the pointer is, in ms since the epoch, and on which chart: the crosshair of all of them. */
const pointed = signal<{ at: number, chart: string } | undefined>(undefined)

/** A line over time with its limits. Dragging zooms the whole page, a double click zooms out. */
export function Chart ({ name, unit, points, range: { from, to }, height = 112, least = 0, limits = [], marks = [] }: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const width = useSignal(0)
  const held = useSignal<number | undefined>(undefined)
  const isTable = useSignal(false)
  const id = useId()
  const summary = useMemo(() => summaryOf(points), [points])
  const most = held.value ?? (unit === 'percent' ? 100 : topOf(Math.max(summary?.most ?? 0, 0), limits.map(({ value }) => value), least))
  useWidth(box, width)
  const plane: Plane = { from, to, most, width: Math.max(width.value - LEFT, 0), height: height - TOP - BOTTOM }
  const area = { top: TOP, height: plane.height, most, width: plane.width }
  return (
    <figure class='chart' aria-labelledby={id} onDblClick={zoomOut}>
      <figcaption id={id} class='hidden'>{inWords(name, unit, summary, limits)}</figcaption>
      <div ref={box} class='plot-box' style={{ height: `${height}px` }} aria-hidden='true'>
        {plane.width === 0 ? null : <Drawing points={points} plane={plane} unit={unit} marks={marks} />}
        {plane.width === 0 ? null : <Surface plane={plane} chart={id} />}
        <Crosshair pointed={pointed} chart={id} points={points} plane={plane} unit={unit} left={LEFT} top={TOP} />
      </div>
      {plane.width === 0 ? null : placed(limits, plane).map(({ limit, shift }) => <LimitHandle key={limit.tone} limit={limit} unit={unit} name={name} area={area} left={LEFT} shift={shift} onDrag={(isDragged) => { held.value = isDragged ? most : undefined }} />)}
      <button type='button' class='button plain small chart-table' aria-expanded={isTable.value} onClick={() => { isTable.value = !isTable.value }}>{isTable.value ? 'Hide table' : 'View as table'}</button>
      {isTable.value ? <PointsTable points={points} unit={unit} name={name} /> : null}
    </figure>
  )
}

function useWidth (box: { current: HTMLDivElement | null }, width: Signal<number>): void {
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    width.value = element.clientWidth
    const resize = new ResizeObserver(() => { width.value = element.clientWidth })
    resize.observe(element)
    return () => resize.disconnect()
  }, [])
}

/** Grips that would cover each other stand side by side; where there is no room, the second is a line alone, unless it is there to be moved. */
function placed (limits: readonly Limit[], { width, height, most }: Plane): Array<{ limit: Limit, shift: number | undefined }> {
  return limits.map((limit, at) => {
    const before = limits[at - 1]
    const isClose = before !== undefined && Math.abs(before.value - limit.value) / most * height < GRIP_HEIGHT
    if (isClose && limit.move === undefined && width < 2 * GRIP_WIDTH) return { limit, shift: undefined }
    return { limit, shift: isClose ? GRIP_WIDTH : 0 }
  })
}

interface DrawingProps {
  points: Points
  plane: Plane
  unit: string | null
  marks: NonNullable<ChartProps['marks']>
}

/** Axes, line and area; what lies outside of the plane is cut off. */
function Drawing ({ points, plane, unit, marks }: DrawingProps): JSX.Element {
  const { from, to, most, width, height } = plane
  const { line, area } = useMemo(() => pathsOf(points, plane), [points, from, to, most, width, height])
  const { step, times } = timeTicks(plane, offsetMs(to))
  const lines = height < MANY_FROM_PX ? FEW_LINES : MANY_LINES
  const xOf = (at: number): number => (at - from) / (to - from) * width
  return (
    <svg class='drawing' width={LEFT + width} height={TOP + height + BOTTOM}>
      {Array.from({ length: lines + 1 }, (_, at) => (
        <g key={at} transform={`translate(0 ${TOP + height * (1 - at / lines)})`}><path class='grid' d={`M${LEFT} .5h${width}`} /><text x={LEFT - 6} y='4' text-anchor='end'>{figureText(most * at / lines, unit)}</text></g>
      ))}
      {times.map((at) => <text key={at} x={LEFT + Math.min(Math.max(xOf(at), 14), width - 16)} y={TOP + height + 16} text-anchor='middle'>{step < 60_000 ? preciseText(at).slice(0, 8) : clockText(at)}</text>)}
      {line === '' ? <text x={LEFT + width / 2} y={TOP + height / 2} text-anchor='middle'>Nothing was measured in this range.</text> : null}
      <svg x={LEFT} y={TOP} width={width} height={height}>
        <path class='area' d={area} />
        <path class='line' d={line} />
        {marks.map(({ at, name }) => <path key={name} class='mark' d={`M${xOf(at)} 0v${height}`} />)}
      </svg>
    </svg>
  )
}

/** Takes the pointer: it leads the crosshair of all charts, and selects a span to zoom into. */
function Surface ({ plane: { from, to, width, height }, chart }: { plane: Plane, chart: string }): JSX.Element {
  const selected = useSignal<{ start: number, end: number } | undefined>(undefined)
  const timeOf = (x: number): number => from + x / width * (to - from)
  const xOf = (event: PointerEvent): number => {
    const left = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect().left : 0
    return Math.min(Math.max(event.clientX - left, 0), width)
  }
  const end = (): void => {
    const span = selected.value
    selected.value = undefined
    if (span !== undefined && Math.abs(span.end - span.start) >= LEAST_DRAG_PX) showRange(timeOf(span.start), timeOf(span.end))
  }
  return (
    <div
      class='surface' style={{ left: `${LEFT}px`, top: `${TOP}px`, width: `${width}px`, height: `${height}px` }}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); selected.value = { start: xOf(event), end: xOf(event) } }}
      onPointerMove={(event) => {
        const x = xOf(event)
        pointed.value = { at: timeOf(x), chart }
        if (selected.value !== undefined) selected.value = { ...selected.value, end: x }
      }}
      onPointerLeave={() => { pointed.value = undefined }}
      onPointerUp={end} onPointerCancel={() => { selected.value = undefined }}
    >
      {selected.value === undefined ? null : <i style={{ left: `${Math.min(selected.value.start, selected.value.end)}px`, width: `${Math.abs(selected.value.end - selected.value.start)}px` }} />}
    </div>
  )
}
