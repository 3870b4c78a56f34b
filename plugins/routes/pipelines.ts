import { Type } from '@sinclair/typebox'
import { NewPipeline, PipelineParams, StoredPipeline, Trial, TrialAnswer } from '../../schemas/pipeline.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

export default async function pipelines (app: App): Promise<void> {
  const { pipelines, tryPipeline } = app.service
  const tags = ['pipelines']

  app.get('/pipelines', {
    config: { access: 'read' }, schema: { tags, summary: 'The pipelines over what comes in, in the order in which they run', response: { 200: Type.Object({ pipelines: Type.Array(StoredPipeline) }), ...problems } }
  }, async () => ({ pipelines: pipelines.list() }))

  app.get('/pipelines/:id', {
    config: { access: 'read' }, schema: { tags, summary: 'One pipeline', params: PipelineParams, response: { 200: StoredPipeline, ...problems } }
  }, async ({ params }) => pipelines.get(params.id))

  app.put('/pipelines/:id', {
    config: { access: 'admin' }, schema: { tags, summary: 'Set a pipeline; it is in force from the next batch on, and one that is wrong changes nothing', params: PipelineParams, body: NewPipeline, response: { 200: StoredPipeline, ...problems } }
  }, (request) => pipelines.put(request.params.id, request.body, requesterOf(request)))

  app.delete('/pipelines/:id', {
    config: { access: 'admin' }, schema: { tags, summary: 'Remove a pipeline', params: PipelineParams, response: { 204: Type.Null({ description: 'no content' }), ...problems } }
  }, async (request, reply) => {
    await pipelines.remove(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.post('/pipelines/try', {
    config: { access: 'operator' }, schema: { tags, summary: 'Run a pipeline over lines that are given, or over the newest events that a query finds, and tell what would become of each; nothing is changed', body: Trial, response: { 200: TrialAnswer, ...problems } }
  }, ({ body }) => tryPipeline(body))
}
