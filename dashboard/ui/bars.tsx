import type { JSX } from 'preact'

type BarTone = 'calm' | 'warning' | 'critical'

interface Bar {
  /** Of the highest, 0 to 1. */
  height: number
  tone: BarTone
}

interface BarsProps {
  /** Undefined leaves a gap: nothing was measured there. */
  bars: ReadonlyArray<Bar | undefined>
  height: number
  label: string
}

const WIDTH = 10
const GAP = 2

/** A row of bars; what they say stands beside them in words. */
export function Bars ({ bars, height, label }: BarsProps): JSX.Element {
  return (
    <svg class='bars' role='img' aria-label={label} width='100%' height={height} viewBox={`0 0 ${Math.max(bars.length, 1) * WIDTH} ${height}`} preserveAspectRatio='none'>
      {bars.map((bar, at) => {
        if (bar === undefined) return null
        const tall = Math.max(bar.height * height, 2)
        return <rect key={at} class={bar.tone} x={at * WIDTH} y={height - tall} width={WIDTH - GAP} height={tall} />
      })}
    </svg>
  )
}
