import { Type, type Static, type TString } from '@sinclair/typebox'

const TIME_FORMS = 'ISO 8601, `now`, or relative to now: `-15m`, `-2h`, `-7d`'

export const Fault = Type.Object({
  path: Type.String({ description: 'JSON pointer into the input; empty for the whole' }),
  message: Type.String()
})

/** RFC 9457 problem details. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  instance: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(Fault))
}, { description: 'RFC 9457 problem details', additionalProperties: true })
export type Problem = Static<typeof Problem>

export const Time = Type.String({ description: 'ISO 8601 in UTC' })

/** A time in a query string: ISO 8601, epoch ms, `now`, or relative like `-15m`. */
export const TimeParam = timeParam(TIME_FORMS)

/** The end of a range in a query string: the first time that is no longer in it. */
export const EndParam = timeParam(`not part of the range itself; ${TIME_FORMS}`)

export const Part = Type.Object({ from: Time, to: Time }, {
  description: 'only there when the time ran out: the newest part of the range, `to` not included, which alone was counted'
})
export type Part = Static<typeof Part>

/** Where something of the configuration file stands; the answer of what is read-only for that. */
export const FileSource = Type.Object({ file: Type.String(), line: Type.Integer() }, { description: 'read-only: it comes from this file' })
export type FileSource = Static<typeof FileSource>

function timeParam (description: string): TString {
  return Type.String({ minLength: 1, maxLength: 64, description })
}
