import type { JSX } from 'preact'
import { pathsOf } from './plot.ts'

const WIDTH = 150
const HEIGHT = 24

/** A course without axes; what it says stands beside it in words. */
export function Sparkline ({ values, tone = 'calm' }: { values: ReadonlyArray<number | null>, tone?: 'calm' | 'warning' | 'critical' }): JSX.Element {
  const most = values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0) * 1.1 || 1
  const { line } = pathsOf({ times: values.map((_, at) => at), values }, { from: 0, to: Math.max(values.length - 1, 1), most, width: WIDTH, height: HEIGHT })
  return <svg class={`sparkline ${tone}`} width={WIDTH} height={HEIGHT} aria-hidden='true'><path d={line} /></svg>
}
