import { Type, type Static } from '@sinclair/typebox'
import { Time } from './common.ts'

const NullableTime = Type.Union([Time, Type.Null()])

/** Whether there is sample data, and how much; of a removal, how much it was. */
export const SampleData = Type.Object({
  loaded: Type.Boolean(),
  from: NullableTime,
  to: NullableTime,
  events: Type.Integer(),
  series: Type.Integer()
})
export type SampleData = Static<typeof SampleData>
