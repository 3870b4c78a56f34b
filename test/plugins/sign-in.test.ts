import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { SignedIn } from '../../schemas/session.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { buildTestApp } from '../helper.ts'
import { addUser, anyAddress, bearer, cookieOf, guest, PASSWORD, signIn, type Headers } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

async function send (app: App, url: string, payload: object, headers: Headers = {}, remoteAddress = anyAddress()) {
  return app.inject({ method: 'POST', url, payload, headers, remoteAddress })
}

async function ask (app: App, url: string, headers: Headers) {
  return app.inject({ url, headers, remoteAddress: anyAddress() })
}

test('as a new user would: register, sign in, read, be refused, sign out, be refused', async (t) => {
  const app = await buildTestApp(t)

  const registered = await send(app, '/api/register', { username: 'Ann', password: PASSWORD }, {}, '127.0.0.1')
  t.equal(registered.statusCode, 201)
  t.match(registered.json(), { username: 'Ann', role: 'admin' })
  const invitation = await send(app, '/invitations', { role: 'viewer' }, (await signIn(app, 'ann')).bearer)
  t.equal(invitation.statusCode, 201)
  const guest = await send(app, '/api/register', { username: 'bob', password: PASSWORD, setup_token: invitation.json<{ setup_token: string }>().setup_token })
  t.match(guest.json(), { username: 'bob', role: 'viewer' })

  const { bearer: headers, user } = await signIn(app, 'bob')
  t.match((await ask(app, '/api/me', headers)).json(), { id: user.id, username: 'bob', role: 'viewer', disabled: false })
  t.equal((await ask(app, '/events', headers)).statusCode, 200)
  const refused = await send(app, '/events', { message: 'x' }, headers)
  t.same(problemFaults(refused, 403), [])
  t.equal(refused.json().detail, '"bob" has the role viewer; this needs operator')

  t.equal((await send(app, '/api/logout', {}, headers)).statusCode, 204)
  t.same(problemFaults(await ask(app, '/events', headers), 401), [])
})

test('signing in', async (t) => {
  const app = await buildTestApp(t)
  const { user } = await guest(app, 'ann', 'operator')

  await t.test('the answer has what API clients and browsers need, and is kept by nobody in between', async (t) => {
    const response = await send(app, '/api/login', { username: 'ANN', password: PASSWORD })

    t.equal(response.statusCode, 200)
    t.match(response.json<SignedIn>(), { token_type: 'Bearer', expires_in: 900, refresh_token: /^bwr_/, user: { id: user.id, username: 'ann', role: 'operator' } })
    t.match(response.headers['set-cookie'], /^bw_session=bwc_[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/)
    t.equal(response.headers['cache-control'], 'no-store')
  })

  await t.test('a wrong password and an unknown name are answered the same', async (t) => {
    const [wrong, unknown] = [await send(app, '/api/login', { username: 'ann', password: 'wrong password' }), await send(app, '/api/login', { username: 'nobody', password: 'wrong password' })]

    t.same(problemFaults(wrong, 401), [])
    const { instance: _, ...told } = wrong.json<Record<string, unknown>>()
    const { instance: __, ...toldOther } = unknown.json<Record<string, unknown>>()
    t.same(told, toldOther)
    t.same(Object.keys(wrong.headers).sort(), Object.keys(unknown.headers).sort())
    t.equal(wrong.headers['set-cookie'], undefined)
  })

  await t.test('bad bodies are 400 with their paths', async (t) => {
    const bodies: ReadonlyArray<[url: string, body: object, paths: string[]]> = [
      ['/api/login', {}, ['/username', '/password', '/username', '/password']],
      ['/api/login', { username: 'ann', password: 1 }, ['/password']],
      ['/api/login', { username: 'ann', password: 'x'.repeat(1_025) }, ['/password']],
      ['/api/login', { username: 'ann', password: PASSWORD, otp: '1' }, ['/otp']],
      ['/api/register', { username: 'ann', password: PASSWORD, role: 'root' }, ['/role']],
      ['/api/refresh', { token: 'x' }, ['/refresh_token', '/token', '/refresh_token']]
    ]
    for (const [url, body, paths] of bodies) {
      const response = await send(app, url, body)

      t.same(problemFaults(response, 400), [], `${url} ${JSON.stringify(body).slice(0, 60)}`)
      t.same([...new Set(pathsOf(response))].sort(), [...new Set(paths)].sort())
    }
  })

  await t.test('what is no JSON is 400 or 415, so that no form of another site signs anybody in', async (t) => {
    const sent = (type: string, payload: string) => app.inject({ method: 'POST', url: '/api/login', payload, headers: { 'content-type': type }, remoteAddress: anyAddress() })

    t.same(problemFaults(await sent('application/json', '{"username":'), 400), [])
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) t.same(problemFaults(await sent(type, 'username=ann'), 415), [], type)
  })

  await t.test('a refresh gives a new session token and a new refresh token, each good', async (t) => {
    const { refreshToken } = await signIn(app, 'ann')

    const response = await send(app, '/api/refresh', { refresh_token: refreshToken })

    const { session_token: token, refresh_token: next, expires_in: seconds, user: told } = response.json<SignedIn>()
    t.equal(response.statusCode, 200)
    t.match({ told, seconds }, { told: { username: 'ann' }, seconds: 900 })
    t.equal((await ask(app, '/api/me', bearer(token))).statusCode, 200)
    t.equal((await send(app, '/api/refresh', { refresh_token: next })).statusCode, 200)
    t.same(problemFaults(await send(app, '/api/refresh', { refresh_token: refreshToken }), 401), [], 'the first was used')
    t.equal((await ask(app, '/api/me', bearer(token))).statusCode, 401, 'which ended the session')
  })

  await t.test('the own password is changed with the current one, and other sessions end', async (t) => {
    const [here, there] = [await guest(app, 'cid', 'viewer'), await signIn(app, 'cid')]

    t.same(problemFaults(await send(app, '/api/password', { current: 'not this one', password: `${PASSWORD}!` }, here.bearer), 403), [])
    t.same(problemFaults(await send(app, '/api/password', { current: PASSWORD, password: 'cid' }, here.bearer), 400), [])
    t.equal((await send(app, '/api/password', { current: PASSWORD, password: `${PASSWORD}!` }, here.cookie)).statusCode, 204)

    t.same([(await ask(app, '/api/me', here.bearer)).statusCode, (await ask(app, '/api/me', here.cookie)).statusCode], [200, 200])
    t.same([(await ask(app, '/api/me', there.bearer)).statusCode, (await ask(app, '/api/me', there.cookie)).statusCode], [401, 401])
    t.same(problemFaults(await send(app, '/api/login', { username: 'cid', password: PASSWORD }), 401), [])
  })
})

test('the cookie', async (t) => {
  const app = await buildTestApp(t)
  const { cookie: { cookie = '' } } = await guest(app, 'ann', 'admin')
  const host = 'ops.example.com'

  const origins: ReadonlyArray<[headers: Headers, status: number]> = [
    [{ 'sec-fetch-site': 'same-origin' }, 201],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 201],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: `http://${host}` }, 201],
    [{ origin: `https://${host}` }, 201],
    [{ origin: `http://${host}:8080` }, 403],
    [{ origin: `http://${host}.evil.example` }, 403],
    [{ origin: 'null' }, 403],
    [{}, 403]
  ]
  for (const [headers, status] of origins) {
    await t.test(`changes something with ${JSON.stringify(headers)}: ${status}`, async (t) => {
      t.equal((await send(app, '/invitations', {}, { cookie, host, ...headers })).statusCode, status)
    })
  }

  await t.test('reads whatever page asks, since no other page gets the answer', async (t) => {
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }]) t.equal((await ask(app, '/api/me', { cookie, ...headers })).statusCode, 200)
  })

  await t.test('a page of another site cannot lend itself an admin to register somebody', async (t) => {
    const registration = { username: 'eve', password: PASSWORD, role: 'admin' }

    t.same(problemFaults(await send(app, '/api/register', registration, { cookie, 'sec-fetch-site': 'cross-site' }), 403), [])
    t.equal((await send(app, '/api/register', registration, { cookie, 'sec-fetch-site': 'same-origin' })).statusCode, 201)
  })

  await t.test('signing out takes it back', async (t) => {
    const { cookie } = await signIn(app, 'ann')

    const response = await send(app, '/api/logout', {}, cookie)

    t.equal(response.statusCode, 204)
    t.match(response.headers['set-cookie'], /^bw_session=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict$/)
    t.equal((await ask(app, '/api/me', cookie)).statusCode, 401)
  })
})

test('behind TLS the cookie is Secure, and pages at BASE_URL are of the service', async (t) => {
  const app = await buildTestApp(t, { BASE_URL: 'https://ops.example.com/logs' })
  await addUser(app, 'ann', 'admin')
  const response = await send(app, '/api/login', { username: 'ann', password: PASSWORD })
  const cookie = cookieOf(response)

  t.match(response.headers['set-cookie'], /; HttpOnly; Secure; SameSite=Strict$/)
  t.equal((await send(app, '/invitations', {}, { cookie, host: '10.0.0.5:8080', origin: 'https://ops.example.com' })).statusCode, 201)
  t.equal((await send(app, '/invitations', {}, { cookie, host: '10.0.0.5:8080', origin: 'http://ops.example.com' })).statusCode, 403)
})

const peers: ReadonlyArray<[what: string, remoteAddress: string, headers: Headers, isFree: boolean]> = [
  ['another machine', '192.0.2.7', {}, false],
  ['another machine that says it is this one', '192.0.2.7', { 'x-forwarded-for': '127.0.0.1' }, false],
  ['a proxy on this machine', '127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }, false],
  ['a proxy that names itself', '127.0.0.1', { via: '1.1 proxy' }, false],
  ['a proxy with the standard header', '127.0.0.1', { forwarded: 'for=192.0.2.7' }, false],
  ['a page whose name was rebound', '127.0.0.1', { host: 'evil.example' }, false],
  ['loopback by IPv6', '::1', { host: '[::1]:8080' }, true],
  ['loopback by IPv4 in IPv6', '::ffff:127.0.0.1', { host: '127.0.0.1:8080' }, true]
]
test('the first user needs the setup token, but for one who asks from the machine itself', async (t) => {
  const app = await buildTestApp(t, { SETUP_TOKEN: 'a-setup-token-of-ours' })

  for (const [what, remoteAddress, headers, isFree] of peers) {
    const register = (setup?: object) => send(app, '/api/register', { username: 'ann', password: PASSWORD, ...setup }, headers, remoteAddress)
    const response = await register()

    if (isFree) t.equal(response.statusCode, 201, what)
    else {
      t.same(problemFaults(response, 403), [], what)
      t.equal((await register({ setup_token: 'a-setup-token-of-ours' })).statusCode, 201, `${what}, with the token`)
    }
    await withDatabase(app.service.config.dataDir, (db) => db.deleteFrom('users').execute())
  }
})
