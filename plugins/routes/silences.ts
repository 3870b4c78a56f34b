import { Type } from '@sinclair/typebox'
import { Maintenance, NewMaintenance, NewSilence, Silence } from '../../schemas/alert.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export default async function silences (app: App): Promise<void> {
  const { silences } = app.service
  const config = { access: 'operator' } as const
  const tags = ['alerts']

  app.get('/silences', {
    config: { access: 'read' }, schema: { tags, summary: 'All silences, newest first', response: { 200: Type.Object({ silences: Type.Array(Silence) }), ...problems } }
  }, async () => ({ silences: await silences.list() }))

  app.post('/silences', {
    config, schema: { tags, summary: 'Hold back new notices of some alerts; answers how many that would have been in 7 days', body: NewSilence, response: { 201: Silence, ...problems } }
  }, async (request, reply) => reply.code(201).send(await silences.create(request.body, requesterOf(request))))

  app.delete('/silences/:id', {
    config, schema: { tags, summary: 'End it; what still fires is announced', params: Id, response: { 204: Type.Null({ description: 'no content' }), ...problems } }
  }, async (request, reply) => {
    await silences.end(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.get('/maintenance', {
    config: { access: 'read' }, schema: { tags, summary: 'All maintenance, newest first', response: { 200: Type.Object({ maintenance: Type.Array(Maintenance) }), ...problems } }
  }, async () => ({ maintenance: await silences.listMaintenances() }))

  app.post('/maintenance', {
    config, schema: { tags, summary: 'Plan a maintenance, once or again and again, in which nobody is told', body: NewMaintenance, response: { 201: Maintenance, ...problems } }
  }, async (request, reply) => reply.code(201).send(await silences.createMaintenance(request.body, requesterOf(request))))

  app.delete('/maintenance/:id', {
    config, schema: { tags, summary: 'End it; what still fires is announced', params: Id, response: { 204: Type.Null({ description: 'no content' }), ...problems } }
  }, async (request, reply) => {
    await silences.endMaintenance(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })
}
