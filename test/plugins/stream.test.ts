import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Alert } from '../../schemas/alert.ts'
import { auth, buildTestApp } from '../helper.ts'
import { askUntil } from '../support/until.ts'
import { SseClient } from './sse.ts'
import { get, post, problemFaults } from './support.ts'
import { makeRule, world } from './world.ts'

const RESUMED = 600

async function listening (t: Test): Promise<{ app: App, url: string }> {
  const app = await buildTestApp(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url: `${address}/stream` }
}

async function follow (t: Test, url: string, headers: Record<string, string> = {}): Promise<SseClient> {
  const client = await SseClient.open(url, { ...auth, ...headers })
  t.teardown(() => client.close())
  return client
}

function events (count: number, service: string, filler = ''): object[] {
  return Array.from({ length: count }, (_, n) => ({ message: `${service} ${n} ${filler}`, service }))
}

test('following events on a socket', async (t) => {
  const { app, url } = await listening(t)

  await t.test('a query that may mean something else is hinted at before anything else', async (t) => {
    const client = await follow(t, `${url}?q=refused+or+lost`)

    await client.until(() => client.messages.length > 0)

    t.match(client.messages, [{ event: 'hints', data: /column 9: \\"or\\" .*OR/ }])
  })

  await t.test('an event that is stored arrives at once, whole and with the place to resume from', async (t) => {
    const client = await follow(t, url)
    const stored = (await post(app, '/events', { message: 'now', service: 'first' })).json()

    await client.until(() => client.events.length > 0)

    t.same(client.events, [stored])
    t.equal(client.lastId, stored.id)
    t.match(client.response.headers, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-content-type-options': 'nosniff' })
  })

  await t.test('q chooses what arrives', async (t) => {
    const client = await follow(t, `${url}?q=${encodeURIComponent('level>=error service:chosen')}`)

    await post(app, '/events', [
      { message: 'low', level: 'info', service: 'chosen' }, { message: 'elsewhere', level: 'error', service: 'other' }, { message: 'yes', level: 'fatal', service: 'chosen' }
    ])
    await post(app, '/events', { message: 'yes too', level: 'error', service: 'chosen' })
    await client.until(() => client.events.length >= 2)

    t.same(client.events.map(({ message }) => message), ['yes', 'yes too'])
  })

  await t.test('words beside colour codes and in scripts without blanks arrive', async (t) => {
    const client = await follow(t, `${url}?q=${encodeURIComponent('service:scripts (failed OR 超时)')}`)
    const messages = ['\u001b[31mfailed\u001b[0m', '连接超时了', 'other']

    await post(app, '/events', messages.map((message) => ({ message, service: 'scripts' })))
    await client.until(() => client.events.length >= 2)

    t.same(client.events.map(({ message }) => message), messages.slice(0, 2), 'as they were sent')
  })

  await t.test('a duplicate, a dry run and a refused event are told to nobody', async (t) => {
    const client = await follow(t, `${url}?q=service:once`)

    for (let n = 0; n < 2; n++) await post(app, '/events', { id: 'once-1', message: 'first', service: 'once' })
    await post(app, '/events?dry=1', { message: 'dry', service: 'once' })
    await post(app, '/events', [{ service: 'once' }, { message: 'last', service: 'once' }])
    await client.until(() => client.events.some(({ message }) => message === 'last'))

    t.same(client.events.map(({ message }) => message), ['first', 'last'])
  })

  await t.test('a client that returns gets what it missed, then what comes, without a hole or a repeat', async (t) => {
    const rounds = 12
    const query = `${url}?q=service:resumed`
    const first = await follow(t, query)
    const sending = sendAll(app, RESUMED / 10)
    await first.until(() => first.events.length > 0)
    first.close()

    const seen = first.events.map(({ message }) => message)
    let place = first.lastId ?? ''
    for (let round = 0; round < rounds; round++) {
      const client = await follow(t, query, { 'last-event-id': place })
      await client.until(() => client.events.length > round % 4 || seen.length + client.events.length >= RESUMED)
      client.close()
      seen.push(...client.events.map(({ message }) => message))
      place = client.lastId ?? place
      if (seen.length >= RESUMED) break
    }
    await sending
    const last = await follow(t, `${query}&last_event_id=${place}`)
    await last.until(() => seen.length + last.events.length >= RESUMED)
    seen.push(...last.events.map(({ message }) => message))

    t.same(seen, Array.from({ length: RESUMED }, (_, n) => `resumed ${n}`))
  })

  await t.test('what was stored while nobody listened comes in order when more follows at once', async (t) => {
    const [start] = (await post(app, '/events', events(1, 'backlog'))).json<{ receipt: string }>().receipt.split(' ')
    await post(app, '/events', events(4_000, 'backlog'))
    const query = `${url}?q=service:backlog&last_event_id=${start}`

    const client = await follow(t, query)
    for (let n = 0; n < 20; n++) await post(app, '/events', { message: `backlog late ${n}`, service: 'backlog' })
    await client.until(() => client.events.length >= 4_020)

    const ids = client.events.map(({ id }) => Number(id))
    t.same(ids, ids.toSorted((a, b) => a - b))
    t.equal(new Set(ids).size, 4_020)
    t.equal(client.missed, 0)
  })

  await t.test('a client that is more than 10,000 events behind is told of the gap', async (t) => {
    const { id } = (await post(app, '/events', { message: 'before', service: 'far' })).json<{ id: string }>()
    for (let n = 0; n < 2; n++) await post(app, '/events', events(6_000, 'far'))

    const client = await follow(t, `${url}?q=service:far`, { 'last-event-id': id })
    await client.until(() => client.messages.some(({ event }) => event === 'gap'))

    t.equal(client.events.length, 10_000)
    t.same(client.messages.at(-1), { id: undefined, event: 'gap', data: '{"missed":null}' })
  })

  await t.test('a client that stops reading is told how many events it missed when it reads again', async (t) => {
    const count = 8_000
    const client = await follow(t, `${url}?q=service:slow`)

    client.stopReading()
    for (let n = 0; n < 8; n++) await post(app, '/events', events(count / 8, 'slow', 'x'.repeat(2_000)))
    client.read()
    await client.until(() => client.events.length + client.missed >= count)

    t.ok(client.missed > 0, `${client.missed} were missed`)
    t.equal(client.events.length + client.missed, count)
    t.match(client.events.at(-1)?.message, /^slow 999 /)
  })

  await t.test('a bad query or place is refused before the stream begins', async (t) => {
    t.same(problemFaults(await get(app, '/stream?q=level:'), 400), [])
    t.same(problemFaults(await get(app, '/stream', { 'last-event-id': 'abc' }), 400), [])
    t.same(problemFaults(await get(app, '/stream?last_event_id=-1'), 400), [])
  })

  await t.test('the stream ends when the service closes, and closing does not wait for it', async (t) => {
    const client = await follow(t, url)

    await app.close()
    await client.until(() => client.isOver)

    t.ok(client.response.complete, 'it ends as a whole answer, not as a cut one')
    t.ok(await isFree(new URL(url).port), 'the port is free again')
  })
})

/** Sends batches of ten one after the other, as fast as they are stored. */
async function sendAll (app: App, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    await post(app, '/events', Array.from({ length: 10 }, (_, n) => ({ message: `resumed ${batch * 10 + n}`, service: 'resumed' })))
  }
}

async function isFree (port: string): Promise<boolean> {
  const server = createServer().listen({ host: '127.0.0.1', port: Number(port) })
  await once(server, 'listening')
  const isSame = parsePort(server.address()) === Number(port)
  server.close()
  return isSame
}

function parsePort (address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return (address as AddressInfo).port
}

test('a token has so many streams open and no more; one that ends makes room', async (t) => {
  const app = await buildTestApp(t, { MAX_STREAMS: '2' })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/stream`
  const first = await follow(t, url)
  for (let n = 0; n < 2; n++) t.same(problemFaults(await get(app, '/stream?q=('), 400), [])
  t.equal((await follow(t, url)).response.statusCode, 200, 'what was refused holds no place')

  const surplus = await get(app, '/stream')
  first.close()

  t.same(problemFaults(surplus, 429), [])
  t.equal(surplus.headers['retry-after'], '5')
  await askUntil(() => SseClient.open(url, auth), (client) => {
    t.teardown(() => client.close())
    return client.response.statusCode === 200
  })
})

test('who follows alerts sees one fire and end, and no events', async (t) => {
  const all = await world(t)
  const address = await all.app.listen({ host: '127.0.0.1', port: 0 })
  const client = await SseClient.open(`${address}/stream?topics=alerts`, auth)
  t.teardown(() => client.close())
  await makeRule(all)

  await all.measure(50)
  await client.until(() => client.messages.length >= 1)
  await all.measure(1)
  await client.until(() => client.messages.length >= 2)

  t.same(client.messages.map(({ event }) => event), ['alerts', 'alerts'])
  t.match(client.messages.map(({ data }) => parseAlerts(data)), [
    [{ state: 'firing', severity: 'warning', value: 50, rule: { name: 'Queue is long' }, labels: { queue: 'mail' } }],
    [{ state: 'resolved', value: 1 }]
  ])
})

function parseAlerts (text: string): Alert[] {
  return JSON.parse(text) as Alert[]
}
