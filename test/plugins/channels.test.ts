import { Webhook } from 'standardwebhooks'
import t, { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { Channel, ChannelTest } from '../../schemas/channel.ts'
import { buildTestApp } from '../helper.ts'
import { hang, Receiver, status } from '../notify/receiver.ts'
import { SECRET } from '../notify/support.ts'
import { guest, type Headers } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

const PUBLIC = 'https://hooks.example.com/services/T0/secret-path'

async function withAdmin (t: Test, settings: Record<string, string> = {}): Promise<{ app: App, admin: Headers }> {
  const app = await buildTestApp(t, { WEBHOOK_ALLOW: '127.0.0.1,hooks.example.com', ...settings })
  return { app, admin: (await guest(app, 'ann', 'admin')).bearer }
}

/** Tests that need no settings of their own, and do not stop it, share one. */
const shared = await withAdmin(t)

async function make (app: App, headers: Headers, payload: object): Promise<Channel> {
  const response = await app.inject({ method: 'POST', url: '/channels', headers, payload })
  if (response.statusCode !== 201) throw new Error(`POST /channels answered ${response.statusCode}: ${response.body}`)
  return response.json<Channel>()
}

async function actsOf (app: App, headers: Headers): Promise<Array<[string, Record<string, unknown>]>> {
  const page = (await app.inject({ url: '/audit?action=channel.create,channel.update,channel.delete,channel.test', headers })).json<AuditPage>()
  return page.entries.map(({ action, detail }): [string, Record<string, unknown>] => [action, detail]).reverse()
}

test('channels are made, found by id or name, changed and removed; no answer and no entry of the audit holds a secret', async (t) => {
  const { app, admin: headers } = shared
  const spare = await make(app, headers, { name: 'spare', kind: 'slack', url: PUBLIC })
  const pager = await make(app, headers, { name: 'pager', kind: 'webhook', url: 'http://127.0.0.1:9/', secret: SECRET, fallback: 'spare' })

  t.same(pager, {
    id: pager.id, name: 'pager', kind: 'webhook', url: 'http://127.0.0.1:9/', enabled: true, ack_links: true, fallback: spare.id, signed: true, failures: 0, broken: false, disabled_reason: null
  })
  t.same((await app.inject({ url: '/channels/pager', headers })).json(), pager)
  const url = `/channels/${pager.id}`
  t.match((await app.inject({ method: 'PATCH', url, headers, payload: { name: 'siren', secret: null, fallback: null, enabled: false } })).json(), { name: 'siren', signed: false, fallback: null, enabled: false })
  t.equal((await app.inject({ method: 'DELETE', url, headers })).statusCode, 204)
  t.same(problemFaults(await app.inject({ url, headers }), 404), [])
  t.same(problemFaults(await app.inject({ method: 'DELETE', url, headers }), 404), [])
  t.same((await app.inject({ url: '/channels', headers })).json(), { channels: [spare] })

  const acts = await actsOf(app, headers)
  t.same(acts, [
    ['channel.create', { name: 'spare', kind: 'slack', host: 'hooks.example.com' }],
    ['channel.create', { name: 'pager', kind: 'webhook', host: '127.0.0.1:9' }],
    ['channel.update', { name: 'siren', enabled: false, fallback: null, signing: 'removed' }],
    ['channel.delete', { name: 'siren' }]
  ])
})

test('a channel stays under its name while rules name it, so that no alert is lost without a word', async (t) => {
  const { app, admin: headers } = await withAdmin(t)
  await make(app, headers, { name: 'pager', kind: 'slack', url: PUBLIC })
  const rule = { name: 'Load', signal: { metric: 'host_load1' }, levels: { critical: { op: '>', value: 9, channels: ['pager'] } } }
  const { id } = (await app.inject({ method: 'POST', url: '/rules', headers, payload: rule })).json<{ id: string }>()

  const renamed = await app.inject({ method: 'PATCH', url: '/channels/pager', headers, payload: { name: 'siren' } })
  const removed = await app.inject({ method: 'DELETE', url: '/channels/pager', headers })
  t.same(problemFaults(renamed, 409), [])
  t.same(problemFaults(removed, 409), [])
  t.match(removed.json(), { detail: `rules name the channel: ${id}: take it out of them first` })
  t.equal((await app.inject({ method: 'PATCH', url: '/channels/pager', headers, payload: { name: 'pager', enabled: false } })).statusCode, 200)

  await app.inject({ method: 'DELETE', url: `/rules/${id}`, headers })
  t.equal((await app.inject({ method: 'DELETE', url: '/channels/pager', headers })).statusCode, 204)
})

const refused: ReadonlyArray<[what: string, change: object, path: string]> = [
  ['loopback', { url: 'http://127.0.0.2/' }, '/url'],
  ['the address of cloud metadata', { url: 'http://169.254.169.254/latest' }, '/url'],
  ['localhost with a dot', { url: 'http://localhost./' }, '/url'],
  ['loopback in hex', { url: 'http://0x7f.2/' }, '/url'],
  ['loopback mapped into IPv6', { url: 'http://[::ffff:127.0.0.2]/' }, '/url'],
  ['another protocol', { url: 'ftp://hooks.example.com/' }, '/url'],
  ['credentials', { url: 'https://u:p@hooks.example.com/' }, '/url'],
  ['no address', { url: 'hooks' }, '/url'],
  ['a short secret', { secret: 'short' }, '/secret'],
  ['an unknown fallback', { fallback: 'nobody' }, '/fallback'],
  ['a NUL in the name', { name: 'a\0' }, '/name'],
  ['an unknown kind', { kind: 'pigeon' }, '/kind'],
  ['an unknown field', { colour: 'red' }, '/colour']
]

test('what may not be called, and what else will not do, is 400 with its path', async (t) => {
  const { app, admin: headers } = shared
  const before = (await actsOf(app, headers)).length
  for (const [what, change, path] of refused) {
    const response = await app.inject({ method: 'POST', url: '/channels', headers, payload: { name: 'a', kind: 'webhook', url: PUBLIC, ...change } })

    t.same(problemFaults(response, 400), [], what)
    t.ok(pathsOf(response).includes(path), `${what}: ${pathsOf(response).join()}`)
  }
  const { id } = await make(app, headers, { name: 'a', kind: 'webhook', url: PUBLIC })
  t.same(problemFaults(await app.inject({ method: 'POST', url: '/channels', headers, payload: { name: 'a', kind: 'slack', url: PUBLIC } }), 409), [], 'a name that is taken')
  t.same(pathsOf(await app.inject({ method: 'PATCH', url: `/channels/${id}`, headers, payload: { url: 'http://127.0.0.2/' } })), ['/url'])
  t.same((await actsOf(app, headers)).slice(before).map(([action]) => action), ['channel.create'], 'what was refused is no act')
})

test('a test tells what was sent and what came of it, and the signature is right', async (t) => {
  const { app, admin: headers } = shared
  const receiver = await Receiver.open(t, status(202, {}, 'thanks'))
  const { id } = await make(app, headers, { name: 'pager', kind: 'webhook', url: receiver.url, secret: SECRET, enabled: false })

  const response = await app.inject({ method: 'POST', url: `/channels/${id}/test`, headers })
  const { request, attempt } = response.json<ChannelTest>()

  t.equal(response.statusCode, 200)
  t.match(attempt, { channel: id, result: 'delivered', status: 202, reply: 'thanks', ms: Number })
  t.equal(request.url, receiver.url)
  t.match(new Webhook(SECRET).verify(receiver.received[0]?.body ?? '', request.headers), { type: 'test', url: /^http:\/\/127\.0\.0\.1:8080\/alerts\// })
  t.notOk(response.body.includes(SECRET))
  t.same((await actsOf(app, headers)).at(-1), ['channel.test', { name: 'pager', result: 'delivered' }])
})

test('WEBHOOK_URL makes the channel default, which is changed there alone, and goes with it', async (t) => {
  const { app, admin: headers } = await withAdmin(t, { WEBHOOK_URL: PUBLIC, WEBHOOK_SECRET: SECRET })
  const { dataDir } = app.service.config

  t.match((await app.inject({ url: '/channels/default', headers })).json(), { id: 'default', name: 'default', kind: 'webhook', signed: true, source: { setting: 'WEBHOOK_URL' } })
  t.same(app.service.channels.idsOf([]), ['default'], 'it is told when a rule names none')
  for (const method of ['PATCH', 'DELETE'] as const) {
    const response = await app.inject({ method, url: '/channels/default', headers, ...(method === 'PATCH' ? { payload: { enabled: false } } : {}) })
    t.same(problemFaults(response, 409), [])
    t.match(response.json().detail, /WEBHOOK_URL/)
  }
  t.equal((await app.inject({ method: 'PATCH', url: '/channels/default', headers, payload: { enabled: true } })).statusCode, 200, 'what its receiver switched off can be switched on')
  await app.close()
  await app.service.close()

  const without = await buildTestApp(t, { DATA_DIR: dataDir })
  t.same(without.service.channels.idsOf([]), [])
  t.equal(without.service.channels.nameOf('default'), 'default', 'the ledger still names it')
  await without.close()
  await without.service.close()
  const again = await buildTestApp(t, { DATA_DIR: dataDir, WEBHOOK_URL: PUBLIC, WEBHOOK_ALLOW: 'hooks.example.com' })
  t.match(await again.service.channels.list(), [{ id: 'default', signed: false, enabled: true }])
})

test('the service does not start with a WEBHOOK_URL that may not be called', async (t) => {
  await t.rejects(buildTestApp(t, { WEBHOOK_URL: 'http://127.0.0.1:9/', WEBHOOK_SECRET: 'whsec_short' }), {
    code: 'invalid', faults: [{ path: 'WEBHOOK_URL', message: /WEBHOOK_ALLOW/ }, { path: 'WEBHOOK_SECRET' }]
  })
})

test('a receiver that hangs does not keep the service from stopping', async (t) => {
  const { app, admin: headers } = await withAdmin(t)
  const receiver = await Receiver.open(t, hang)
  await make(app, headers, { name: 'pager', kind: 'telex', url: receiver.url })

  t.equal((await app.inject('/tick')).statusCode, 202)
  await receiver.until(1)
})
