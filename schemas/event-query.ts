import { Type, type Static } from '@sinclair/typebox'
import { EndParam, Part, Time, TimeParam } from './common.ts'
import { Event, Level } from './event.ts'

const List = (what: string) => Type.Optional(Type.String({ maxLength: 2_000, description: `one ${what} or several with commas` }))

const filters = {
  q: Type.Optional(Type.String({ description: 'query language: `level>=warn service:api "timed out" meta.status>=500`' })),
  from: Type.Optional(TimeParam),
  to: Type.Optional(EndParam),
  level: List('level'),
  service: List('service'),
  type: List('type'),
  pattern: List('pattern id'),
  anomalous: Type.Optional(Type.Boolean())
}

const hints = Type.Optional(Type.Array(Type.String(), { description: 'what `q` may not have meant' }))

export const EventFilters = Type.Object(filters, { additionalProperties: false })
export type EventFilters = Static<typeof EventFilters>

export const EventsQuery = Type.Object({
  ...filters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before' })),
  order: Type.Optional(Type.Union([Type.Literal('desc'), Type.Literal('asc')], { default: 'desc', description: 'newest or oldest first' })),
  total: Type.Optional(Type.Union([Type.Literal('capped'), Type.Literal('exact'), Type.Literal('none')], { default: 'capped' }))
}, { additionalProperties: false })
export type EventsQuery = Static<typeof EventsQuery>

export const EventsPage = Type.Object({
  events: Type.Array(Event),
  next: Type.Union([Type.String(), Type.Null()], { description: 'the cursor of the next page' }),
  total: Type.Object({
    count: Type.Integer(),
    capped: Type.Boolean({ description: 'there are at least so many' }),
    partial: Type.Optional(Part)
  }),
  hints,
  cut: Type.Optional(Type.Boolean({ description: 'the search took too long: these were found so far, `next` goes on' }))
})
export type EventsPage = Static<typeof EventsPage>

export const HistogramQuery = Type.Object({
  ...filters,
  bins: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 60, description: 'at most so many, of a round width: 24 of a day are hours' }))
}, { additionalProperties: false })
export type HistogramQuery = Static<typeof HistogramQuery>

export const Histogram = Type.Object({
  from: Time,
  to: Time,
  bin_ms: Type.Integer(),
  source: Type.Union([Type.Literal('rollup'), Type.Literal('rows')]),
  partial: Type.Optional(Part),
  bins: Type.Array(Type.Object({
    time: Type.String({ description: 'where it begins; it ends where the next one begins, the last one at `to`' }),
    total: Type.Integer(),
    by_level: Type.Partial(Type.Record(Level, Type.Integer()))
  }), { description: 'they tile the range, or the part of it that was counted' }),
  hints
})
export type Histogram = Static<typeof Histogram>

export const FACET_COLUMNS = ['level', 'severity', 'service', 'type', 'host'] as const

export const FacetsQuery = Type.Object({
  ...filters,
  field: Type.String({ pattern: `^(${FACET_COLUMNS.join('|')}|meta\\.[A-Za-z0-9_@$.-]{1,200})$`, description: '`level`, `severity`, `service`, `type`, `host` or `meta.x`' }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 20 }))
}, { additionalProperties: false })
export type FacetsQuery = Static<typeof FacetsQuery>

export const Facets = Type.Object({
  field: Type.String(),
  values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
  other: Type.Integer({ description: 'events with a value beyond the limit' }),
  missing: Type.Integer({ description: 'events without a value' }),
  partial: Type.Optional(Part),
  hints
})
export type Facets = Static<typeof Facets>

const Neighbours = Type.Integer({ minimum: 0, maximum: 200, default: 10 })
export const ContextQuery = Type.Object({ before: Type.Optional(Neighbours), after: Type.Optional(Neighbours) }, { additionalProperties: false })
export type ContextQuery = Static<typeof ContextQuery>

export const EventContext = Type.Object({ before: Type.Array(Event), event: Event, after: Type.Array(Event) })
export type EventContext = Static<typeof EventContext>

export const ExportQuery = Type.Object({
  ...filters,
  format: Type.Optional(Type.Union([Type.Literal('ndjson'), Type.Literal('csv')], { default: 'ndjson' })),
  order: Type.Optional(Type.Union([Type.Literal('desc'), Type.Literal('asc')], { default: 'asc' }))
}, { additionalProperties: false })
export type ExportQuery = Static<typeof ExportQuery>

export const StreamQuery = Type.Object({
  topics: Type.Optional(Type.String({ maxLength: 100, default: 'events', description: '`events`, `alerts`, `metrics`, or several with commas' })),
  q: filters.q,
  last_event_id: Type.Optional(Type.String({ pattern: '^\\d{1,16}$', description: 'for clients that cannot send Last-Event-ID' }))
}, { additionalProperties: false })
export type StreamQuery = Static<typeof StreamQuery>
