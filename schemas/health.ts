import { Type, type Static } from '@sinclair/typebox'

const Status = Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('down')])

export const Check = Type.Object({ status: Status, detail: Type.Optional(Type.String()) })
export type Check = Static<typeof Check>

export const Health = Type.Object({
  ok: Type.Boolean(),
  status: Status,
  uptime_seconds: Type.Number(),
  version: Type.String(),
  checks: Type.Record(Type.String(), Check)
}, { description: 'details of the checks only for callers who are signed in' })
export type Health = Static<typeof Health>

export const Ok = Type.Object({ ok: Type.Boolean() })
