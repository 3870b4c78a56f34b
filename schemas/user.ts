import { Type, type Static } from '@sinclair/typebox'
import { ROLES } from './words.ts'

export type Role = typeof ROLES[number]
export const Role = Type.Union(ROLES.map((role) => Type.Literal(role)))

/** Bounds of what is hashed or compared; the rules themselves are told by `src/access/users.ts`. */
export const Username = Type.String({ maxLength: 256, description: '2 to 64 of a-z, A-Z, 0-9, `.`, `_`, `@`, `-`; compared without case' })
export const Password = Type.String({ maxLength: 1_024, description: '12 to 128 characters' })

const NullableTime = Type.Unsafe<string | null>({ type: ['string', 'null'] })

export const Registration = Type.Object({
  username: Username,
  password: Password,
  setup_token: Type.Optional(Type.String({ maxLength: 256, description: 'of the first start, or of an invitation' })),
  role: Type.Optional(Role)
}, { additionalProperties: false })
export type Registration = Static<typeof Registration>

export const NewUser = Type.Object({ username: Username, password: Password, role: Role }, { additionalProperties: false })
export type NewUser = Static<typeof NewUser>

export const UserChange = Type.Object({
  role: Type.Optional(Role),
  disabled: Type.Optional(Type.Boolean()),
  password: Type.Optional(Password)
}, { additionalProperties: false, minProperties: 1 })
export type UserChange = Static<typeof UserChange>

/** What others are told of a person. */
export const Person = Type.Object({ id: Type.String(), username: Type.String(), role: Role })
export type Person = Static<typeof Person>

export const User = Type.Object({
  id: Type.String(),
  username: Type.String(),
  role: Role,
  disabled: Type.Boolean(),
  created_at: Type.String(),
  last_login_at: NullableTime,
  last_seen_at: NullableTime
})
export type User = Static<typeof User>

export const NewInvitation = Type.Object({
  role: Type.Optional(Role),
  expires_at: Type.Optional(Type.String({ maxLength: 64, description: 'ISO 8601, at most 30 days ahead; without it a week' }))
}, { additionalProperties: false })
export type NewInvitation = Static<typeof NewInvitation>

export const Invitation = Type.Object({
  id: Type.String(),
  role: Role,
  created_at: Type.String(),
  expires_at: Type.String()
})
export type Invitation = Static<typeof Invitation>

export const MadeInvitation = Type.Intersect([Invitation, Type.Object({ setup_token: Type.String({ description: 'for the body of POST /api/register, once; shown this once' }) })])
