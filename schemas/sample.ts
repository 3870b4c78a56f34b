import { Type, type Static } from '@sinclair/typebox'
import { Time, TimeParam } from './common.ts'
import { Alert } from './alert.ts'
import { ReceiptItem } from './submission.ts'

/** Bounds of one sample. Values beyond `value` could not be summed up any more. */
export const SAMPLE_LIMITS = { nameLength: 128, labels: 16, labelLength: 255, value: 1e300 } as const

export const Labels = Type.Record(Type.String(), Type.String())
export type Labels = Static<typeof Labels>

/** One number of one series at one time, in ms since the epoch. */
export interface Sample {
  name: string
  labels: Labels
  value: number
  time: number
}

const Unit = Type.Union([Type.String(), Type.Null()], { description: 'what the end of the name says: percent, bytes, ms ...; null when it says nothing' })

export const Series = Type.Object({ name: Type.String(), labels: Labels, unit: Unit, first: Time, last: Time })
export type Series = Static<typeof Series>

export const SeriesList = Type.Object({ series: Type.Array(Series) })
export type SeriesList = Static<typeof SeriesList>

export const SeriesDataQuery = Type.Object({
  name: Type.String({ minLength: 1, maxLength: SAMPLE_LIMITS.nameLength }),
  labels: Type.Optional(Type.String({
    maxLength: 8_000,
    description: 'all labels of the series, as `method=GET,route=/events` or as a JSON object. Left out: the series without labels, or the only one of the name'
  })),
  from: Type.Optional(TimeParam),
  to: Type.Optional(TimeParam),
  max_points: Type.Optional(Type.Integer({ minimum: 2, maximum: 5_000, default: 600 }))
}, { additionalProperties: false })
export type SeriesDataQuery = Static<typeof SeriesDataQuery>

export const SeriesData = Type.Object({
  name: Type.String(),
  labels: Labels,
  unit: Unit,
  step_ms: Type.Integer({ description: 'the time that one point stands for; a stretch without a sample has no points' }),
  points: Type.Array(Type.Object({ t: Time, min: Type.Number(), avg: Type.Number(), max: Type.Number() }))
})
export type SeriesData = Static<typeof SeriesData>

/** What became of samples that were sent; `items` lists what was not accepted. */
export const SamplesReceipt = Type.Object({
  accepted: Type.Integer(),
  duplicates: Type.Integer({ description: 'the series has a sample of this ms already, which stays' }),
  rejected: Type.Integer(),
  items: Type.Array(ReceiptItem)
})
export type SamplesReceipt = Static<typeof SamplesReceipt>

const Figure = Type.Union([Type.Number(), Type.Null()])

/** What was measured just now; null is what this machine cannot tell. */
export const Collected = Type.Object({
  time: Time,
  cpu_percent: Figure,
  memory_percent: Figure,
  swap_percent: Figure,
  load1: Figure,
  process_cpu_percent: Figure,
  process_rss_bytes: Figure,
  event_loop_lag_ms: Figure,
  alerts: Type.Array(Alert, { description: 'alerts that this sample raised' })
})
export type Collected = Static<typeof Collected>
