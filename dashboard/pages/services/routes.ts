import type { RouteTraffic } from '../../../schemas/traffic.ts'

/** How much a route weighs. */
const SORTS = {
  count: ({ count }: RouteTraffic) => count,
  p50: ({ p50_ms: ms }: RouteTraffic) => ms,
  p95: ({ p95_ms: ms }: RouteTraffic) => ms,
  p99: ({ p99_ms: ms }: RouteTraffic) => ms,
  errors: ({ server_errors: errors, count }: RouteTraffic) => errors / Math.max(count, 1),
  excess: ({ excess_ms: ms }: RouteTraffic) => ms
} satisfies Record<string, (route: RouteTraffic) => number>

export type Sort = keyof typeof SORTS

/** The heaviest first; what weighs the same, by how often it is asked for. */
export function inOrder (routes: readonly RouteTraffic[], sort: Sort): RouteTraffic[] {
  const weight = SORTS[sort]
  return routes.toSorted((a, b) => weight(b) - weight(a) || b.count - a.count)
}

/** Reads `GET /events/:id`, as the address has it. */
export function routeOf (text: string | undefined): { method: string, route: string } | undefined {
  const [method = '', route = ''] = text?.split(' ') ?? []
  return route === '' ? undefined : { method, route }
}
