import type { RouteSummary } from '../../../schemas/metrics.ts'

/** How much a route weighs; excess is the time above the limit that its requests spend, in ms over all of them. */
export const SORTS = {
  count: ({ count }: RouteSummary) => count,
  p50: ({ p50_ms: ms }: RouteSummary) => ms ?? 0,
  p95: ({ p95_ms: ms }: RouteSummary) => ms ?? 0,
  p99: ({ p99_ms: ms }: RouteSummary) => ms ?? 0,
  errors: ({ errors, count }: RouteSummary) => errors / Math.max(count, 1),
  excess: ({ p95_ms: ms, count }: RouteSummary, limitMs: number) => Math.max((ms ?? 0) - limitMs, 0) * count
} satisfies Record<string, (route: RouteSummary, limitMs: number) => number>

export type Sort = keyof typeof SORTS

/** The heaviest first; what weighs the same, by how often it is asked for. */
export function inOrder (routes: readonly RouteSummary[], sort: Sort, limitMs: number): RouteSummary[] {
  const weight = (route: RouteSummary): number => SORTS[sort](route, limitMs)
  return routes.toSorted((a, b) => weight(b) - weight(a) || b.count - a.count)
}
