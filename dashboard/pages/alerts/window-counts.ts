import type { Histogram } from '../../../schemas/event-query.ts'
import type { SeriesPoints } from '../../core/series.ts'

/** Counts as the rule compares them: at the end of each bin that lies behind `from`, of the window before it, or a second of that. */
export function countsOf ({ bins, bin_ms: binMs }: Pick<Histogram, 'bin_ms'> & { bins: ReadonlyArray<Pick<Histogram['bins'][number], 'time' | 'total'>> }, { windowMs, from, isRate }: { windowMs: number, from: number, isRate: boolean }): SeriesPoints {
  const inWindow = Math.max(Math.round(windowMs / binMs), 1)
  const scale = (isRate ? 1_000 : windowMs) / (inWindow * binMs)
  const points = bins.map(({ time }, at) => ({
    time: Date.parse(time) + binMs,
    value: bins.slice(Math.max(at + 1 - inWindow, 0), at + 1).reduce((sum, { total }) => sum + total, 0) * scale
  })).filter(({ time }) => time >= from)
  return { times: points.map(({ time }) => time), values: points.map(({ value }) => value), unit: isRate ? '/s' : null, stepMs: binMs }
}
