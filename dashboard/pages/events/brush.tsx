import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import { countText } from '../../core/format.ts'
import { clockText, fullText, showRange, zoomOut } from '../../core/times.ts'
import { snap, type LevelBar } from './histogram-bars.ts'

export interface Span {
  from: number
  to: number
}

interface Props extends Span {
  bars: readonly LevelBar[]
  selected: Signal<Span | undefined>
}

const ONE_MS = 1

/** Selects a span of bars: by dragging, or with the arrows and Shift. Its edges are moved afterwards; Enter zooms, Esc clears. */
export function Brush ({ bars, from, to, selected }: Props): JSX.Element {
  const plane = useRef<HTMLDivElement>(null)
  const began = useRef<{ at: number, isInside: boolean } | undefined>(undefined)
  const tip = useSignal<{ left: number, bar: LevelBar } | undefined>(undefined)
  const timeAt = (event: PointerEvent): number => {
    const box = plane.current?.getBoundingClientRect() ?? { left: 0, width: 1 }
    return from + (to - from) * Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1)
  }
  const percent = (at: number): number => Math.min(Math.max((at - from) / (to - from), 0), 1) * 100
  const zoom = (): void => {
    const span = selected.value
    if (span === undefined) return zoomOut()
    selected.value = undefined
    showRange(span.from, span.to)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && selected.value !== undefined) zoom()
    else if (event.key === 'Escape' && selected.value !== undefined) selected.value = undefined
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') selected.value = stepped(bars, selected.value, event.key === 'ArrowLeft' ? -1 : 1, event.shiftKey)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const point = (event: PointerEvent): void => {
    const at = timeAt(event)
    const bar = bars.find((one) => at >= one.from && at < one.to)
    tip.value = bar === undefined ? undefined : { left: percent(bar.from), bar }
  }
  const span = selected.value
  return (
    <div
      ref={plane} class='brush' role='group' tabIndex={0} aria-label='Select a span: arrows choose a bar, Shift widens, Enter zooms, Escape clears' onKeyDown={onKey} onDblClick={zoom}
      onPointerDown={(event) => {
        const at = timeAt(event)
        began.current = { at, isInside: span !== undefined && at >= span.from && at < span.to }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        const at = timeAt(event)
        if (began.current !== undefined && Math.abs(percent(at) - percent(began.current.at)) > 0.5) selected.value = snap(bars, began.current.at, at)
        point(event)
      }}
      onPointerUp={(event) => {
        const start = began.current
        began.current = undefined
        if (start !== undefined && !start.isInside && Math.abs(percent(timeAt(event)) - percent(start.at)) <= 0.5) selected.value = undefined
      }}
      onPointerCancel={() => { began.current = undefined }}
      onPointerLeave={() => { tip.value = undefined }}
    >
      {span === undefined ? null : <div class='selected' style={{ left: `${percent(span.from)}%`, width: `${percent(span.to) - percent(span.from)}%` }} />}
      {span === undefined ? null : (['from', 'to'] as const).map((edge) => <Edge key={edge} edge={edge} span={span} bars={bars} selected={selected} left={percent(span[edge])} timeAt={timeAt} bounds={{ from, to }} />)}
      {tip.value === undefined ? null : <Tip {...tip.value} />}
    </div>
  )
}

function Tip ({ left, bar: { from, matched, parts } }: { left: number, bar: LevelBar }): JSX.Element {
  const place = left > 70 ? { right: `${100 - left}%` } : { left: `${left}%` }
  const more = [parts.critical > 0 ? `${countText(parts.critical)} errors` : '', parts.warning > 0 ? `${countText(parts.warning)} warnings` : '', parts.unmatched > 0 ? `${countText(parts.unmatched)} hidden` : '']
  return <div class='chart-tip' style={place}>{[clockText(from), `${countText(matched)} events`, ...more].filter((text) => text !== '').join(', ')}</div>
}

interface EdgeProps {
  edge: 'from' | 'to'
  span: Span
  bars: readonly LevelBar[]
  selected: Signal<Span | undefined>
  left: number
  timeAt: (event: PointerEvent) => number
  bounds: Span
}

function Edge ({ edge, span, bars, selected, left, timeAt, bounds }: EdgeProps): JSX.Element {
  const fixed = useRef<number | undefined>(undefined)
  const other = edge === 'from' ? span.to - ONE_MS : span.from
  return (
    <div
      class='edge' style={{ left: `${left}%` }} role='slider' tabIndex={0} aria-orientation='horizontal' aria-label={edge === 'from' ? 'Begin of the selection' : 'End of the selection'}
      aria-valuemin={bounds.from} aria-valuemax={bounds.to} aria-valuenow={span[edge]} aria-valuetext={fullText(span[edge])}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
        event.preventDefault()
        event.stopPropagation()
        selected.value = moved(bars, span, edge, event.key === 'ArrowLeft' ? -1 : 1)
      }}
      onPointerDown={(event) => {
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        fixed.current = other
      }}
      onPointerMove={(event) => { if (fixed.current !== undefined) selected.value = snap(bars, fixed.current, timeAt(event)) }}
      onPointerUp={(event) => { event.stopPropagation(); fixed.current = undefined }}
      onPointerCancel={() => { fixed.current = undefined }}
    />
  )
}

/** The next bar, or with Shift the selection with it. */
function stepped (bars: readonly LevelBar[], span: Span | undefined, direction: -1 | 1, isWider: boolean): Span | undefined {
  if (span === undefined) return bars.at(-1)
  if (isWider) return moved(bars, span, direction === -1 ? 'from' : 'to', direction)
  const edge = direction === -1 ? span.from : span.to
  const at = bars.findIndex(({ from }) => from >= edge)
  return (direction === -1 ? bars[(at < 0 ? bars.length : at) - 1] : bars[at]) ?? span
}

/** A selection with one edge moved by a bar; it keeps at least one. */
function moved (bars: readonly LevelBar[], { from, to }: Span, edge: 'from' | 'to', direction: -1 | 1): Span {
  const borders = [...bars.map((bar) => bar.from), bars.at(-1)?.to ?? to]
  const next = borders[borders.indexOf(edge === 'from' ? from : to) + direction]
  if (next === undefined || (edge === 'from' ? next >= to : next <= from)) return { from, to }
  return edge === 'from' ? { from: next, to } : { from, to: next }
}
