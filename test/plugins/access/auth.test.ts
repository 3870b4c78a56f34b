import { test } from 'tap'
import type { RouteOptions } from 'fastify'
import { buildApp } from '../../../plugins/app.ts'
import type { App } from '../../../plugins/app-type.ts'
import type { Access, Scope } from '../../../schemas/token.ts'
import { SCOPES } from '../../../schemas/words.ts'
import type { Role } from '../../../schemas/user.ts'
import { ROLES } from '../../../schemas/words.ts'
import { withDatabase } from '../../../src/store/hot/offline.ts'
import { revokeToken } from '../../../src/store/hot/access/tokens.ts'
import { auth, buildTestApp, OPS_TOKEN } from '../../helper.ts'
import { anyAddress, bearer, guest, makeJwt, readJwt, signIn } from '../people.ts'
import { problemFaults } from '../support.ts'

/** Who may call what, written down a second time: a route that is not here fails the test. HEAD is as GET. */
const ACCESS: Readonly<Record<string, Access>> = {
  'GET /': 'open',
  'GET /dashboard': 'open',
  'GET /dashboard/*': 'open',
  'GET /dashboard/assets/:name': 'open',
  'GET /stats': 'read',
  'GET /trace': 'read',
  'GET /errors': 'read',
  'GET /runs': 'read',
  'GET /pipelines': 'read',
  'GET /pipelines/:id': 'read',
  'PUT /pipelines/:id': 'admin',
  'DELETE /pipelines/:id': 'admin',
  'POST /pipelines/try': 'operator',
  'GET /api/setup': 'open',
  'GET /health': 'open',
  'GET /livez': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'metrics',
  'GET /metric': 'metrics',
  'GET /metrics/snapshot': 'read',
  'GET /docs': 'read',
  'GET /docs/': 'read',
  'GET /docs/json': 'read',
  'GET /docs/yaml': 'read',
  'GET /docs/static/*': 'read',
  'GET /docs/static/index.html': 'read',
  'GET /docs/static/swagger-initializer.js': 'read',
  'GET /openapi.json': 'read',
  'POST /events': 'ingest',
  'POST /log': 'ingest',
  'GET /events': 'read',
  'GET /events/:id': 'read',
  'GET /events/:id/context': 'read',
  'GET /events/histogram': 'read',
  'GET /events/facets': 'read',
  'GET /events/export': 'read',
  'GET /series': 'read',
  'GET /series/data': 'read',
  'POST /samples': 'ingest',
  'POST /api/collect-metrics': 'operator',
  'GET /api/summary': 'read',
  'GET /overview': 'read',
  'GET /overview/stored': 'read',
  'GET /services': 'read',
  'GET /sample-data': 'read',
  'POST /sample-data': 'operator',
  'DELETE /sample-data': 'operator',
  'GET /stream': 'read',
  'GET /receipts/:id': 'read',
  'GET /rejected': 'read',
  'GET /refusals': 'read',
  'POST /rejected/:id/retry': 'operator',
  'GET /rules': 'read',
  'POST /rules': 'operator',
  'GET /rules/:id': 'read',
  'PUT /rules/:id': 'operator',
  'PATCH /rules/:id': 'operator',
  'DELETE /rules/:id': 'operator',
  'GET /alerts': 'read',
  'GET /alerts/:id': 'read',
  'GET /a/:token': 'open',
  'GET /a/*': 'open',
  'POST /a/:token': 'open',
  'POST /alerts/:id/ack': 'operator',
  'POST /alerts/:id/unack': 'operator',
  'POST /alerts/:id/resolve': 'operator',
  'GET /silences': 'read',
  'POST /silences': 'operator',
  'DELETE /silences/:id': 'operator',
  'GET /maintenance': 'read',
  'POST /maintenance': 'operator',
  'DELETE /maintenance/:id': 'operator',
  'GET /channels': 'admin',
  'POST /channels': 'admin',
  'GET /channels/:id': 'admin',
  'PATCH /channels/:id': 'admin',
  'DELETE /channels/:id': 'admin',
  'POST /channels/:id/test': 'admin',
  'GET /notifications': 'read',
  'POST /notifications/:id/redeliver': 'operator',
  'GET /integration.json': 'open',
  'GET /logo.svg': 'open',
  'POST /tick': 'open',
  'GET /tick': 'open',
  'GET /tick/:task_id': 'open',
  'POST /api/register': 'open',
  'POST /api/login': 'open',
  'POST /api/refresh': 'open',
  'POST /api/logout': 'signed-in',
  'GET /api/me': 'signed-in',
  'POST /api/password': 'signed-in',
  'GET /api/me/sessions': 'signed-in',
  'DELETE /api/me/sessions': 'signed-in',
  'DELETE /api/me/sessions/:session': 'signed-in',
  'GET /users': 'admin',
  'POST /users': 'admin',
  'GET /users/:id': 'admin',
  'PATCH /users/:id': 'admin',
  'DELETE /users/:id': 'admin',
  'GET /users/:id/sessions': 'admin',
  'DELETE /users/:id/sessions': 'admin',
  'DELETE /users/:id/sessions/:session': 'admin',
  'GET /invitations': 'admin',
  'POST /invitations': 'admin',
  'DELETE /invitations/:id': 'admin',
  'GET /tokens': 'admin',
  'POST /tokens': 'admin',
  'GET /tokens/:id': 'admin',
  'DELETE /tokens/:id': 'admin',
  'GET /audit': 'admin',
  'POST /rules/replay': 'read',
  'GET /config': 'read',
  'PUT /config': 'operator',
  'PATCH /config': 'operator',
  'GET /api/config': 'read',
  'PUT /api/config': 'operator',
  'PATCH /api/config': 'operator'
}

const METRICS_TOKEN = 'metrics-token-for-tests'

interface Caller {
  name: string
  headers: Record<string, string>
  may: (access: Access) => boolean
  /** One who is nobody to the service is told so; others that they may not. */
  isKnown: boolean
  /** Another session of the same person, for the route that ends it. */
  again?: () => Promise<Record<string, string>>
}

interface Route {
  method: string
  url: string
}

/** Every method and path; a path below a prefix also answers without its last slash. */
function routesOf (routes: readonly RouteOptions[]): Route[] {
  const all = routes.flatMap(({ method, url }) => [method].flat().flatMap((name) =>
    url.length > 1 && url.endsWith('/') ? [{ method: name, url }, { method: name, url: url.slice(0, -1) }] : [{ method: name, url }]))
  return [...new Map(all.map((route) => [`${route.method} ${route.url}`, route])).values()]
}

const MAY_AS: Readonly<Record<Role, readonly Access[]>> = {
  viewer: ['read', 'metrics', 'signed-in'],
  operator: ['read', 'metrics', 'signed-in', 'ingest', 'operator'],
  admin: ['read', 'metrics', 'signed-in', 'ingest', 'operator', 'admin']
}

const MAY_WITH: Readonly<Record<Scope, readonly Access[]>> = {
  ingest: ['ingest'],
  read: ['read', 'metrics'],
  metrics: ['metrics'],
  admin: ['read', 'metrics', 'ingest', 'operator', 'admin']
}

function somebody (name: string, headers: Record<string, string>, access: readonly Access[]): Caller {
  return { name, headers, may: (asked) => access.includes(asked), isKnown: true }
}

function nobody (name: string, headers: Record<string, string>): Caller {
  return { name, headers, may: () => false, isKnown: false }
}

async function people (app: App): Promise<Caller[]> {
  const all = await Promise.all(ROLES.map(async (role): Promise<Caller[]> => {
    const { bearer, cookie } = await guest(app, `${role}-of-the-matrix`, role)
    const again = () => signIn(app, `${role}-of-the-matrix`)
    return [
      { ...somebody(role, bearer, MAY_AS[role]), again: async () => (await again()).bearer },
      { ...somebody(`${role}, cookie`, cookie, MAY_AS[role]), again: async () => (await again()).cookie }
    ]
  }))
  return all.flat()
}

/** People who were let in once, and no longer are. */
async function formerPeople (app: App): Promise<Caller[]> {
  const { users, sessions, sessionKeys } = app.service
  const by = { caller: undefined, from: 'test' }
  const [disabled, removed, left] = await Promise.all(['disabled', 'removed', 'left'].map((name) => guest(app, name, 'admin')))
  if (disabled === undefined || removed === undefined || left === undefined) throw new Error('three were asked in')
  await users.change(disabled.user.id, { disabled: true }, by)
  await users.remove(removed.user.id, by)
  const { header, claims } = readJwt(left.sessionToken)
  const old = makeJwt(header, { ...claims, iat: Number(claims['iat']) - 1_000, exp: Number(claims['exp']) - 1_000 }, sessionKeys.current)
  const expired = nobody('expired session', bearer(old))
  const { id, username } = left.user
  await sessions.logout({ kind: 'user', id, tokenId: `user:${id}`, name: username, role: 'admin', scopes: [], sessionId: String(claims['sid']) }, 'test')
  return [expired, ...Object.entries({ disabled, removed, left }).flatMap(([name, guest]) => [nobody(name, guest.bearer), nobody(`${name}, cookie`, guest.cookie)])]
}

async function tokens (app: App): Promise<Caller[]> {
  const make = async (scopes: readonly Scope[], expiresAt: number | null = null) => app.service.access.create({ name: 'sample', scopes, expiresAt })
  const scoped = await Promise.all(SCOPES.map(async (scope) => somebody(`scope ${scope}`, bearer((await make([scope])).secret), MAY_WITH[scope])))
  const revoked = await make(SCOPES)
  await withDatabase(app.service.config.dataDir, (db) => revokeToken(db, { id: revoked.id, now: Date.now() }))
  return [
    ...scoped,
    somebody('ops, bearer', bearer(OPS_TOKEN), ['ingest', 'read', 'metrics']),
    somebody('ops, header', { 'x-ops-token': OPS_TOKEN }, ['ingest', 'read', 'metrics']),
    somebody('METRICS_TOKEN', bearer(METRICS_TOKEN), ['metrics']),
    nobody('expired', bearer((await make(SCOPES, 1)).secret)),
    nobody('revoked', bearer(revoked.secret))
  ]
}

async function callers (app: App): Promise<Caller[]> {
  const known = [...await tokens(app), ...await people(app)]
  const { cookie = '' } = (await signIn(app, 'admin-of-the-matrix')).cookie
  return [
    ...known,
    ...await formerPeople(app),
    nobody('nobody', {}),
    nobody('garbage', { authorization: 'Bearer \u00ff\u0001, Basic ==' }),
    nobody('other scheme', { authorization: `Basic ${OPS_TOKEN}` }),
    nobody('empty bearer', { authorization: 'Bearer ' }),
    nobody('over-long', bearer('x'.repeat(10_000))),
    nobody('over-long ops', { 'x-ops-token': OPS_TOKEN.repeat(1_000) }),
    nobody('bad bearer beside a good cookie', { cookie, 'sec-fetch-site': 'same-origin', ...bearer('bw_bad') }),
    nobody('bad ops token beside a good cookie', { cookie, 'sec-fetch-site': 'same-origin', 'x-ops-token': 'bw_bad' })
  ]
}

/** What the caller must be answered; 0 for anything but 401, 403 and a fault of the server. */
function expected (access: Access, { may, isKnown }: Caller): 0 | 401 | 403 {
  if (access === 'open' || may(access)) return 0
  return isKnown ? 403 : 401
}

async function call (app: App, { method, url }: Route, { headers, again }: Caller) {
  const path = url.replace(':id', '1').replace('*', 'index.css')
  const sent = url === '/api/logout' && again !== undefined ? await again() : headers
  const response = await app.inject({ method: parseMethod(method), url: path, headers: sent, remoteAddress: anyAddress(), payloadAsStream: true })
  if (method === 'GET' && url === '/stream' && response.statusCode === 200) {
    response.stream().destroy()
    return { statusCode: 200, headers: response.headers, body: '' }
  }
  const chunks = await response.stream().toArray()
  return { statusCode: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

function parseMethod (method: string): 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' {
  return method as 'GET'
}

function isWrong (wanted: 0 | 401 | 403, method: string, response: Awaited<ReturnType<typeof call>>): boolean {
  const { statusCode } = response
  if (wanted === 0) return statusCode === 401 || statusCode === 403 || statusCode >= 500
  if (method === 'HEAD') return statusCode !== wanted || response.body !== ''
  return problemFaults(response, wanted).length > 0 || (wanted === 401 && response.headers['www-authenticate'] !== 'Bearer')
}

/** Calls every route as every caller; says where the answer is not what the table wants. */
async function matrixFaults (app: App, table: Readonly<Record<string, Access>>, everybody: readonly Caller[]): Promise<string[]> {
  const faults: string[] = []
  for (const route of routesOf(app.routes)) {
    const access = table[`${route.method === 'HEAD' ? 'GET' : route.method} ${route.url}`]
    if (access === undefined) {
      faults.push(`${route.method} ${route.url} stands in no table`)
      continue
    }
    for (const caller of everybody) {
      const wanted = expected(access, caller)
      const response = await call(app, route, caller)
      if (isWrong(wanted, route.method, response)) faults.push(`${route.method} ${route.url} as ${caller.name}: ${response.statusCode}, not ${wanted}`)
    }
  }
  return faults
}

test('access over HTTP', async (t) => {
  const app = await buildTestApp(t, { METRICS_TOKEN })
  const everybody = await callers(app)

  await t.test('every route asks of every caller what the table says', async (t) => {
    t.same(await matrixFaults(app, ACCESS, everybody), [])

    const known = routesOf(app.routes).map(({ method, url }) => `${method} ${url}`)
    t.same(Object.keys(ACCESS).filter((route) => !known.includes(route)), [], 'the table names no route that is gone')
  })

  await t.test('the matrix finds a route that nobody wrote down, and those that are more or less open than they should be', async (t) => {
    const bad = await buildApp(app.service)
    bad.get('/secret', { config: { access: 'open' } }, async () => 'x')
    await bad.ready()
    const nobody = everybody.filter(({ name }) => name === 'nobody')

    const faults = await matrixFaults(bad, { ...ACCESS, 'GET /livez': 'read', 'GET /events/facets': 'open' }, nobody)

    t.same(faults, [
      'GET /livez as nobody: 200, not 401',
      'HEAD /livez as nobody: 200, not 401',
      'GET /events/facets as nobody: 401, not 0',
      'HEAD /events/facets as nobody: 401, not 0',
      'GET /secret stands in no table',
      'HEAD /secret stands in no table'
    ])
    await bad.close()
  })

  await t.test('the service does not start with a route that does not say who may call it', async (t) => {
    const bad = await buildApp(app.service)
    bad.get('/forgotten', async () => 'x')

    await t.rejects(async () => { await bad.ready() }, { message: 'route GET /forgotten does not say who may call it' })
    await bad.close()
  })

  await t.test('an unknown path is 404 for everybody, so that a token is not needed to learn that', async (t) => {
    for (const headers of [{}, auth, { authorization: 'Bearer x' }]) {
      t.same(problemFaults(await app.inject({ url: '/nothing/here', headers }), 404), [])
    }
  })

  await t.test('a 403 names the scopes that the token has and the one that is needed, and never the secret', async (t) => {
    const { secret } = await app.service.access.create({ name: 'shipper', scopes: ['ingest'], expiresAt: null })

    const response = await app.inject({ url: '/events', headers: { 'x-ops-token': secret } })

    t.equal(response.json().detail, 'the token "shipper" has the scopes ingest; this needs read')
    t.notOk(response.body.includes(secret))
  })

  await t.test('a body is judged only for a caller who may send it', async (t) => {
    const response = await app.inject({ method: 'POST', url: '/events', payload: 'x'.repeat(1_000), headers: { 'content-type': 'image/png' } })

    t.equal(response.statusCode, 401)
    t.same(app.service.admission.load, { bytes: 0, events: 0 })
  })
})
