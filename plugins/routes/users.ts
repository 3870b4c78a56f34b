import { Type } from '@sinclair/typebox'
import { SessionList } from '../../schemas/session.ts'
import { Invitation, MadeInvitation, NewInvitation, NewUser, User, UserChange } from '../../schemas/user.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { noStore } from '../no-store.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const OneSession = Type.Object({ ...Id.properties, session: Type.String({ minLength: 1, maxLength: 64 }) })
const Nothing = Type.Null({ description: 'no content' })
const config = { access: 'admin' } as const
const tags = ['users']

export default async function users (app: App): Promise<void> {
  const { users, invitations } = app.service
  app.addHook('onRequest', noStore)
  app.get('/users', {
    config, schema: { tags, summary: 'All users', response: { 200: Type.Object({ users: Type.Array(User) }), ...problems } }
  }, async () => ({ users: await users.list() }))

  app.post('/users', {
    config, schema: { tags, summary: 'Make a user', body: NewUser, response: { 201: User, ...problems } }
  }, async (request, reply) => reply.code(201).send(await users.create(request.body, requesterOf(request))))

  app.get('/users/:id', {
    config, schema: { tags, summary: 'One user', params: Id, response: { 200: User, ...problems } }
  }, (request) => users.get(request.params.id))

  app.patch('/users/:id', {
    config, schema: { tags, summary: 'Change role or password, or disable; all sessions of the user end', params: Id, body: UserChange, response: { 200: User, ...problems } }
  }, (request) => users.change(request.params.id, request.body, requesterOf(request)))

  app.delete('/users/:id', {
    config, schema: { tags, summary: 'Remove a user', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await users.remove(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })

  sessionsOfUsers(app)

  app.get('/invitations', {
    config, schema: { tags, summary: 'Open invitations', response: { 200: Type.Object({ invitations: Type.Array(Invitation) }), ...problems } }
  }, async () => ({ invitations: await invitations.list() }))

  app.post('/invitations', {
    config, schema: { tags, summary: 'Make a setup token that lets one person register', body: NewInvitation, response: { 201: MadeInvitation, ...problems } }
  }, async (request, reply) => reply.code(201).send(await invitations.create(request.body, requesterOf(request))))

  app.delete('/invitations/:id', {
    config, schema: { tags, summary: 'Take an invitation back', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await invitations.revoke(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })
}

function sessionsOfUsers (app: App): void {
  const { users, sessions } = app.service

  app.get('/users/:id/sessions', {
    config, schema: { tags, summary: 'Where a user is signed in', params: Id, response: { 200: SessionList, ...problems } }
  }, async (request) => {
    const { id } = await users.get(request.params.id)
    return { sessions: await sessions.list(id, requesterOf(request)) }
  })

  app.delete('/users/:id/sessions', {
    config, schema: { tags, summary: 'End all sessions of a user; the one that asks goes on', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    const { id } = await users.get(request.params.id)
    await sessions.endAll(id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.delete('/users/:id/sessions/:session', {
    config, schema: { tags, summary: 'End one session of a user', params: OneSession, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.end(request.params.id, request.params.session, requesterOf(request))
    return reply.code(204).send(null)
  })
}
