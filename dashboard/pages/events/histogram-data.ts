import type { Histogram } from '../../../schemas/event-query.ts'
import { get } from '../../core/api.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { barsOf, type LevelBar } from './histogram-bars.ts'
import { filters, steadyRange } from './view.ts'

const BINS = matchMedia('(max-width: 759px)').matches ? 48 : 96
const LEAST_MS = 10_000

/** How many events there are over time: those of the filter, and all. */
export interface Counts {
  from: number
  to: number
  bars: readonly LevelBar[]
  matched: number
  total: number
  isFiltered: boolean
  /** Where the part that was counted in time begins, unless that is all of it. */
  partFrom: number | undefined
}

/** Undefined asks for nothing. */
export function useCounts (q: string | undefined): Resource<Counts> {
  const { from, to } = steadyRange(BINS, LEAST_MS)
  const { data, ...rest } = useResource<Counts | undefined>(q === undefined ? '' : `${q} ${from} ${to}`, async (signal) => {
    if (q === undefined) return undefined
    const read = (query: string): Promise<Histogram> => get<Histogram>('/events/histogram', { ...filters(query, { from, to }), bins: BINS }, { signal })
    const [matched, all] = await Promise.all([read(q), q === '' ? undefined : read('')])
    return {
      from,
      to,
      bars: barsOf(matched, all),
      matched: sum(matched),
      total: sum(all ?? matched),
      isFiltered: q !== '',
      partFrom: matched.partial === undefined ? undefined : Date.parse(matched.partial.from)
    }
  })
  return { data, ...rest }
}

function sum ({ bins }: Histogram): number {
  return bins.reduce((all, { total }) => all + total, 0)
}
