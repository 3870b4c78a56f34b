import { SampleData } from '../../schemas/sample-data.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

export default async function sampleData (app: App): Promise<void> {
  const { sampleData } = app.service
  const config = { access: 'operator' } as const
  const tags = ['sample data']

  app.get('/sample-data', {
    config: { access: 'read' }, schema: { tags, summary: 'Whether there is sample data, and of which hour', response: { 200: SampleData, ...problems } }
  }, () => sampleData.look())

  app.post('/sample-data', {
    config, schema: { tags, summary: 'Load a made-up hour of a small shop, once; no rule counts it, and nobody is told', response: { 200: SampleData, 201: SampleData, ...problems } }
  }, async (request, reply) => {
    const { data, isNew } = await sampleData.load(requesterOf(request))
    return reply.code(isNew ? 201 : 200).send(data)
  })

  app.delete('/sample-data', {
    config, schema: { tags, summary: 'Remove the sample data and nothing else; answers how much it was', response: { 200: SampleData, ...problems } }
  }, (request) => sampleData.remove(requesterOf(request)))
}
