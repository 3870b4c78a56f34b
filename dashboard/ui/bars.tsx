import type { JSX } from 'preact'

export type BarTone = 'calm' | 'warning' | 'critical' | 'anomaly'

export interface Bar {
  /** Of the highest, 0 to 1. */
  height: number
  tone: BarTone
}

const WIDTH = 10
const GAP = 2

/** A row of bars; what they say stands beside them in words. */
export function Bars ({ bars, height, label }: { bars: readonly Bar[], height: number, label: string }): JSX.Element {
  return (
    <svg class='bars' role='img' aria-label={label} width='100%' height={height} viewBox={`0 0 ${Math.max(bars.length, 1) * WIDTH} ${height}`} preserveAspectRatio='none'>
      {bars.map(({ height: part, tone }, at) => {
        const tall = Math.max(part * height, 2)
        return <rect key={at} class={tone} x={at * WIDTH} y={height - tall} width={WIDTH - GAP} height={tall} />
      })}
    </svg>
  )
}
