import type { Alert, AlertFile } from '../../schemas/alert.ts'
import type { Change, Incident } from '../../schemas/overview.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { isoTime } from '../core/clock.ts'
import { areTogether } from '../core/verdict.ts'
import type { ReadValue } from '../store/store.ts'

/** How far back bars go, and what happened before an incident. */
export const COURSE_MS = 1_800_000
export const COURSE_BINS = 36
const BEFORE_MS = 3_600_000
const MOST_BEFORE = 3

/** What was read of an incident. */
interface Findings {
  thing: readonly Alert[]
  rule: RuleView | undefined
  file: Pick<AlertFile, 'evidence'> | undefined
  bars: ReadonlyArray<number | null>
  to: number
  /** Excess times of routes, where it is about latency. */
  routes: ReadonlyArray<Excess>
  happened: readonly Change[]
  others: readonly Alert[]
}

export interface Excess {
  method: string
  route: string
  ms: number
}

/** Puts together what is known of a thing that fires. */
export function incidentOf ({ thing: [first, ...rest], rule, file, bars, to, routes, happened, others }: Findings): Incident | undefined {
  if (first === undefined) return undefined
  const began = Date.parse(first.started_at)
  const query = rule === undefined ? undefined : queryOf(rule)
  const message = newestMessage(file?.evidence ?? null)
  const route = heaviest(routes)
  const before = happened.filter(({ kind, time = '' }) => kind !== 'setting' && Date.parse(time) <= began && Date.parse(time) >= began - BEFORE_MS).slice(0, MOST_BEFORE)
  return {
    alert: first.id,
    alerts: rest.length + 1,
    ...query === undefined ? {} : { query, count: bars.reduce<number>((sum, count) => sum + (count ?? 0), 0) },
    ...message === undefined ? {} : { message },
    ...route === undefined ? {} : { route },
    ...before.length === 0 ? {} : { before },
    together: [...new Set(others.filter((other) => other.rule.id !== first.rule.id && areTogether(other, first)).map((other) => other.rule.name))],
    bars: [...bars],
    bars_from: isoTime(to - COURSE_MS),
    bars_to: isoTime(to)
  }
}

/** The query of a rule that counts events. */
export function queryOf ({ signal }: RuleView): string | undefined {
  return 'events' in signal ? signal.events : undefined
}

/** The time above a limit that the requests of each route spend, as far as the latency of a look tells. */
export function excessOf ([latencies = [], requests = []]: ReadValue<'seriesValues'>, limitMs: number): Excess[] {
  return latencies.flatMap(({ labels, value }) => {
    const { method = '', route = '' } = labels
    const count = requests.find((one) => one.labels['method'] === method && one.labels['route'] === route)?.value ?? 0
    return route === '' || value <= limitMs ? [] : [{ method, route, ms: (value - limitMs) * count }]
  })
}

function heaviest (routes: readonly Excess[]): Incident['route'] {
  const all = routes.reduce((sum, { ms }) => sum + ms, 0)
  const [first] = routes.toSorted((a, b) => b.ms - a.ms)
  return first === undefined || all === 0 ? undefined : { method: first.method, route: first.route, share: first.ms / all }
}

function newestMessage (evidence: AlertFile['evidence']): string | undefined {
  const events: unknown = evidence?.['events']
  const first: unknown = Array.isArray(events) ? events[0] : undefined
  return typeof first === 'object' && first !== null && 'message' in first && typeof first.message === 'string' ? first.message : undefined
}
