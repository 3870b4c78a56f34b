import { Type, type Static } from '@sinclair/typebox'
import { EndParam, Time, TimeParam } from './common.ts'
import { RecentRequest } from './metrics.ts'

export const TrafficQuery = Type.Object({
  from: Type.Optional(TimeParam),
  to: Type.Optional(EndParam),
  method: Type.Optional(Type.String({ maxLength: 20, description: 'of the one route whose distribution and slowest requests are wanted' })),
  route: Type.Optional(Type.String({ maxLength: 1_000, description: 'its template' })),
  bins: Type.Optional(Type.Integer({ minimum: 8, maximum: 200, default: 60, description: 'at most so many columns, of a round width' }))
}, { additionalProperties: false })
export type TrafficQuery = Static<typeof TrafficQuery>

const Figure = Type.Unsafe<number | null>({ type: ['number', 'null'] })

export const RouteTraffic = Type.Object({
  method: Type.String(),
  route: Type.String({ description: 'the template' }),
  count: Type.Integer(),
  per_second: Type.Number(),
  p50_ms: Type.Number({ description: 'the mean of the looks in the range, as the other percentiles' }),
  p95_ms: Type.Number(),
  p99_ms: Type.Number(),
  server_errors: Type.Integer({ description: 'answered with a status of 500 or above' }),
  excess_ms: Type.Number({ description: 'requests times what p95 is above the limit of the rule of latency' }),
  trend: Type.Array(Figure, { description: 'p95 over the range, in bars; of the routes that weigh most' }),
  state: Type.Union([Type.Literal('fine'), Type.Literal('over'), Type.Literal('failing')], { description: 'over: p95 is above the limit; failing: more than a twentieth are server errors' })
})
export type RouteTraffic = Static<typeof RouteTraffic>

/** The requests to the service over a range. */
export const Traffic = Type.Object({
  from: Time,
  to: Time,
  limit_ms: Figure,
  routes: Type.Array(RouteTraffic, { description: 'the one with the most excess time first' }),
  course: Type.Array(Type.Object({ time: Time, requests: Type.Integer(), per_second: Type.Number(), server_errors: Type.Integer() }), { description: 'of all routes; without requests there is none' }),
  heat: Type.Array(Type.Object({
    up_to_ms: Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'null: longer than all others' }),
    counts: Type.Array(Type.Integer(), { description: 'requests of each column' })
  }), { description: 'how long requests took, of all routes or of the one, the shortest first' }),
  heat_times: Type.Array(Time, { description: 'where each column begins' }),
  slowest: Type.Array(RecentRequest, { description: 'of the newest 1,000 requests to the service, or of those to the one route' })
})
export type Traffic = Static<typeof Traffic>
