import { Overview, OverviewQuery, Stored } from '../../schemas/overview.ts'
import { Summary, SummaryQuery } from '../../schemas/summary.ts'
import { Traffic, TrafficQuery } from '../../schemas/traffic.ts'
import type { App } from '../app-type.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

export default async function summary (app: App): Promise<void> {
  const { overview, summary, traffic } = app.service
  const config = { access: 'read' } as const

  app.get('/api/summary', {
    config, schema: { tags: ['numbers'], summary: 'Averages, alerts and events of a stretch of time, 24 hours by default', querystring: SummaryQuery, response: { 200: Summary, ...problems } }
  }, (request, reply) => summary.of(request.query, leaveSignal(reply)))

  app.get('/overview', {
    config, schema: { tags: ['overview'], summary: 'Is something wrong, since when, and what changed: all that the first page shows', querystring: OverviewQuery, response: { 200: Overview, ...problems } }
  }, (request, reply) => overview.of(request.query, leaveSignal(reply)))

  app.get('/overview/stored', {
    config, schema: { tags: ['overview'], summary: 'How much is stored', response: { 200: Stored, ...problems } }
  }, (_request, reply) => overview.stored(leaveSignal(reply)))

  app.get('/services', {
    config, schema: { tags: ['overview'], summary: 'The requests to the service: by route, over time, and how long they took', querystring: TrafficQuery, response: { 200: Traffic, ...problems } }
  }, (request, reply) => traffic.of(request.query, leaveSignal(reply)))
}
