import { Type } from '@sinclair/typebox'
import { SessionList } from '../../schemas/session.ts'
import type { App } from '../app-type.ts'
import { personOf, requesterOf } from '../access/auth.ts'
import { noStore } from '../no-store.ts'
import { problems } from '../problems.ts'

const Id = Type.String({ minLength: 1, maxLength: 64 })
const OfUser = Type.Object({ id: Id })
const One = Type.Object({ session: Id })
const OneOfUser = Type.Object({ id: Id, session: Id })
const Nothing = Type.Null({ description: 'no content' })

/** Where somebody is signed in: of oneself for everybody, of others for admins. */
export default async function sessions (app: App): Promise<void> {
  const { sessions, users } = app.service
  app.addHook('onRequest', noStore)
  const own = { config: { access: 'signed-in' }, tags: ['signing in'] } as const
  const others = { config: { access: 'admin' }, tags: ['users'] } as const

  app.get('/api/me/sessions', {
    config: own.config, schema: { tags: own.tags, summary: 'Where one is signed in', response: { 200: SessionList, ...problems } }
  }, async (request) => ({ sessions: await sessions.list(personOf(request).id, requesterOf(request)) }))

  app.delete('/api/me/sessions', {
    config: own.config, schema: { tags: own.tags, summary: 'End all own sessions but this one', response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.endAll(personOf(request).id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.delete('/api/me/sessions/:session', {
    config: own.config, schema: { tags: own.tags, summary: 'End one own session', params: One, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.end(personOf(request).id, request.params.session, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.get('/users/:id/sessions', {
    config: others.config, schema: { tags: others.tags, summary: 'Where a user is signed in', params: OfUser, response: { 200: SessionList, ...problems } }
  }, async (request) => {
    const { id } = await users.get(request.params.id)
    return { sessions: await sessions.list(id, requesterOf(request)) }
  })

  app.delete('/users/:id/sessions', {
    config: others.config, schema: { tags: others.tags, summary: 'End all sessions of a user; the one that asks goes on', params: OfUser, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    const { id } = await users.get(request.params.id)
    await sessions.endAll(id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.delete('/users/:id/sessions/:session', {
    config: others.config, schema: { tags: others.tags, summary: 'End one session of a user', params: OneOfUser, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.end(request.params.id, request.params.session, requesterOf(request))
    return reply.code(204).send(null)
  })
}
