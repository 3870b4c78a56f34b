import { Type } from '@sinclair/typebox'
import { Login, PasswordChange, Refresh, SessionList, Setup, SignedIn } from '../../schemas/session.ts'
import { Person, Registration, User } from '../../schemas/user.ts'
import type { Granted } from '../../src/access/sessions.ts'
import type { App } from '../app-type.ts'
import { personOf, requesterOf } from '../access/auth.ts'
import { isLocalPeer } from '../access/local-peer.ts'
import { noStore } from '../no-store.ts'
import { networkOf } from '../access/network.ts'
import { problems } from '../problems.ts'
import { clearSessionCookie, setSessionCookie } from '../access/session-cookie.ts'

const OwnSession = Type.Object({ session: Type.String({ minLength: 1, maxLength: 64 }) })
const Nothing = Type.Null({ description: 'no content' })
const tags = ['signing in']

export default async function signIn (app: App): Promise<void> {
  const { users, sessions, signInLimiter } = app.service
  app.addHook('onRequest', noStore)
  ownSessions(app)

  app.get('/api/setup', {
    config: { access: 'open' },
    schema: { tags, summary: 'Whether somebody has an account yet, and what the first one needs', response: { 200: Setup, ...problems } }
  }, (request) => users.setup({ isLocal: isLocalPeer(request) }))

  app.post('/api/register', {
    config: { access: 'open' },
    schema: { tags, summary: 'Become a user: the first one on this machine, with a setup token, or made by an admin', body: Registration, response: { 201: Person, ...problems } }
  }, async (request, reply) => {
    const attempt = { what: 'register', address: networkOf(request), username: undefined } as const
    const person = await signInLimiter.run(attempt, () => users.register(request.body, { ...requesterOf(request), isLocal: isLocalPeer(request) }))
    return reply.code(201).send(person)
  })

  app.post('/api/login', {
    config: { access: 'open' },
    schema: { tags, summary: 'Sign in: a session token, a refresh token and the cookie', body: Login, response: { 200: SignedIn, ...problems } }
  }, async (request, reply) => {
    const attempt = { what: 'sign-in', address: networkOf(request), username: request.body.username } as const
    const granted = await signInLimiter.run(attempt, () => sessions.login(request.body, request.ip))
    setSessionCookie(reply, granted.cookie)
    return signedIn(app, granted)
  })

  app.post('/api/refresh', {
    config: { access: 'open' },
    schema: { tags, summary: 'Exchange a refresh token, once, for a new one and a new session token', body: Refresh, response: { 200: SignedIn, ...problems } }
  }, async (request) => signedIn(app, await sessions.refresh(request.body.refresh_token, request.ip)))

  app.post('/api/logout', {
    config: { access: 'signed-in' },
    schema: { tags, summary: 'End this session: its tokens and its cookie', response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.logout(personOf(request), request.ip)
    clearSessionCookie(reply)
    return reply.code(204).send(null)
  })

  app.get('/api/me', {
    config: { access: 'signed-in' },
    schema: { tags, summary: 'Who is signed in', response: { 200: User, ...problems } }
  }, (request) => users.get(personOf(request).id))

  app.post('/api/password', {
    config: { access: 'signed-in' },
    schema: { tags, summary: 'Change the own password; all other sessions end', body: PasswordChange, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    const person = personOf(request)
    const attempt = { what: 'sign-in', address: networkOf(request), username: person.name } as const
    await signInLimiter.run(attempt, () => users.changePassword(request.body, person, request.ip))
    return reply.code(204).send(null)
  })
}

function ownSessions (app: App): void {
  const { sessions } = app.service

  app.get('/api/me/sessions', {
    config: { access: 'signed-in' }, schema: { tags, summary: 'Where one is signed in', response: { 200: SessionList, ...problems } }
  }, async (request) => ({ sessions: await sessions.list(personOf(request).id, requesterOf(request)) }))

  app.delete('/api/me/sessions', {
    config: { access: 'signed-in' }, schema: { tags, summary: 'End all own sessions but this one', response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.endAll(personOf(request).id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.delete('/api/me/sessions/:session', {
    config: { access: 'signed-in' }, schema: { tags, summary: 'End one own session', params: OwnSession, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await sessions.end(personOf(request).id, request.params.session, requesterOf(request))
    return reply.code(204).send(null)
  })
}

function signedIn ({ sessionTokens }: App, { claims, refreshToken, user }: Granted) {
  return {
    session_token: sessionTokens.sign(claims),
    token_type: 'Bearer' as const,
    expires_in: sessionTokens.lifetimeSeconds,
    refresh_token: refreshToken,
    user
  }
}
