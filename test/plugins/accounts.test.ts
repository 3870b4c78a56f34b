import t, { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { ApiToken } from '../../schemas/token.ts'
import type { Session } from '../../schemas/session.ts'
import type { User } from '../../schemas/user.ts'
import { buildTestApp } from '../helper.ts'
import { anyAddress, bearer, guest, PASSWORD, signIn, type Headers } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

const YEAR_MS = 365 * 86_400_000

function callAs (app: App, headers: Headers) {
  return (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, headers, remoteAddress: anyAddress(), ...(payload === undefined ? {} : { payload }) })
}

/** All share one, of which the first test has the users alone. */
const app = await buildTestApp(t)
const admin = await guest(app, 'admin', 'admin')

test('an admin keeps the users', async (t) => {
  const call = callAs(app, admin.bearer)

  const made = await call('POST', '/users', { username: 'Bob', password: PASSWORD, role: 'viewer' })
  t.equal(made.statusCode, 201)
  const { id } = made.json<User>()
  t.match(made.json(), { username: 'Bob', role: 'viewer', disabled: false, last_login_at: null })
  t.same(problemFaults(await call('POST', '/users', { username: 'BOB', password: PASSWORD, role: 'viewer' }), 409), [])
  t.same((await call('GET', '/users')).json<{ users: User[] }>().users.map(({ username }) => username), ['admin', 'Bob'])
  t.same((await call('GET', `/users/${id}`)).json(), made.json())
  t.notMatch((await call('GET', '/users')).body, /argon2|hash|password/)

  const bob = await signIn(app, 'bob')
  const changed = await call('PATCH', `/users/${id}`, { role: 'operator', password: `${PASSWORD}!` })
  t.match(changed.json(), { id, role: 'operator' })
  t.equal((await callAs(app, bob.bearer)('GET', '/api/me')).statusCode, 401, 'what Bob had before is refused')
  const again = await signIn(app, 'bob', `${PASSWORD}!`)
  t.match((await callAs(app, again.bearer)('GET', '/api/me')).json(), { role: 'operator' })

  t.equal((await call('PATCH', `/users/${id}`, { disabled: true })).statusCode, 200)
  t.same(problemFaults(await callAs(app, {})('POST', '/api/login', { username: 'bob', password: `${PASSWORD}!` }), 401), [])
  t.equal((await call('DELETE', `/users/${id}`)).statusCode, 204)
  for (const [method, payload] of [['GET', undefined], ['PATCH', { disabled: true }], ['DELETE', undefined]] as const) {
    t.same(problemFaults(await call(method, `/users/${id}`, payload), 404), [], method)
  }
  t.same(problemFaults(await call('DELETE', `/users/${admin.user.id}`), 409), [], 'the last admin stays')

  const { entries } = (await call('GET', '/audit')).json<AuditPage>()
  t.same(entries.filter(({ target }) => target === id).map(({ action, actor, detail }) => [action, actor?.name, detail]), [
    ['user.delete', 'admin', { role: 'operator' }],
    ['session.failed', undefined, {}],
    ['user.update', 'admin', { disabled: true }],
    ['user.update', 'admin', { role: 'operator', password: 'reset' }],
    ['user.create', 'admin', { role: 'viewer' }]
  ])
})

test('a change of a user that changes nothing, or something else, is 400', async (t) => {
  const { bearer: headers, user } = admin
  const call = callAs(app, headers)

  for (const [body, paths] of [[{}, ['']], [{ username: 'x' }, ['/username']], [{ role: 'root' }, ['/role']], [{ password: 'short' }, ['/password']]] as const) {
    const response = await call('PATCH', `/users/${user.id}`, body)
    t.same(problemFaults(response, 400), [], JSON.stringify(body))
    t.same(pathsOf(response), paths)
  }
})

test('an admin invites others and takes invitations back', async (t) => {
  const call = callAs(app, admin.bearer)

  const made = await call('POST', '/invitations', { role: 'operator' })
  const { setup_token: secret, ...told } = made.json<{ id: string, setup_token: string }>()

  t.equal(made.statusCode, 201)
  t.same((await call('GET', '/invitations')).json(), { invitations: [told] })
  t.notOk((await call('GET', '/invitations')).body.includes(secret))
  t.equal((await call('DELETE', `/invitations/${told.id}`)).statusCode, 204)
  t.same(problemFaults(await call('DELETE', `/invitations/${told.id}`), 404), [])
  t.same(problemFaults(await callAs(app, {})('POST', '/api/register', { username: 'bob', password: PASSWORD, setup_token: secret }), 403), [])
})

test('an admin makes API tokens, sees them without their secrets, and revokes them', async (t) => {
  const call = callAs(app, admin.bearer)
  const expires = new Date(Date.now() + YEAR_MS).toISOString()

  const made = await call('POST', '/tokens', { name: 'shipper', scopes: ['ingest', 'read'], expires_at: expires, service: 'api', env: 'prod', min_level: 'WARN' })
  const { secret, ...token } = made.json<ApiToken & { secret: string }>()
  t.equal(made.statusCode, 201)
  t.equal(made.headers['cache-control'], 'no-store')
  t.match(secret, /^bw_[\w-]{43}$/)
  t.match(token, { name: 'shipper', scopes: ['ingest', 'read'], expires_at: expires, service: 'api', env: 'prod', min_level: 'WARN', last_used_at: null, revoked_at: null })

  t.equal((await callAs(app, bearer(secret))('GET', '/events')).statusCode, 200)
  await app.service.access.noteUses()
  t.match((await call('GET', `/tokens/${token.id}`)).json<ApiToken>().last_used_at, /^20\d\d-/)
  t.match((await call('GET', '/tokens')).json(), { tokens: [{ id: token.id }] })
  t.notOk((await call('GET', '/tokens')).body.includes(secret))

  t.equal((await call('DELETE', `/tokens/${token.id}`)).statusCode, 204)
  t.same(problemFaults(await callAs(app, bearer(secret))('GET', '/events'), 401), [], 'it is refused at once')
  t.match((await call('GET', `/tokens/${token.id}`)).json<ApiToken>().revoked_at, /^20\d\d-/)
  t.same(problemFaults(await call('DELETE', `/tokens/${token.id}`), 404), [])
  t.same(problemFaults(await call('GET', '/tokens/x'), 404), [])

  const { entries } = (await call('GET', '/audit?action=token.create,token.revoke')).json<AuditPage>()
  t.match(entries, [
    { action: 'token.revoke', actor: { name: 'admin' }, target: token.id, detail: { name: 'shipper' } },
    { action: 'token.create', target: token.id, detail: { name: 'shipper', scopes: ['ingest', 'read'], env: 'prod', min_level: 'WARN', expires_at: expires } }
  ])
  t.notOk(JSON.stringify(entries).includes(secret))
})

test('an API token that will not do is 400 with its path', async (t) => {
  const call = callAs(app, admin.bearer)
  const bad: ReadonlyArray<[body: object, path: string]> = [
    [{ name: '' }, '/name'],
    [{ name: 'a\0b' }, '/name'],
    [{ scopes: [] }, '/scopes'],
    [{ scopes: ['root'] }, '/scopes/0'],
    [{ scopes: ['read', 'read'] }, '/scopes'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    [{ expires_at: 'never' }, '/expires_at'],
    [{ expires_at: 1 }, '/expires_at'],
    [{ service: '' }, '/service'],
    [{ service: '\ud800' }, '/service'],
    [{ env: 'x'.repeat(256) }, '/env'],
    [{ min_level: 'warn' }, '/min_level'],
    [{ secret: 'mine' }, '/secret']
  ]

  for (const [body, path] of bad) {
    const response = await call('POST', '/tokens', { name: 'x', scopes: ['read'], ...body })
    t.same(problemFaults(response, 400), [], JSON.stringify(body))
    t.ok(pathsOf(response).includes(path), `${pathsOf(response).join()} has ${path}`)
  }
})

test('an API token with the scope admin keeps users and tokens as an admin does', async (t) => {
  const { secret } = await app.service.access.create({ name: 'automation', scopes: ['admin'], expiresAt: null })
  const call = callAs(app, bearer(secret))

  t.equal((await call('POST', '/users', { username: 'bob', password: PASSWORD, role: 'viewer' })).statusCode, 201)
  t.equal((await call('POST', '/api/register', { username: 'cid', password: PASSWORD, role: 'operator' })).statusCode, 201)
  t.equal((await call('POST', '/tokens', { name: 'next', scopes: ['read'] })).statusCode, 201)
  t.same(problemFaults(await call('GET', '/api/me'), 403), [], 'but it is nobody')
})

test('a person sees where they are signed in, and ends one session or all others', async (t) => {
  const eve = await guest(app, 'eve', 'viewer')
  const [second, third] = [await signIn(app, 'eve'), await signIn(app, 'eve')]
  const call = callAs(app, eve.bearer)
  const sessions = async (as = call, url = '/api/me/sessions') => (await as('GET', url)).json<{ sessions: Session[] }>().sessions

  const listed = await sessions()
  t.equal(listed.length, 3)
  t.match(listed.find(({ current }) => current), { current: true, address: /^10\./ })
  const [own, other] = [listed.find(({ current }) => current)?.id ?? '', (await sessions(callAs(app, second.bearer))).find(({ current }) => current)?.id ?? '']
  t.not(own, other)
  t.equal((await call('DELETE', `/api/me/sessions/${other}`)).statusCode, 204)
  t.equal((await callAs(app, second.bearer)('GET', '/api/me')).statusCode, 401)
  t.equal((await callAs(app, third.bearer)('GET', '/api/me')).statusCode, 200)
  t.same(problemFaults(await call('DELETE', `/api/me/sessions/${other}`), 404), [], 'it ended already')
  t.equal((await call('DELETE', '/api/me/sessions')).statusCode, 204)
  t.equal((await callAs(app, third.bearer)('GET', '/api/me')).statusCode, 401)
  t.same((await sessions()).map(({ id }) => id), [own], 'the one that asked goes on')
})

test('an admin sees and ends the sessions of others, and the audit tells it', async (t) => {
  const fay = await guest(app, 'fay', 'operator')
  await signIn(app, 'fay')
  const call = callAs(app, admin.bearer)
  const url = `/users/${fay.user.id}/sessions`

  const { sessions } = (await call('GET', url)).json<{ sessions: Session[] }>()
  t.same(sessions.map(({ current }) => current), [false, false])
  t.match((await call('GET', `/users/${fay.user.id}`)).json<User>().last_seen_at, /^20/)
  const first = sessions.at(-1)?.id ?? ''
  t.same(problemFaults(await callAs(app, fay.bearer)('GET', url), 403), [])
  t.same(problemFaults(await call('DELETE', `/users/${admin.user.id}/sessions/${first}`), 404), [], 'it is not of that user')
  t.equal((await call('DELETE', `${url}/${first}`)).statusCode, 204)
  t.equal((await call('DELETE', url)).statusCode, 204)
  t.equal((await call('DELETE', url)).statusCode, 204, 'where there is none nothing is to do')
  t.same((await call('GET', url)).json(), { sessions: [] })
  t.equal((await callAs(app, fay.bearer)('GET', '/api/me')).statusCode, 401)
  t.same(problemFaults(await call('GET', '/users/nobody/sessions'), 404), [])
  t.match((await call('GET', `/users/${fay.user.id}`)).json<User>().last_seen_at, /^20/, 'it is known also after all ended')

  const { entries } = (await call('GET', '/audit?action=session.end')).json<AuditPage>()
  t.same(entries.filter(({ target }) => target === fay.user.id).map(({ actor, detail }) => [actor?.name, detail]), [['admin', { session: 'all' }], ['admin', { session: first }]])
})

test('a token tells what its secret begins with and who made it', async (t) => {
  const call = callAs(app, admin.bearer)

  const { id, secret } = (await call('POST', '/tokens', { name: 'shop', scopes: ['ingest'] })).json<ApiToken & { secret: string }>()

  const token = (await call('GET', `/tokens/${id}`)).json<ApiToken>()
  t.match(token, { name: 'shop', created_by: 'admin', prefix: /^bw_[\w-]{6}$/ })
  t.ok(secret.startsWith(token.prefix ?? '-') && secret.length > 40)
  const first = (await call('GET', '/tokens')).json<{ tokens: ApiToken[] }>().tokens[0]
  t.match(first, { created_by: /./, prefix: /^bw_/ })
})
