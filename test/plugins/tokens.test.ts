import t, { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Event } from '../../schemas/event.ts'
import type { ReplayAnswer } from '../../schemas/replay.ts'
import type { Receipt, Rejected } from '../../schemas/submission.ts'
import { revokeToken } from '../../src/store/hot/access/tokens.ts'
import { updateUser } from '../../src/store/hot/access/users.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { buildTestApp } from '../helper.ts'
import { until } from '../support/until.ts'
import { addUser, bearer, guest, type Headers, PASSWORD, signIn } from './people.ts'
import { SseClient } from './sse.ts'
import { find, FORM_BODY, get, JSON_BODY, NDJSON_BODY, pathsOf, post, problemFaults, TEXT_BODY } from './support.ts'
import { makeRule, world } from './world.ts'

// Before the first test: tap takes a file whose tests have all ended, while it waits for something, for done.
const app = await buildTestApp(t)
await addUser(app, 'admin', 'admin')
const url = await app.listen({ host: '127.0.0.1', port: 0 })

test('what a token says of its events holds, whatever they say', async (t) => {
  const app = await buildTestApp(t)
  const { secret } = await app.service.access.create({
    name: 'shipper', scopes: ['ingest'], expiresAt: null, stamp: { service: 'api', env: 'prod' }, minLevel: 'WARN'
  })
  const send = (url: string, payload: string, headers: Record<string, string> = JSON_BODY) =>
    app.inject({ method: 'POST', url, payload, headers: { ...headers, ...bearer(secret) } })

  await t.test('the service and the environment are those of the token; what the event said of them is kept in meta', async (t) => {
    const stored = await send('/events', '{"message":"m","level":"error","service":"web","meta":{"env":"dev","n":12345678901234567890}}')

    t.equal(stored.statusCode, 201)
    t.match(stored.json<Event>(), { service: 'api', meta: { service: 'web', env: 'prod', env_2: 'dev' } })
    t.match(stored.body, '12345678901234567890')
    t.match((await send('/events?service=web', '{"message":"m","level":"fatal"}')).json<Event>(), { service: 'api', meta: { env: 'prod' } })
  })

  await t.test('in every form that events come in', async (t) => {
    const bodies: ReadonlyArray<[url: string, payload: string, headers: Record<string, string>]> = [
      ['/events', '[{"message":"array","level":"warn"}]', JSON_BODY],
      ['/events', '{"message":"ndjson","level":"warn"}\n', NDJSON_BODY],
      ['/events?level=warn&service=web', 'text\n', TEXT_BODY],
      ['/log', 'message=form&level=warn&service=web', FORM_BODY]
    ]
    for (const [url, payload, headers] of bodies) t.equal((await send(url, payload, headers)).statusCode, 201, payload)

    for (const message of ['array', 'ndjson', 'text', 'form']) t.match(await find(app, `q=${message}`), [{ message, service: 'api', meta: { env: 'prod' } }])
  })

  await t.test('an event below the minimum level is refused with the reason, and the others are stored', async (t) => {
    const batch = await send('/events', '[{"message":"a","level":"info"},{"message":"b","level":"warn"},{"message":"c"},{"message":"d","level":"fatal"}]')

    t.equal(batch.statusCode, 207)
    t.match(batch.json<Receipt>(), {
      accepted: 2,
      rejected: 2,
      items: [
        { index: 0, status: 'rejected', errors: [{ path: '/0/level', message: 'INFO is below the minimum level of this token, WARN' }] },
        { index: 2, status: 'rejected' }
      ]
    })
    for (const [url, payload, headers] of [['/events', '{"message":"x","level":"debug"}', JSON_BODY], ['/events?dry=1', '{"message":"x"}', JSON_BODY], ['/log', 'message=x', FORM_BODY]] as const) {
      const response = await send(url, payload, headers)
      t.same(problemFaults(response, 400), [], payload)
      t.same(pathsOf(response), ['/level'])
    }
    t.same(problemFaults(await send('/events', 'one line\n', TEXT_BODY), 400), [])
    t.match((await get(app, '/rejected?limit=1')).json(), { rejected: [{ original: 'one line' }] })
  })

  await t.test('a refused item that an operator mends is still one of its token, even when that has ended', async (t) => {
    const { id, secret } = await app.service.access.create({ name: 'gone', scopes: ['ingest'], expiresAt: null, stamp: { service: 'cron', env: 'prod' }, minLevel: 'WARN' })
    const mender = bearer((await app.service.access.create({ name: 'mender', scopes: ['admin'], expiresAt: null, stamp: { service: 'desk' } })).secret)
    const sent = { method: 'POST', url: '/events', headers: { ...JSON_BODY, ...bearer(secret) } } as const
    await app.inject({ ...sent, payload: '[{"event_id":"e1","level":"error","message":"first"},{"level":"error"}]' })
    await app.service.access.revoke(id)
    const [item] = (await get(app, '/rejected?limit=1')).json<{ rejected: Rejected[] }>().rejected
    const mend = (payload: object) => app.inject({ method: 'POST', url: `/rejected/${item?.id}/retry`, payload, headers: mender })

    t.same(pathsOf(await mend({ message: 'mended', level: 'info', service: 'web' })), ['/level'])
    t.equal((await mend({ message: 'another', level: 'error', event_id: 'e1' })).statusCode, 409, 'the ids of the token are those that count')
    const mended = await mend({ message: 'mended', level: 'error', service: 'web' })

    t.equal(mended.statusCode, 201)
    t.match(mended.json<Event>(), { service: 'cron', meta: { service: 'web', env: 'prod' } })
  })

  await t.test('another token\'s events are as they were sent', async (t) => {
    const response = await app.inject({ method: 'POST', url: '/events', payload: { message: 'plain', level: 'trace', service: 'web' }, headers: { 'x-ops-token': 'ops-token-for-tests' } })

    t.match(response.json<Event>(), { service: 'web', level: 'TRACE' })
    t.same(response.json<Event>().meta, {})
  })
})

/** A second, on a machine that has little else to do. */
const WITHIN_MS = 10_000

interface Case {
  app: App
  /** Whose credentials end. */
  headers: Headers
  userId: string
  /** Another session of the same person. */
  other: Headers
}

async function ended (app: App, url: string, headers: Headers, end: () => Promise<unknown>): Promise<number> {
  const stream = await SseClient.open(`${url}/stream`, headers)
  if (stream.isOver) throw new Error('the stream did not open')
  await end()
  const endedAt = performance.now()
  const isRefused = async (): Promise<boolean> => (await app.inject({ url: '/api/me', headers })).statusCode === 401
  await Promise.all([stream.until(() => stream.isOver), until(isRefused)])
  return performance.now() - endedAt
}

const ends: Readonly<Record<string, (given: Case) => Promise<unknown>>> = {
  'signing out': ({ app, headers }) => app.inject({ method: 'POST', url: '/api/logout', headers }),
  'a password change elsewhere': ({ app, other }) => app.inject({ method: 'POST', url: '/api/password', headers: other, payload: { current: PASSWORD, password: `${PASSWORD}!` } }),
  'a change of role': ({ app, userId }) => app.service.users.change(userId, { role: 'operator' }, { caller: undefined, from: 'test' }),
  'disabling on the command line': ({ app, userId }) => withDatabase(app.service.config.dataDir, (db) => updateUser(db, { id: userId, disabledAt: 1 }))
}

for (const [what, end] of Object.entries(ends)) {
  test(`within a second of ${what} the old credentials are refused, and open streams end`, async (t) => {
    const name = `ann-${Object.keys(ends).indexOf(what)}`
    const { bearer, cookie, user } = await guest(app, name, 'viewer')

    const other = (await signIn(app, name)).bearer
    const byToken = await SseClient.open(`${url}/stream`, bearer)
    const took = await ended(app, url, cookie, () => end({ app, headers: bearer, userId: user.id, other }))
    await byToken.until(() => byToken.isOver)

    t.ok(took < WITHIN_MS, `${Math.round(took)} ms`)
    t.ok(byToken.response.complete, 'the stream ends as a whole answer')
    t.equal((await app.inject({ url: '/api/me', headers: bearer })).statusCode, 401)
  })
}

test('within a second of the revocation of an API token, here or on the command line, its streams end', async (t) => {
  const make = () => app.service.access.create({ name: 'reader', scopes: ['read'], expiresAt: null })
  const [here, beside] = [await make(), await make()]

  const took = await ended(app, url, bearer(here.secret), () => app.service.tokens.revoke(here.id, { caller: undefined, from: 'test' }))
  const tookBeside = await ended(app, url, bearer(beside.secret), () => withDatabase(app.service.config.dataDir, (db) => revokeToken(db, { id: beside.id, now: Date.now() })))

  t.ok(took < WITHIN_MS, `${Math.round(took)} ms`)
  t.ok(tookBeside < WITHIN_MS, `${Math.round(tookBeside)} ms`)
})

test('a stream ends with the expiry of the token that opened it, and goes on for one that is good', async (t) => {
  const short = await app.service.access.create({ name: 'short', scopes: ['read'], expiresAt: Date.now() + 700 })
  const long = await app.service.access.create({ name: 'long', scopes: ['read'], expiresAt: null })
  const [ending, staying] = await Promise.all([short, long].map(({ secret }) => SseClient.open(`${url}/stream`, bearer(secret))))

  await ending?.until(() => ending.isOver)

  t.equal(staying?.isOver, false)
  staying?.close()
})

const RULE = { name: 'Errors', signal: { events: 'level>=error' }, levels: { critical: { op: '>=', value: 1 } } }

test('a rule is replayed over what was received, and compared when it has the id of a rule', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', { message: 'it burns', level: 'error' })

  const answer = await post(app, '/rules/replay', { rule: { ...RULE, id: 'builtin-error-burst' }, from: '-1h', sweep: { level: 'critical', values: [1, 5] } })

  t.equal(answer.statusCode, 200)
  t.match(answer.json<ReplayAnswer>(), { step_ms: 10_000, pages: Number, sweep: [{ value: 1 }, { value: 5, firings: 0 }], compared: { removed: 0, acked_removed: 0 } })
})

test('a query that may mean something else is hinted at', async (t) => {
  const all = await world(t)
  const hinted = { hints: [/^\/signal\/events column 9: "or" .*OR/] }
  const rule = { ...RULE, window: '2h', signal: { events: 'timeout or refused' } }

  const made = await makeRule(all, rule)

  t.match(made, hinted)
  t.match((await all.ask('GET', `/rules/${made.id}`)).json(), hinted)
  t.match((await all.ask('POST', '/rules/replay', { rule })).json(), hinted)
  t.notOk('hints' in (await all.ask('POST', '/rules/replay', { rule: { ...RULE, window: '2h' } })).json<ReplayAnswer>())
})

test('a bad rule is refused with the places in the request', async (t) => {
  const app = await buildTestApp(t)

  const faulty = await post(app, '/rules/replay', { rule: { ...RULE, for: '99d', aggregate: 'avg' } })
  const sweep = await post(app, '/rules/replay', { rule: RULE, from: '-1h', sweep: { level: 'warning', values: [1] } })
  const long = await post(app, '/rules/replay', { rule: RULE, from: '-1h', sweep: { for: ['30d', '31d'] } })
  const range = await post(app, '/rules/replay', { rule: RULE, from: 'then' })
  const unknown = await post(app, '/rules/replay', { rule: 'gone' })

  t.equal(faulty.statusCode, 400)
  t.same(pathsOf(faulty), ['/rule/for', '/rule/aggregate'])
  t.same(pathsOf(sweep), ['/sweep/level'], 'the rule has no such level')
  t.same(pathsOf(range), ['/from'])
  t.same(pathsOf(long), ['/sweep/for/1'])
  t.equal(unknown.statusCode, 404)
})
