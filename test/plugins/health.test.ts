import { test } from 'tap'
import type { Health } from '../../schemas/health.ts'
import { buildTestApp } from '../helper.ts'
import { get, JSON_BODY, post, problemFaults, TEXT_BODY } from './support.ts'

test('telling how the service is', async (t) => {
  const app = await buildTestApp(t)

  await t.test('anybody sees the statuses and no details', async (t) => {
    const response = await app.inject('/health')

    const { uptime_seconds: uptime, version, ...rest } = response.json<Health>()
    t.equal(response.statusCode, 200)
    t.same(rest, { ok: true, status: 'degraded', checks: { store: { status: 'ok' }, clock: { status: 'ok' }, damage: { status: 'ok' }, configuration: { status: 'ok' }, sampling: { status: 'ok' }, rules: { status: 'ok' }, channels: { status: 'degraded' }, outbox: { status: 'ok' }, canary: { status: 'ok' }, queue: { status: 'ok' } } })
    t.ok(Number.isInteger(uptime) && uptime >= 0)
    t.match(version, /^\d+\.\d+\.\d+/)
  })

  await t.test('a fresh one says that nobody would be told of an alert, and what to do; with a channel all is well', async (t) => {
    const lonely = (await get(app, '/health')).json<Health>()
    const told = await buildTestApp(t, { WEBHOOK_URL: 'https://example.com/hook' })

    t.match(lonely.checks['channels'], { status: 'degraded', detail: /tell nobody: no channel is called default; set WEBHOOK_URL, or make one/ })
    t.match((await told.inject('/health')).json<Health>(), { status: 'ok', checks: { channels: { status: 'ok' } } })
    t.equal((await app.inject('/readyz')).statusCode, 200)
  })

  await t.test('those who are signed in see the details, those with a bad token do not', async (t) => {
    const full = (await get(app, '/health')).json<Health>()

    t.match(full.checks, { clock: { detail: 'the clock goes evenly' }, store: { detail: /bytes of disk free/ }, damage: { detail: /no damaged store/ }, queue: { detail: /0 events, 0 bytes/ } })
    t.same((await get(app, '/health', { authorization: 'Bearer wrong' })).json<Health>().checks['store'], { status: 'ok' })
  })

  await t.test('readyz is 200 only while ready; livez always', async (t) => {
    for (const [phase, status] of [['starting', 503], ['ready', 200], ['draining', 503], ['ready', 200]] as const) {
      app.service.health.phase = phase
      const response = await app.inject('/readyz')

      t.equal(response.statusCode, status, phase)
      t.same(response.json(), { ok: status === 200 })
      t.same((await app.inject('/livez')).json(), { ok: true })
    }
  })

  await t.test('while draining, answers ask the client to close its connection', async (t) => {
    app.service.health.phase = 'draining'
    const draining = await app.inject('/health')
    app.service.health.phase = 'ready'

    t.equal(draining.headers.connection, 'close')
    t.equal((await app.inject('/health')).headers.connection, 'keep-alive')
  })

  await t.test('the root says what this is', async (t) => {
    t.match((await app.inject('/')).json(), { ok: true, name: 'bellwether', version: /^\d/ })
  })
})

test('a store under the free-space floor', async (t) => {
  const app = await buildTestApp(t, { MIN_FREE_BYTES: '1000TB' })

  await t.test('is down for health and readyz, and alive', async (t) => {
    const health = await app.inject('/health')

    t.equal(health.statusCode, 503)
    t.match(health.json(), { ok: false, status: 'down', checks: { store: { status: 'down' } } })
    t.match((await get(app, '/health')).json(), { checks: { store: { detail: /less than MIN_FREE_BYTES: events are refused/ } } })
    t.equal((await app.inject('/readyz')).statusCode, 503)
    t.equal((await app.inject('/livez')).statusCode, 200)
  })

  await t.test('refuses events of every kind with 507 and when to come again, and answers queries', async (t) => {
    const answers = [
      await post(app, '/events', { message: 'x' }), await post(app, '/log', '{"message":"x"}', JSON_BODY),
      await post(app, '/events', [{ message: 'x' }]), await post(app, '/events', 'a\nb', TEXT_BODY)
    ]

    for (const answer of answers) {
      t.same(problemFaults(answer, 507), [])
      t.equal(answer.headers['retry-after'], '5')
    }
    t.same((await get(app, '/events')).json(), { events: [], next: null, total: { count: 0, capped: false } })
    t.equal((await post(app, '/events?dry=1', { message: 'x' })).statusCode, 200)
  })
})
