import type { ServerResponse } from 'node:http'
import t, { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Integration, TelexMessage, TickAccepted, TickTask } from '../../schemas/integration.ts'
import { TickTasks } from '../../src/outgoing/tick-tasks.ts'
import { AppError } from '../../src/core/errors.ts'
import { parseHosts } from '../../src/core/net/host-list.ts'
import type { Lookup } from '../../src/notify/guard.ts'
import { Ticks } from '../../src/outgoing/ticks.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { closedPort, Receiver, status } from '../notify/receiver.ts'
import { askUntil } from '../support/until.ts'
import { anyAddress, guest } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

const ALLOWED = { TICK_ALLOW: '127.0.0.1,*.telex.im', WEBHOOK_ALLOW: '127.0.0.1' }
const INTERVAL = { label: 'interval', type: 'text', required: true, default: '* * * * *' }

/** Tests that do not turn its clock share one. */
const app = await buildTestApp(t, ALLOWED)

function setting (label: string, value: unknown): object {
  return { label, type: 'number', required: false, default: value }
}

function tick (app: App, returnUrl: string, settings: object[] = []) {
  return app.inject({ method: 'POST', url: '/tick', remoteAddress: anyAddress(), payload: { channel_id: 'c1', return_url: returnUrl, settings: [INTERVAL, ...settings] } })
}

async function taskOf (app: App, id: string): Promise<TickTask> {
  return (await app.inject(`/tick/${id}`)).json<TickTask>()
}

/** Asks until the task is done. */
function done (app: App, id: string): Promise<TickTask> {
  return askUntil(() => taskOf(app, id), ({ state }) => state !== 'queued')
}

function messageOf (receiver: Receiver): TelexMessage {
  return parseMessage(receiver.received.at(-1)?.body ?? '')
}

test('a tick is accepted at once and told to return_url as Telex takes it', async (t) => {
  const receiver = await Receiver.open(t)
  await app.service.sampler.collect()

  const response = await tick(app, receiver.url)
  const { result, status: state } = response.json<TickAccepted>()

  t.equal(response.statusCode, 202)
  t.same({ state, ...result, task_id: '' }, { state: 'accepted', message: 'request received', status: 'success', status_code: 202, task_id: '' })
  t.same(await done(app, result.task_id), { task_id: result.task_id, state: 'delivered', attempts: 1 })
  t.match(receiver.received[0]?.headers, { accept: 'application/json', 'content-type': 'application/json' })
  t.same(Object.keys(messageOf(receiver)), ['event_name', 'message', 'status', 'username'])
  t.match(messageOf(receiver).message, /^CPU: .*\nMemory: \d.* %/)
})

test('the settings of a tick are read from default, and hold for that tick alone', async (t) => {
  const receiver = await Receiver.open(t)
  await app.service.sampler.collect()

  for (const [settings, told] of [
    [[setting('memory_percent.warning', 0), setting('Memory Percent Critical', '0.001')], 'error'],
    [[setting('memory_percent.warning', '0'), setting('memory_percent.critical', 100), setting('cpu_percent.warning', 100), setting('cpu_percent.critical', 100)], 'warning']
  ] as const) {
    const { result } = (await tick(app, receiver.url, [...settings])).json<TickAccepted>()
    await done(app, result.task_id)
    // A machine that has all its cores at work may be at the highest limit that there is: what is told is rounded.
    const isFlatOut = /^CPU: 100(?:\.0+)? %/.test(messageOf(receiver).message)
    t.ok([told, ...isFlatOut ? ['error'] : []].includes(messageOf(receiver).status), messageOf(receiver).message)
  }
  t.same(app.service.settings.view().thresholds.memory_percent, { warning: 85, critical: 95, for: '1m' })
})

const refused = [
  'http://10.0.0.1/', 'http://169.254.169.254/', 'http://localhost./', 'http://0x7f.2/', 'http://[::ffff:127.0.0.2]/', 'https://example.com/', 'https://telex.im/',
  'file:///etc/passwd', 'not an address'
]

test('a return_url that may not be called is 400, and nothing is accepted', async (t) => {
  for (const url of refused) {
    const response = await tick(app, url)
    t.same(problemFaults(response, 400), [], url)
    t.same(pathsOf(response), ['/return_url'], url)
  }
  t.same(pathsOf(await tick(app, 'https://x.telex.im/v1/return/1', [setting('cpu_percent.warning', 101), { label: 'of Telex, without a value' }])), ['/settings/1/default'])
  const without = await app.inject({ method: 'POST', url: '/tick', remoteAddress: anyAddress(), payload: { channel_id: 'c1' } })
  t.same(problemFaults(without, 400), [])
})

test('a redirect is not followed, and the task says so', async (t) => {
  const target = await Receiver.open(t)
  const receiver = await Receiver.open(t, status(302, { location: target.url }))

  const { result } = (await tick(app, receiver.url)).json<TickAccepted>()

  t.same(await done(app, result.task_id), { task_id: result.task_id, state: 'failed', attempts: 1, error: 'status 302' })
  t.equal(target.received.length, 0)
})

test('what fails is tried again, and meanwhile the task says why', async (t) => {
  const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length === 1 ? 503 : 200).end())

  const { result } = (await tick(app, receiver.url)).json<TickAccepted>()
  await receiver.until(2)

  t.same(await done(app, result.task_id), { task_id: result.task_id, state: 'delivered', attempts: 2 })
  const unreached = (await tick(app, `http://127.0.0.1:${await closedPort()}/`)).json<TickAccepted>().result.task_id
  t.match(await askUntil(() => taskOf(app, unreached), ({ attempts }) => attempts > 0), { state: 'queued', attempts: 1, error: 'unreachable' })
  t.same(problemFaults(await app.inject('/tick/nothing'), 404), [])
})

test('GET /tick tells the Telex and webhook channels, once a minute at most', async (t) => {
  let now = Date.now()
  const app = await buildTestApp(t, ALLOWED, { now: () => now })
  const admin = (await guest(app, 'ann', 'admin')).bearer
  const receiver = await Receiver.open(t)
  const empty = (await app.inject('/tick')).json<TickAccepted>().result.task_id
  t.match(await done(app, empty), { state: 'failed', attempts: 0, error: /no Telex or webhook channel/ })
  for (const kind of ['telex', 'webhook', 'slack']) await app.inject({ method: 'POST', url: '/channels', headers: admin, payload: { name: kind, kind, url: receiver.url, secret: 'a-secret-of-some-kind' } })

  const early = await app.inject('/tick')
  now += 60_000
  const { result } = (await app.inject('/tick')).json<TickAccepted>()

  t.same(problemFaults(early, 429), [])
  t.equal(early.headers['retry-after'], '60')
  t.same(await done(app, result.task_id), { task_id: result.task_id, state: 'delivered', attempts: 2 })
  t.equal(receiver.received.filter(({ headers }) => headers['webhook-signature'] !== undefined).length, 1)
  t.same(receiver.received.map(({ body }) => parseMessage(body).username), ['Bellwether', 'Bellwether'])
})

test('GET /tick is tried once, and closed to all but a path of its own where TICK_SECRET says so', async (t) => {
  const secret = 'a-path-of-our-own_7'
  let now = Date.now()
  const app = await buildTestApp(t, { ...ALLOWED, TICK_SECRET: secret }, { now: () => now })
  const receiver = await Receiver.open(t, status(503))
  await app.inject({ method: 'POST', url: '/channels', headers: (await guest(app, 'ann', 'admin')).bearer, payload: { name: 'telex', kind: 'telex', url: receiver.url } })

  const closed = await app.inject('/tick')
  const wrong = await app.inject(`/tick/${secret}x`)
  const opened = await app.inject(`/tick/${secret}`)

  t.match(problemFaults(closed, 403), [])
  t.notMatch(closed.body, secret)
  t.same(problemFaults(wrong, 404), [])
  t.equal(opened.statusCode, 202)
  t.same(await done(app, opened.json<TickAccepted>().result.task_id), { task_id: opened.json<TickAccepted>().result.task_id, state: 'failed', attempts: 1, error: 'status 503' })
  t.equal((await app.inject(`/tick/${secret}`)).statusCode, 429)
  t.notMatch((await app.inject('/integration.json')).body, secret)
  now += 60_000
  t.equal((await app.inject(`/tick/${secret}`)).statusCode, 202)
})

test('neither one sender nor one host holds the places of all ticks', async (t) => {
  const app = await buildTestApp(t, { TICK_ALLOW: '127.0.0.1,localhost', WEBHOOK_ALLOW: '127.0.0.1,localhost' })
  const waiting: ServerResponse[] = []
  const receiver = await Receiver.open(t, (response) => { waiting.push(response) })
  const other = await Receiver.open(t)
  const send = async (remoteAddress: string, url = receiver.url) => app.inject({ method: 'POST', url: '/tick', remoteAddress, payload: { channel_id: 'c1', return_url: url, settings: [INTERVAL] } })
  const statusesOf = async (count: number, from: (n: number) => string) => {
    const statuses: number[] = []
    for (let n = 0; n < count; n++) statuses.push((await send(from(n))).statusCode)
    return statuses
  }

  const ofOne = await statusesOf(41, (n) => `2001:db8:0:7::${n}`)
  const ofAnother = await statusesOf(41, () => '192.0.2.1')
  const toOneHost = await statusesOf(21, (n) => `198.51.100.${n}`)
  const elsewhere = await send('192.0.2.2', other.url.replace('127.0.0.1', 'localhost'))

  t.same(ofOne, [...new Array<number>(40).fill(202), 429])
  t.same(ofAnother, ofOne)
  t.same(toOneHost, [...new Array<number>(20).fill(202), 429])
  t.equal(elsewhere.statusCode, 202)
  t.equal((await send('192.0.2.3')).headers['retry-after'], '1')
  await receiver.until(100)
  for (const response of waiting) response.end()
  await askUntil(() => send('192.0.2.3'), ({ statusCode }) => statusCode === 202)
})

test('a tick is not told what a name means in this network', async (t) => {
  const { service } = app
  const { store } = await buildStore(t)
  const lookup: Lookup = (_host, found) => found(null, [{ address: '10.20.30.40', family: 4 }])
  const guard = { allow: parseHosts([], 'WEBHOOK_ALLOW'), lookup }
  const tickTasks = new TickTasks({ clock: service.clock, guard, onError: (error) => t.fail(String(error)) })
  const ticks = new Ticks({ store, clock: service.clock, guard, tickHosts: parseHosts(['*.telex.im'], 'TICK_ALLOW'), own: service.own, settings: service.settings, tickTasks, sampleIntervalMs: 1_000, secret: undefined })

  const error = await ticks.accept({ channel_id: 'c1', return_url: 'https://inside.telex.im/', settings: [] }, '192.0.2.1').catch(faultsOf)

  t.match(error, [{ path: '/return_url', message: /TICK_ALLOW/ }])
  t.notMatch(JSON.stringify(error), /10\.20\.30\.40/)
  await tickTasks.close(0)
})

test('ticks are limited by address', async (t) => {
  const remoteAddress = anyAddress()
  const statuses: number[] = []
  for (let n = 0; n < 121; n++) statuses.push((await app.inject({ method: 'POST', url: '/tick', remoteAddress, payload: {} })).statusCode)

  t.same(statuses, [...Array.from({ length: 120 }, () => 400), 429])
})

test('the integration is open to the pages of others, and says what the settings say', async (t) => {
  const app = await buildTestApp(t, { BASE_URL: 'https://ops.example.com' })

  const response = await app.inject('/integration.json')
  const { data } = response.json<Integration>()

  t.equal(response.headers['access-control-allow-origin'], '*')
  t.equal(data.tick_url, 'https://ops.example.com/tick')
  t.equal(data.integration_type, 'interval')
  t.same(data.settings[0], INTERVAL)
  t.match((await app.inject('/')).json(), { ok: true, name: 'bellwether', data: { tick_url: data.tick_url } })
  const logo = await app.inject(new URL(data.descriptions.app_logo).pathname)
  t.match(logo.headers, { 'content-type': /^image\/svg\+xml/, 'access-control-allow-origin': '*' })
  t.match(logo.body, /^<svg /)
})

function faultsOf (error: unknown): unknown {
  return error instanceof AppError ? error.faults : error
}

function parseMessage (text: string): TelexMessage {
  return JSON.parse(text) as TelexMessage
}
