import type { JSX } from 'preact'
import type { Signal } from '@preact/signals'
import { figureText } from '../core/format.ts'
import { fullText } from '../core/times.ts'
import { nearest, type Plane, type Points } from './plot.ts'

interface CrosshairProps {
  pointed: Signal<{ at: number, chart: string } | undefined>
  chart: string
  points: Points
  plane: Plane
  unit: string | null
  left: number
  top: number
}

/** The time that is pointed at, on every chart; its value stands on the one under the pointer. */
export function Crosshair ({ pointed, chart, points, plane: { from, to, width, height, most }, unit, left, top }: CrosshairProps): JSX.Element | null {
  const at = pointed.value?.at
  if (at === undefined || at < from || at > to) return null
  const place = nearest(points, at)
  const value = place === undefined ? null : points.values[place] ?? null
  const time = (place === undefined ? undefined : points.times[place]) ?? at
  const x = left + (time - from) / (to - from) * width
  const isRight = x > left + width / 2
  return (
    <>
      <i class='crosshair' style={{ left: `${x}px`, top: `${top}px`, height: `${height}px` }} />
      {value === null ? null : <i class='crosshair-dot' style={{ left: `${x}px`, top: `${top + height * (1 - Math.min(value / most, 1))}px` }} />}
      {pointed.value?.chart !== chart || value === null
        ? null
        : <div class='chart-tip' style={isRight ? { right: `${left + width - x + 8}px` } : { left: `${x + 8}px` }}><b>{figureText(value, unit)}</b><br />{fullText(time)}</div>}
    </>
  )
}
