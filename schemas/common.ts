import { Type, type Static } from '@sinclair/typebox'

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
export const TimeParam = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'ISO 8601, `now`, or relative to now: `-15m`, `-2h`, `-7d`'
})

/** Where something of the configuration file stands; the answer of what is read-only for that. */
export const FileSource = Type.Object({ file: Type.String(), line: Type.Integer() }, { description: 'read-only: it comes from this file' })
export type FileSource = Static<typeof FileSource>
