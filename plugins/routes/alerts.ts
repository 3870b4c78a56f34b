import { Type } from '@sinclair/typebox'
import { Acknowledging, Alert, AlertFile, AlertsPage, AlertsQuery } from '../../schemas/alert.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

/** What an act without words may come with. */
const Nothing = Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export default async function alerts (app: App): Promise<void> {
  const { alerts } = app.service
  const read = { access: 'read' } as const
  const config = { access: 'operator' } as const
  const tags = ['alerts']
  const response = { 200: Alert, ...problems }

  app.get('/alerts', {
    config: read, schema: { tags, summary: 'Alerts, those that began last first', querystring: AlertsQuery, response: { 200: AlertsPage, ...problems } }
  }, (request) => alerts.list(request.query))

  app.get('/alerts/:id', {
    config: read, schema: { tags, summary: 'One alert with timeline, evidence and deliveries', params: Id, response: { 200: AlertFile, ...problems } }
  }, (request) => alerts.get(request.params.id))

  app.post('/alerts/:id/ack', {
    config, schema: { tags, summary: 'Say that somebody looks after it', params: Id, body: Type.Union([Acknowledging, Type.Null()]), response }
  }, (request) => alerts.acknowledge(request.params.id, request.body ?? {}, requesterOf(request)))

  app.post('/alerts/:id/unack', {
    config, schema: { tags, summary: 'Take an acknowledgement back', params: Id, body: Nothing, response }
  }, (request) => alerts.unacknowledge(request.params.id, requesterOf(request)))

  app.post('/alerts/:id/resolve', {
    config, schema: { tags, summary: 'End an alert; it begins anew if its limit is still crossed', params: Id, body: Nothing, response }
  }, (request) => alerts.resolve(request.params.id, requesterOf(request)))
}
