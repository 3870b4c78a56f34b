import type { JSX } from 'preact'
import { pathsOf, type Points } from './plot.ts'

const WIDTH = 150
const HEIGHT = 24

interface SparklineProps extends Points {
  from: number
  to: number
  /** What reaches the top. */
  most: number
  tone?: 'calm' | 'warning' | 'critical'
  limits?: ReadonlyArray<{ value: number, tone: 'warning' | 'critical' }>
  /** In words; left out where what it says stands beside it. */
  label?: string
}

/** A course without axes. */
export function Sparkline ({ times, values, from, to, most, tone = 'calm', limits = [], label }: SparklineProps): JSX.Element {
  const { line } = pathsOf({ times, values }, { from, to, most: most || 1, width: WIDTH, height: HEIGHT })
  return (
    <svg class={`sparkline ${tone}`} width={WIDTH} height={HEIGHT} {...label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }}>
      {limits.map(({ value, tone: of }) => <path key={of} class={`limit-mark ${of}`} d={`M0 ${HEIGHT * (1 - value / (most || 1))}h${WIDTH}`} />)}
      <path class='course-line' d={line} />
    </svg>
  )
}
