import type { Lane } from '../../schemas/overview.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { isoTime } from '../core/clock.ts'

type Bar = Lane['bars'][number]
type Levels = RuleView['levels']

/** So many times what is usual is unusual, and so many more is grave; fewer than the least are neither. */
const UNUSUAL = 3
const GRAVE = 8
const LEAST = 5

/** Judges counts by what was usual before; without a before, by the rest of the range. */
export function countBars (counts: ReadonlyArray<{ time: string, total: number }>, before: readonly number[]): { usual: number | null, bars: Bar[] } {
  const known = before.some((count) => count > 0)
  const usual = median(known ? before : counts.map(({ total }) => total))
  const state = (count: number): Bar['state'] => {
    if (count < LEAST || count < usual * UNUSUAL) return 'calm'
    return count < Math.max(usual * GRAVE, LEAST * 2) ? 'warning' : 'critical'
  }
  return { usual: known ? usual : null, bars: counts.map(({ time, total }) => ({ time, value: total, state: state(total) })) }
}

/** Judges what is measured by the limits of its rule. */
export function measuredBars (points: ReadonlyArray<{ time: number, max: number }>, starts: readonly number[], levels: Levels | undefined): Bar[] {
  return binned(points, starts).map((value, at) => ({ time: isoTime(starts[at] ?? 0), value, state: value === null ? 'calm' : stateOf(value, levels) }))
}

function stateOf (value: number, { warning, critical }: Levels = {}): Bar['state'] {
  if (critical !== undefined && value > critical.value) return 'critical'
  return warning !== undefined && value > warning.value ? 'warning' : 'calm'
}

/** The highest value of each bin, which begins at its start; null where there is none. */
export function binned (points: ReadonlyArray<{ time: number, max: number }>, starts: readonly number[]): Array<number | null> {
  const values = starts.map((): number | null => null)
  for (const { time, max } of points) {
    const at = starts.findLastIndex((start) => start <= time)
    if (at >= 0) values[at] = Math.max(values[at] ?? -Infinity, max)
  }
  return values
}

function median (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
