import { Type, type Static } from '@sinclair/typebox'
import type { Alert } from './alert.ts'
import { ACK_CHOICES } from './words.ts'

export type AckChoice = typeof ACK_CHOICES[number]

/** What the form of a link sends. */
export const AckForm = Type.Object({ until: Type.Union(ACK_CHOICES.map((choice) => Type.Literal(choice))) }, { additionalProperties: false })
export type AckForm = Static<typeof AckForm>

/** What a link of a notice leads to. Only one that is good tells of its alert, and one that was used, what it did. */
export type AckLink =
  | { kind: 'open', alert: Alert, measured: string, channel: string, expiresAt: string }
  | { kind: 'done' | 'used', at: string, note: string }
  | { kind: 'over', why: 'expired' | 'ended' | 'closed' }
  | { kind: 'unknown' }
