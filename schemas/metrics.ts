import { Type, type Static } from '@sinclair/typebox'
import { Time } from './common.ts'

/** Null where nothing was measured: of requests that were refused for overload, or were none. */
const Ms = Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'ms' })

const RouteSummary = Type.Object({
  route: Type.String({ description: 'the template' }),
  method: Type.String(),
  count: Type.Integer(),
  errors: Type.Integer({ description: 'answered with a status of 400 or above' }),
  avg_ms: Ms,
  p50_ms: Ms,
  p95_ms: Ms,
  p99_ms: Ms
})
export type RouteSummary = Static<typeof RouteSummary>

export const RecentRequest = Type.Object({
  route: Type.String(),
  method: Type.String(),
  status_code: Type.Integer(),
  latency_ms: Ms,
  time: Time
})
export type RecentRequest = Static<typeof RecentRequest>

/** What was counted since the start. */
const RequestTotals = Type.Object({
  requests_total: Type.Integer(),
  errors_total: Type.Integer({ description: 'answered with a status of 400 or above' }),
  by_status: Type.Record(Type.String(), Type.Integer()),
  by_route: Type.Array(RouteSummary),
  requests: Type.Array(RecentRequest, { description: 'the newest 100, newest first' })
})
export type RequestTotals = Static<typeof RequestTotals>

export const MetricsSnapshot = Type.Composite([
  Type.Object({ service: Type.String(), uptime_seconds: Type.Number() }), RequestTotals
])
export type MetricsSnapshot = Static<typeof MetricsSnapshot>
