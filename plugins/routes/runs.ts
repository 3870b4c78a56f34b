import { Type } from '@sinclair/typebox'
import { ErrorsQuery, LineErrors, LineTrace, RunInfo, RunQuery, Stats, TraceQuery } from '../../schemas/pipeline.ts'
import type { RunViews } from '../../src/pipelines/run-views.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

/** What pipelines did, of the service and of `bellwether run --dashboard`. */
export default async function runs (app: App, { runs }: { runs: RunViews }): Promise<void> {
  const config = { access: 'read' } as const
  const tags = ['pipelines']

  app.get('/stats', {
    config, schema: { tags, summary: 'What each processor of a run did, exactly: lines in, out and dropped, errors, and time', querystring: RunQuery, response: { 200: Stats, ...problems } }
  }, ({ query }) => runs.stats(query.run))

  app.get('/trace', {
    config, schema: { tags, summary: 'The way of lines through the processors, newest first', querystring: TraceQuery, response: { 200: Type.Array(LineTrace), ...problems } }
  }, ({ query }) => runs.traces(query))

  app.get('/errors', {
    config, schema: { tags, summary: 'Lines that processors could not take, by processor and message, newest first', querystring: ErrorsQuery, response: { 200: Type.Array(LineErrors), ...problems } }
  }, ({ query }) => runs.errors(query))

  app.get('/runs', {
    config, schema: { tags, summary: 'The runs that can be looked at', response: { 200: Type.Object({ runs: Type.Array(RunInfo) }), ...problems } }
  }, async () => ({ runs: await runs.list() }))
}
