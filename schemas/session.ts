import { Type, type Static } from '@sinclair/typebox'
import { Time } from './common.ts'
import { Password, Person, Username } from './user.ts'

export const Login = Type.Object({ username: Username, password: Password }, { additionalProperties: false })
export type Login = Static<typeof Login>

export const SignedIn = Type.Object({
  session_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'seconds for which the session token is good' }),
  refresh_token: Type.String({ description: 'good for one POST /api/refresh' }),
  user: Person
})
export type SignedIn = Static<typeof SignedIn>

/** A sign-in that is good, as its owner and admins are told of it. */
export const Session = Type.Object({
  id: Type.String(),
  created_at: Time,
  last_used_at: Time,
  expires_at: Time,
  address: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'where it was signed in from; null of one that began before this was kept' }),
  current: Type.Boolean({ description: 'it is the one that asks' })
})
export type Session = Static<typeof Session>

export const SessionList = Type.Object({ sessions: Type.Array(Session, { description: 'the last used first' }) })

export const Setup = Type.Object({
  registered: Type.Boolean({ description: 'somebody has an account' }),
  setup_token_needed: Type.Boolean({ description: 'whoever asks needs it to make the first account' })
})
export type Setup = Static<typeof Setup>

export const Refresh = Type.Object({ refresh_token: Type.String({ maxLength: 256 }) }, { additionalProperties: false })

export const PasswordChange = Type.Object({ current: Password, password: Password }, { additionalProperties: false })
export type PasswordChange = Static<typeof PasswordChange>
