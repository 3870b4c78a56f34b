import { Type } from '@sinclair/typebox'
import { Notification, NotificationsPage, NotificationsQuery } from '../../schemas/notification.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export default async function notifications (app: App): Promise<void> {
  const { notifications } = app.service
  const tags = ['notifications']

  app.get('/notifications', {
    config: { access: 'read' },
    schema: { tags, summary: 'Every notice with every attempt to deliver it, newest first', querystring: NotificationsQuery, response: { 200: NotificationsPage, ...problems } }
  }, (request) => notifications.list(request.query))

  app.post('/notifications/:id/redeliver', {
    config: { access: 'operator' },
    schema: { tags, summary: 'Send a notice again, under the same id', params: Id, response: { 202: Notification, ...problems } }
  }, async (request, reply) => reply.code(202).send(await notifications.redeliver(request.params.id, requesterOf(request))))
}
