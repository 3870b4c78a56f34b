import type { SeriesData } from '../../schemas/sample.ts'
import type { Points } from '../ui/plot.ts'
import { get } from './api.ts'
import { useResource, type Resource } from './resource.ts'
import { range } from './times.ts'

/** A stretch without a sample that is so many steps long is a gap. */
const GAP_STEPS = 2.5
const MOST_POINTS = 600

export interface SeriesPoints extends Points {
  unit: string | null
  /** The time that one point stands for. */
  stepMs: number
}

/** A series over the range of the page; undefined labels are those of the only series of the name. */
export function useSeries (name: string, labels?: Record<string, string>): Resource<SeriesPoints> {
  const { from, to } = range.value
  const wanted = labels === undefined ? undefined : JSON.stringify(labels)
  return useResource(`${name} ${wanted ?? ''} ${from} ${to}`, async (signal) => pointsOf(await get<SeriesData>('/series/data', {
    name, labels: wanted, from: new Date(from).toISOString(), to: new Date(to).toISOString(), max_points: MOST_POINTS
  }, { signal })))
}

/** Puts a null where nothing was measured, so that the line breaks there. */
export function pointsOf ({ points, step_ms: stepMs, unit }: Pick<SeriesData, 'points' | 'step_ms' | 'unit'>): SeriesPoints {
  const times: number[] = []
  const values: Array<number | null> = []
  for (const { t, avg } of points) {
    const time = Date.parse(t)
    const last = times.at(-1)
    if (last !== undefined && time - last > GAP_STEPS * stepMs) {
      times.push(last + stepMs)
      values.push(null)
    }
    times.push(time)
    values.push(avg)
  }
  return { times, values, unit, stepMs }
}
