import { Type } from '@sinclair/typebox'
import { Channel, ChannelPatch, ChannelTest, NewChannel } from '../../schemas/channel.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { noStore } from '../no-store.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100, description: 'id or name' }) })
const Nothing = Type.Null({ description: 'no content' })

export default async function channels (app: App): Promise<void> {
  const { channels } = app.service
  app.addHook('onRequest', noStore)
  const config = { access: 'admin' } as const
  const tags = ['channels']

  app.get('/channels', {
    config, schema: { tags, summary: 'All channels, without their secrets', response: { 200: Type.Object({ channels: Type.Array(Channel) }), ...problems } }
  }, async () => ({ channels: await channels.list() }))

  app.post('/channels', {
    config, schema: { tags, summary: 'Make a channel at an address that may be reached', body: NewChannel, response: { 201: Channel, ...problems } }
  }, async (request, reply) => reply.code(201).send(await channels.create(request.body, requesterOf(request))))

  app.get('/channels/:id', {
    config, schema: { tags, summary: 'One channel', params: Id, response: { 200: Channel, ...problems } }
  }, (request) => channels.get(request.params.id))

  app.patch('/channels/:id', {
    config, schema: { tags, summary: 'Change what is named; what waits for the channel is tried at once', params: Id, body: ChannelPatch, response: { 200: Channel, ...problems } }
  }, (request) => channels.patch(request.params.id, request.body, requesterOf(request)))

  app.delete('/channels/:id', {
    config, schema: { tags, summary: 'Remove a channel and its secret; what waits for it is abandoned', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await channels.remove(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.post('/channels/:id/test', {
    config, schema: { tags, summary: 'Send a test; answers the request that was sent and what came of it', params: Id, response: { 200: ChannelTest, ...problems } }
  }, (request) => channels.test(request.params.id, requesterOf(request)))
}
