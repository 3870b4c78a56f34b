import { SeriesData, SeriesDataQuery, SeriesList } from '../../schemas/sample.ts'
import type { App } from '../app-type.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

export default async function series (app: App): Promise<void> {
  const { series } = app.service
  const config = { access: 'read' } as const
  const tags = ['numbers']

  app.get('/series', {
    config, schema: { tags, summary: 'Which series of numbers exist', response: { 200: SeriesList, ...problems } }
  }, () => series.list())

  app.get('/series/data', {
    config, schema: { tags, summary: 'The numbers of one series over time', querystring: SeriesDataQuery, response: { 200: SeriesData, ...problems } }
  }, (request, reply) => series.data(request.query, leaveSignal(reply)))
}
