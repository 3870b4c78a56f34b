import { Type } from '@sinclair/typebox'
import { ApiToken, MadeApiToken, NewApiToken } from '../../schemas/token.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { noStore } from '../no-store.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const Nothing = Type.Null({ description: 'no content' })

export default async function tokens (app: App): Promise<void> {
  const { tokens } = app.service
  app.addHook('onRequest', noStore)
  const config = { access: 'admin' } as const
  const tags = ['tokens']

  app.get('/tokens', {
    config, schema: { tags, summary: 'All API tokens, without their secrets', response: { 200: Type.Object({ tokens: Type.Array(ApiToken) }), ...problems } }
  }, async () => ({ tokens: await tokens.list() }))

  app.post('/tokens', {
    config, schema: { tags, summary: 'Make an API token; its secret is shown this once', body: NewApiToken, response: { 201: MadeApiToken, ...problems } }
  }, async (request, reply) => reply.code(201).send(await tokens.create(request.body, requesterOf(request))))

  app.get('/tokens/:id', {
    config, schema: { tags, summary: 'One API token', params: Id, response: { 200: ApiToken, ...problems } }
  }, (request) => tokens.get(request.params.id))

  app.delete('/tokens/:id', {
    config, schema: { tags, summary: 'Revoke an API token', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await tokens.revoke(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })
}
