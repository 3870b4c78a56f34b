import { Type, type Static } from '@sinclair/typebox'
import { EndParam, Part, Time, TimeParam } from './common.ts'
import { Level } from './event.ts'

export const SummaryQuery = Type.Object({ from: Type.Optional(TimeParam), to: Type.Optional(EndParam) }, { additionalProperties: false })
export type SummaryQuery = Static<typeof SummaryQuery>

const Average = Type.Union([Type.Number(), Type.Null()])
const Counts = Type.Record(Type.String(), Type.Integer())

export const Summary = Type.Object({
  from: Time,
  to: Time,
  total_alerts: Type.Integer(),
  alerts_by_rule: Counts,
  alerts_by_severity: Counts,
  alerts_by_state: Counts,
  averages: Type.Object({
    cpu_percent: Average,
    memory_percent: Average,
    latency_ms: Type.Union([Type.Number(), Type.Null()], { description: 'of the median latency of all requests' })
  }, { description: 'null when nothing was measured' }),
  events: Type.Object({ total: Type.Integer(), by_level: Type.Partial(Type.Record(Level, Type.Integer())), partial: Type.Optional(Part) })
})
export type Summary = Static<typeof Summary>
