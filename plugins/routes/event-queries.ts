import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { Event } from '../../schemas/event.ts'
import {
  ContextQuery, EventContext, EventsPage, EventsQuery, ExportQuery, Facets, FacetsQuery, Histogram, HistogramQuery
} from '../../schemas/event-query.ts'
import type { App } from '../app-type.ts'
import { refusalSignal } from '../access/auth.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) })
const CONTENT_TYPES = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' }

export default async function eventQueries (app: App): Promise<void> {
  const { events } = app.service
  const config = { access: 'read' } as const
  const tags = ['events']

  app.get('/events', {
    config, schema: { tags, summary: 'Find events, newest first', querystring: EventsQuery, response: { 200: EventsPage, ...problems } }
  }, (request, reply) => events.page(request.query, leaveSignal(reply)))

  app.get('/events/histogram', {
    config, schema: { tags, summary: 'Count events by time and level', querystring: HistogramQuery, response: { 200: Histogram, ...problems } }
  }, (request, reply) => events.histogram(request.query, leaveSignal(reply)))

  app.get('/events/facets', {
    config, schema: { tags, summary: 'Count the most common values of a field', querystring: FacetsQuery, response: { 200: Facets, ...problems } }
  }, (request, reply) => events.facets(request.query, leaveSignal(reply)))

  app.get('/events/export', {
    config, schema: { tags, summary: 'All matching events as NDJSON or CSV', querystring: ExportQuery, response: { 200: Type.Unsafe<Readable>({ type: 'string' }), ...problems } }
  }, async (request, reply) => {
    const { format = 'ndjson' } = request.query
    const pages = events.export(request.query, AbortSignal.any([leaveSignal(reply), refusalSignal(request, reply)]))
    reply.type(CONTENT_TYPES[format]).header('content-disposition', `attachment; filename="events.${format}"`)
    // A HEAD would read all pages to throw them away.
    return reply.send(Readable.from(request.method === 'HEAD' ? [] : pages))
  })

  app.get('/events/:id', {
    config, schema: { tags, summary: 'One event', params: Id, response: { 200: Event, ...problems } }
  }, (request) => events.get(request.params.id))

  app.get('/events/:id/context', {
    config, schema: { tags, summary: 'The neighbours of an event from the same service and host', params: Id, querystring: ContextQuery, response: { 200: EventContext, ...problems } }
  }, (request, reply) => events.context(request.params.id, request.query, leaveSignal(reply)))
}
