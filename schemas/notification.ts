import { Type, type Static } from '@sinclair/typebox'
import { Time } from './common.ts'
import { Attempt, NoticeType } from './notice.ts'

const NOTIFICATION_STATES = ['pending', 'delivered', 'failed', 'abandoned'] as const
const NotificationState = Type.Union(NOTIFICATION_STATES.map((state) => Type.Literal(state)), {
  description: 'failed: every attempt did; abandoned: nobody tries any more, since its channel is gone or the outbox was full'
})
const NullableTime = Type.Union([Time, Type.Null()])

/** A notice as the ledger tells it. Holds no address and no secret. */
export const Notification = Type.Object({
  id: Type.String({ description: 'the webhook-id; the same over all attempts' }),
  alert_id: Type.String(),
  type: NoticeType,
  sequence: Type.Integer({ description: 'of the transition that it tells of' }),
  rule: Type.Object({ id: Type.String(), name: Type.String() }),
  channel: Type.Object({ id: Type.String(), name: Type.String() }, { description: 'the one it was made for' }),
  state: NotificationState,
  created_at: Time,
  done_at: NullableTime,
  next_at: Type.Union([Time, Type.Null()], { description: 'when it is tried next, as far as that is known' }),
  attempts: Type.Array(Attempt),
  repeat: Type.Union([Attempt, Type.Null()], { description: 'the newest time that it was told again to a receiver that forgets' })
})
export type Notification = Static<typeof Notification>

export const NotificationsQuery = Type.Object({
  state: Type.Optional(NotificationState),
  channel: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'name or id' })),
  alert: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'id' })),
  cursor: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$', description: '`next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }))
}, { additionalProperties: false })
export type NotificationsQuery = Static<typeof NotificationsQuery>

export const NotificationsPage = Type.Object({
  notifications: Type.Array(Notification),
  next: Type.Union([Type.String(), Type.Null()], { description: 'the cursor of the next page' })
})
export type NotificationsPage = Static<typeof NotificationsPage>
