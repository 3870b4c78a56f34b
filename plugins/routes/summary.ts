import { Summary, SummaryQuery } from '../../schemas/summary.ts'
import type { App } from '../app-type.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

export default async function summary (app: App): Promise<void> {
  app.get('/api/summary', {
    config: { access: 'read' },
    schema: { tags: ['numbers'], summary: 'Averages, alerts and events of a stretch of time, 24 hours by default', querystring: SummaryQuery, response: { 200: Summary, ...problems } }
  }, (request, reply) => app.service.summary.of(request.query, leaveSignal(reply)))
}
