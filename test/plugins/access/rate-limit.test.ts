import { once } from 'node:events'
import { request } from 'node:http'
import { test, type Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import type { App } from '../../../plugins/app-type.ts'
import { auth, buildTestApp, OPS_TOKEN } from '../../helper.ts'
import { until } from '../../support/until.ts'
import { addUser, bearer, guest, PASSWORD } from '../people.ts'
import { get, post, problemFaults } from '../support.ts'

const START = Date.now()

interface Turned {
  app: App
  clock: { time: number }
}

/** An app whose time the test turns. */
async function withClock (t: Test, settings: Record<string, string> = {}): Promise<Turned> {
  const clock = { time: START, now: () => clock.time }
  return { app: await buildTestApp(t, settings, clock), clock }
}

function login (app: App, { username = 'ann', password = 'a wrong password', address = '10.1.1.1', forwarded = '' } = {}): Promise<LightMyRequestResponse> {
  const headers = forwarded === '' ? {} : { 'x-forwarded-for': forwarded }
  return app.inject({ method: 'POST', url: '/api/login', payload: { username, password }, remoteAddress: address, headers })
}

async function statuses (count: number, ask: (n: number) => Promise<LightMyRequestResponse>): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < count; n++) all.push((await ask(n)).statusCode)
  return all
}

function times (count: number, status: number): number[] {
  return Array.from({ length: count }, () => status)
}

test('limits on signing in', async (t) => {
  const { app, clock } = await withClock(t)
  await addUser(app, 'ann', 'admin')
  await addUser(app, 'ben', 'viewer')
  t.beforeEach(() => { clock.time += 60_000 })

  await t.test('after five failures of an address comes 429 with the wait, and after the wait a right one is let in', async (t) => {
    t.same(await statuses(5, () => login(app)), times(5, 401))
    clock.time += 12_500

    const refused = await login(app, { username: 'ben', password: PASSWORD })

    t.same(problemFaults(refused, 429), [])
    t.match(refused.headers, { 'retry-after': '48', 'ratelimit-limit': '5', 'ratelimit-remaining': '0', 'ratelimit-reset': '48' })
    clock.time += 47_500
    t.equal((await login(app, { password: PASSWORD })).statusCode, 200)
  })

  await t.test('thirty tries with forged X-Forwarded-For get no more through than five', async (t) => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => login(app, { username: `user-${n}`, forwarded: `203.0.113.${n}` })))

    t.equal(answers.filter(({ statusCode }) => statusCode === 401).length, 5)
    t.equal(answers.filter(({ statusCode, headers }) => [429, 503].includes(statusCode) && headers['retry-after'] !== undefined).length, 25)
  })

  await t.test('an account has its five whatever the addresses, and its owner comes in from where she came before', async (t) => {
    t.same(await statuses(6, (n) => login(app, { username: 'ben', address: `10.2.2.${n}` })), [...times(5, 401), 429])

    t.equal((await login(app, { username: 'BEN', address: '10.2.2.9', password: PASSWORD })).statusCode, 429)
    t.equal((await login(app, { username: 'ann', address: '10.2.2.9', password: PASSWORD })).statusCode, 200)
    clock.time += 60_000
    t.equal((await login(app, { username: 'ben', address: '10.2.2.9', password: PASSWORD })).statusCode, 200)
    await statuses(5, (n) => login(app, { username: 'ben', address: `10.3.3.${n}` }))
    t.equal((await login(app, { username: 'ben', address: '10.2.2.9', password: PASSWORD })).statusCode, 200)
  })

  await t.test('one who does not exist is limited as one who does', async (t) => {
    t.same(await statuses(6, (n) => login(app, { username: 'nobody', address: `10.4.4.${n}` })), [...times(5, 401), 429])
  })

  await t.test('of IPv6 the network counts, and an IPv4 address written as IPv6 is itself', async (t) => {
    t.same(await statuses(6, (n) => login(app, { username: `user-${n}`, address: `2001:db8:1:2:${n}::${n}` })), [...times(5, 401), 429])
    t.equal((await login(app, { username: 'x', address: '2001:db8:1:3::1' })).statusCode, 401)

    await statuses(5, (n) => login(app, { username: `other-${n}`, address: '10.5.5.5' }))
    t.equal((await login(app, { username: 'x', address: '::ffff:10.5.5.5' })).statusCode, 429)
  })

  await t.test('the wrong current password of one who is signed in counts, and a bad registration for itself', async (t) => {
    const { bearer } = await guest(app, 'eve', 'viewer')
    const change = () => app.inject({ method: 'POST', url: '/api/password', headers: bearer, remoteAddress: '10.6.6.6', payload: { current: 'not the one', password: 'some other password' } })
    const register = (n: number) => app.inject({ method: 'POST', url: '/api/register', remoteAddress: '10.6.6.7', payload: { username: `new-${n}`, password: PASSWORD, setup_token: `guess ${n}` } })

    t.same(await statuses(6, change), [...times(5, 403), 429])
    t.same(await statuses(6, register), [...times(5, 403), 429])

    t.equal((await login(app, { address: '10.6.6.7', password: PASSWORD })).statusCode, 200)
  })
})

test('with TRUST_PROXY the address is that which the proxy names, and no other header counts', async (t) => {
  const { app } = await withClock(t, { TRUST_PROXY: '10.0.0.1' })
  const through = (n: number, forwarded: string) => login(app, { username: `user-${n}`, address: '10.0.0.1', forwarded })

  t.same(await statuses(6, (n) => through(n, `198.51.100.${n}, 203.0.113.7`)), [...times(5, 401), 429], 'what the client wrote before it is nothing')

  t.equal((await through(7, '203.0.113.8')).statusCode, 401)
})

test('what is guessed and what is not there', async (t) => {
  const { app, clock } = await withClock(t)
  const present = (secret: string, address = '10.1.1.1', url = '/events') => app.inject({ url, headers: bearer(secret), remoteAddress: address })

  await t.test('a hundred wrong tokens of one address are 401, the next 429, while health answers and good clients go on', async (t) => {
    t.equal((await present(OPS_TOKEN)).statusCode, 200)
    t.same(await statuses(100, (n) => present(`wrong-${n}`)), times(100, 401))

    const refused = await present('wrong-again')

    t.same(problemFaults(refused, 429), [])
    t.match(refused.headers, { 'retry-after': '60', 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': '60' })
    t.equal((await present(OPS_TOKEN)).statusCode, 200)
    t.equal((await present('wrong-again', '10.1.1.2')).statusCode, 401)
    for (const url of ['/health', '/livez', '/readyz', '/']) t.equal((await present('wrong-once-more', '10.1.1.1', url)).statusCode, 200, url)
  })

  await t.test('a guess that is right is not told on an open route either', async (t) => {
    const { secret } = await app.service.access.create({ name: 'hit', scopes: ['read'], expiresAt: null })

    const health = await present(secret, '10.1.1.1', '/health')

    t.notOk('detail' in health.json().checks.store)
    t.ok('detail' in (await present(secret, '10.1.1.3', '/health')).json().checks.store)
  })

  await t.test('three hundred unknown paths of one address are 404, the next 429, and all else goes on', async (t) => {
    const look = (n: number, address = '10.1.1.4') => app.inject({ method: n % 2 === 0 ? 'GET' : 'POST', url: `/wp-admin/${n}.php`, remoteAddress: address })
    const first = await look(0)
    t.match(first.headers, { 'ratelimit-limit': '300', 'ratelimit-remaining': '299', 'ratelimit-reset': '60' })
    t.same(await statuses(299, look), times(299, 404))

    const refused = await look(300)

    t.same(problemFaults(refused, 429), [])
    t.match(refused.headers, { 'retry-after': '60', 'ratelimit-remaining': '0' })
    t.equal((await look(0, '10.1.1.5')).statusCode, 404)
    t.equal((await app.inject({ url: '/events', headers: auth, remoteAddress: '10.1.1.4' })).statusCode, 200)
    clock.time += 60_000
    t.equal((await look(0)).statusCode, 404)
  })

  await t.test('health is asked as often as one likes', async (t) => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => app.inject({ url: '/livez' })))

    t.ok(answers.every(({ statusCode, headers }) => statusCode === 200 && headers['ratelimit-limit'] === undefined))
  })
})

test('INGEST_RATE is for one token and a second, over all routes that take events', async (t) => {
  const { app, clock } = await withClock(t, { INGEST_RATE: '3' })
  const { secret } = await app.service.access.create({ name: 'other', scopes: ['ingest'], expiresAt: null })
  const send = (n: number) => post(app, n % 2 === 0 ? '/events' : '/log', { message: 'x' })

  t.same(await statuses(4, send), [201, 201, 201, 429])

  const refused = await send(0)
  t.same(problemFaults(refused, 429), [])
  t.match(refused.headers, { 'retry-after': '1', 'ratelimit-limit': '3', 'ratelimit-remaining': '0' })
  t.equal((await post(app, '/events', { message: 'x' }, bearer(secret))).statusCode, 201, 'another token has its own')
  t.equal((await get(app, '/events')).statusCode, 200, 'reading has no such limit')
  t.same(app.service.admission.load, { bytes: 0, events: 0 }, 'what was refused holds no place')
  clock.time += 1_000
  t.equal((await send(0)).statusCode, 201)
})

test('without INGEST_RATE the answers to events name no limit', async (t) => {
  const { app } = await withClock(t)

  const response = await post(app, '/events', { message: 'x' })

  t.equal(response.headers['ratelimit-limit'], undefined)
})

test('a client that hangs up while its password is checked has still tried', async (t) => {
  const { app } = await withClock(t)
  await addUser(app, 'ann', 'viewer')
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const body = JSON.stringify({ username: 'ann', password: 'a wrong password' })
  for (let n = 0; n < 5; n++) {
    const outgoing = request({ port, path: '/api/login', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length } })
    outgoing.on('error', () => {})
    outgoing.end(body)
    await once(app.server, 'request')
    outgoing.destroy()
  }

  const login = { method: 'POST', url: '/api/login', payload: { username: 'ann', password: PASSWORD }, remoteAddress: '127.0.0.1' } as const
  await until(async () => (await app.inject(login)).statusCode === 429)

  t.equal((await app.inject(login)).statusCode, 429)
})
