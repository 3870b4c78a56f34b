import { deflateSync, gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Problem } from '../../schemas/common.ts'
import type { Event } from '../../schemas/event.ts'
import type { Receipt } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { countEvents, find, FORM_BODY, get, JSON_BODY, messagesOf, NDJSON_BODY, pathsOf, post, problemFaults, TEXT_BODY } from './support.ts'

const UUID = /^urn:uuid:[0-9a-f-]{36}$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

test('taking in single events', async (t) => {
  const app = await buildTestApp(t)

  await t.test('the audit event of the seed is answered whole with 201 and found again', async (t) => {
    const sent = { level: 'WARN', type: 'AUDIT', service: 'api', message: 'Unexpected latency spike detected', meta: { request_id: 'abc123' } }

    const response = await post(app, '/events', sent)

    const event = response.json<Event>()
    t.equal(response.statusCode, 201)
    t.match(event, {
      id: /^\d{1,16}$/,
      time: ISO,
      received_at: ISO,
      level: 'WARN',
      severity: 'MEDIUM',
      service: 'api',
      type: 'AUDIT',
      host: null,
      trace_id: null,
      message: sent.message,
      pattern_id: null,
      anomaly: { score: 0, flagged: false, reasons: [] }
    })
    t.same(event.meta, { type: 'AUDIT', request_id: 'abc123' })
    t.same(await find(app, `q=${encodeURIComponent('"latency spike" type:AUDIT meta.request_id:abc123')}`), [event])
    t.same((await get(app, `/events/${event.id}`)).json(), event)
  })

  await t.test('the log call of the seed is answered with how grave it is, and says by what that was judged', async (t) => {
    const response = await post(app, '/log', { message: 'CPU spike detected', level: 'warning' })

    const { id, ...scored } = response.json<{ id: string }>()
    t.equal(response.statusCode, 201)
    t.same(scored, {
      level: 'WARN', severity: 'MEDIUM', severity_source: 'level', anomaly: { score: 0, flagged: false, reasons: [] }, pattern: null
    })
    t.equal((await get(app, `/events/${id}`)).json<Event>().message, 'CPU spike detected')
  })

  await t.test('the form of Python\'s HTTPHandler is read, its message left as it was sent', async (t) => {
    const created = '1767225600.5'
    const form = new URLSearchParams({ name: 'billing', msg: 'python says %s', args: "('hi',)", levelname: 'ERROR', levelno: '40', created })

    const response = await post(app, '/log', form.toString(), FORM_BODY)

    t.equal(response.statusCode, 201)
    const event = (await get(app, `/events/${response.json<Event>().id}`)).json<Event>()
    t.match(event, { service: 'billing', level: 'ERROR', message: 'python says %s', time: '2026-01-01T00:00:00.500Z' })
    t.match(event.meta, { args: "('hi',)", levelno: '40' })
  })

  await t.test('unknown fields are kept in meta under their own names', async (t) => {
    const { meta } = (await post(app, '/events', { msg: 'x', user: 7, nested: { a: [1, null] } })).json<Event>()

    t.same(meta, { user: 7, nested: { a: [1, null] } })
  })

  await t.test('?dry=1 judges and stores nothing', async (t) => {
    const before = await countEvents(app)

    const good = await post(app, '/events?dry=1', { message: 'only a try', level: 'err' })
    const bad = await post(app, '/events?dry=1', { nothing: 5 })
    const log = await post(app, '/log?dry=1', { message: 'only a try' })

    t.equal(good.statusCode, 200)
    t.match(good.json(), { message: 'only a try', level: 'ERROR' })
    t.same(problemFaults(bad, 400), [])
    t.equal(log.statusCode, 200)
    t.equal(await countEvents(app), before)
  })

  await t.test('an event that is sent again with its id is answered with the first', async (t) => {
    const first = await post(app, '/events', { id: 'order-1', message: 'the first', level: 'info' })
    const second = await post(app, '/events', { id: 'order-1', message: 'the first', level: 'info' })

    t.same([first.statusCode, second.statusCode], [201, 201])
    t.same(second.json(), first.json())
    t.equal(await countEvents(app, 'q="the first"'), 1)
  })

  await t.test('an Idempotency-Key is answered the same again, in quotes or bare, and 422 for another body', async (t) => {
    const send = (message: string, key: string) => post(app, '/events', { message }, { 'idempotency-key': key })

    const first = await send('pay 10', '"pay-1"')
    const again = await send('pay 10', 'pay-1')
    const other = await send('pay 20', 'pay-1')

    t.equal(first.statusCode, 201)
    t.same(again.json(), first.json())
    t.equal(again.statusCode, 201)
    t.same(problemFaults(other, 422), [])
    t.equal(await countEvents(app, 'q=pay'), 1)
  })

  await t.test('keys of one token mean nothing to another', async (t) => {
    const { secret } = await app.service.access.create({ name: 'other', scopes: ['ingest'], expiresAt: null })
    const key = { 'idempotency-key': 'shared' }

    await post(app, '/events', { message: 'mine' }, key)
    const other = await post(app, '/events', { message: 'yours' }, { ...key, authorization: `Bearer ${secret}` })

    t.equal(other.statusCode, 201)
    t.equal(other.json<Event>().message, 'yours')
  })

  await t.test('a key that is no printable text is 400 and names the header', async (t) => {
    for (const key of ['', '""', 'x'.repeat(256), 'caf\u00e9']) {
      const response = await post(app, '/events', { message: 'x' }, { 'idempotency-key': key })

      t.same(problemFaults(response, 400), [])
      t.same(pathsOf(response), ['Idempotency-Key'])
    }
  })

  await t.test('many events sent to /log are refused before one is stored', async (t) => {
    const before = await countEvents(app)

    t.same(problemFaults(await post(app, '/log', [{ message: 'one' }, { message: 'two' }]), 400), [])
    t.same(problemFaults(await post(app, '/log', '{"message":"one"}\n', NDJSON_BODY), 415), [])
    t.same(problemFaults(await post(app, '/log', 'a line\n', TEXT_BODY), 415), [])
    t.equal(await countEvents(app), before)
  })
})

test('refusing what is no event', async (t) => {
  const app = await buildTestApp(t, { MAX_BODY_BYTES: '1MB', MAX_BATCH: '100' })
  await post(app, '/events', [{ message: 'kept', service: 'good' }, { message: 'kept too', service: 'good' }])
  const good = await find(app)

  const bad: ReadonlyArray<[name: string, body: string, status: number, path: string]> = [
    ['NaN', 'NaN', 400, ''],
    ['NaN in an event', '{"message":"x","meta":{"a":NaN}}', 400, ''],
    ['a number', '5', 400, ''],
    ['null', 'null', 400, ''],
    ['a text', '"x"', 400, ''],
    ['a list of a text', '["x"]', 400, '/0'],
    ['an empty body', '', 400, ''],
    ['a blank body', ' \r\n\t', 400, ''],
    ['an empty object', '{}', 400, ''],
    ['half an object', '{"message":"x"', 400, ''],
    ['two objects', '{"message":"x"}{"message":"y"}', 400, ''],
    ['an empty message', '{"message":""}', 400, '/message'],
    ['a lone surrogate in the message', '{"message":"a\\ud800b"}', 400, '/message'],
    ['a NUL in the message', '{"message":"a\\u0000b"}', 400, '/message'],
    ['a NUL in a service', '{"message":"x","service":"a\\u0000"}', 400, '/service'],
    ['a lone surrogate deep in meta', '{"message":"x","meta":{"a":[{"b":"\\udc00"}]}}', 400, '/meta/a/0/b'],
    ['a NUL in a name of meta', '{"message":"x","meta":{"a\\u0000":1}}', 400, '/meta/a\uFFFD'],
    ['meta that is a list', '{"message":"x","meta":[1]}', 400, '/meta'],
    ['meta of 33 KB', JSON.stringify({ message: 'x', meta: { a: 'y'.repeat(33_000) } }), 400, '/meta'],
    ['a field of 33 KB', JSON.stringify({ message: 'x', stack: 'y'.repeat(33_000) }), 400, '/stack'],
    ['a message of 65 KB', JSON.stringify({ message: 'y'.repeat(65_537) }), 400, '/message'],
    ['257 names in meta', JSON.stringify({ message: 'x', meta: Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`k${n}`, n])) }), 400, '/meta'],
    ['meta of depth 33', `{"message":"x","meta":${'{"a":'.repeat(33)}1${'}'.repeat(33)}}`, 400, `/meta${'/a'.repeat(32)}`],
    ['a list of depth 100,000', '['.repeat(100_000), 400, ''],
    ['an event_id of 129 characters', JSON.stringify({ message: 'x', event_id: 'i'.repeat(129) }), 400, '/event_id'],
    ['101 events where 100 may be', JSON.stringify(Array.from({ length: 101 }, () => ({ message: 'x' }))), 413, '']
  ]
  for (const [name, body, status, path] of bad) {
    await t.test(`${name} is ${status}, names ${path === '' ? 'the whole' : path.slice(0, 40)}, and leaves the rest as it was`, async (t) => {
      const response = await post(app, '/events', body, JSON_BODY)

      t.same(problemFaults(response, status), [])
      t.equal(pathsOf(response)[0], path)
      t.match(response.json<Problem>().instance, UUID)
      t.same(await find(app), good)
    })
  }

  await t.test('bytes that are not UTF-8 are refused with their place', async (t) => {
    const response = await post(app, '/events', Buffer.from([...Buffer.from('{"message":"'), 0xff, 0x22, 0x7d]), JSON_BODY)

    t.same(problemFaults(response, 400), [])
    t.match(response.json<Problem>().detail, /not UTF-8 at byte 12/)
  })

  await t.test('a body beyond the limit is 413, as it is sent and unpacked', async (t) => {
    const large = Buffer.alloc(1_000_001, 'x')

    t.same(problemFaults(await post(app, '/events', large, TEXT_BODY), 413), [])
    t.same(problemFaults(await post(app, '/events', gzipSync(large), { ...TEXT_BODY, 'content-encoding': 'gzip' }), 413), [])
    t.same(problemFaults(await post(app, '/log', large, JSON_BODY), 413), [])
    t.same(app.service.admission.load, { bytes: 0, events: 0 }, 'nothing is left in the queue')
  })

  await t.test('a content type or encoding that is not known is 415', async (t) => {
    const body = '{"message":"x"}'
    const types = ['image/png', 'text/html', 'application/xml', 'application/json; charset=latin1', 'multipart/form-data; boundary=x', 'nonsense']

    for (const type of types) t.same(problemFaults(await post(app, '/events', body, { 'content-type': type }), 415), [], type)
    t.same(problemFaults(await post(app, '/events', 'message=x', FORM_BODY), 415), [], 'a form is for /log')
    t.same(problemFaults(await post(app, '/events', Buffer.from(body)), 415), [], 'no type at all')
    t.same(problemFaults(await post(app, '/events', body, { ...JSON_BODY, 'content-encoding': 'br' }), 415), [])
  })

  await t.test('a compressed body that is damaged, cut off or followed by something is 400', async (t) => {
    const whole = gzipSync('{"message":"x"}')
    const gzip = { ...JSON_BODY, 'content-encoding': 'gzip' }

    for (const body of [Buffer.from('not gzip'), whole.subarray(0, -4), Buffer.concat([whole, Buffer.from('more')]), Buffer.alloc(0)]) {
      t.same(problemFaults(await post(app, '/events', body, gzip), 400), [])
    }
  })

  await t.test('a parameter that is not known or will not do is 400 and named', async (t) => {
    const parameters: ReadonlyArray<[query: string, path: string]> = [
      ['level=loud', 'level'], ['dry=yes', 'dry'], ['items=some', 'items'], ['service=', 'service'], [`host=${'h'.repeat(256)}`, 'host'], ['colour=red', 'colour']
    ]

    for (const [query, path] of parameters) {
      const response = await post(app, `/events?${query}`, { message: 'x' })
      t.same(problemFaults(response, 400), [], query)
      t.same(pathsOf(response), [path])
    }
  })

  t.same(messagesOf(await find(app)), messagesOf(good), 'nothing of all this was stored')
})

test('taking in compressed bodies', async (t) => {
  const app = await buildTestApp(t)
  const encodings: ReadonlyArray<[name: string, encoding: string, pack: (text: string) => Buffer]> = [
    ['gzip', 'gzip', gzipSync], ['x-gzip in capitals', 'X-GZIP', gzipSync], ['deflate', 'deflate', deflateSync], ['identity', 'identity', Buffer.from]
  ]
  for (const [name, encoding, pack] of encodings) {
    await t.test(`${name} is unpacked`, async (t) => {
      const receipt = await post(app, '/events', pack(`{"message":"packed by ${encoding}"}\n{"message":"second"}`), { ...NDJSON_BODY, 'content-encoding': encoding })

      t.equal(receipt.statusCode, 201)
      t.equal(receipt.json<Receipt>().accepted, 2)
      t.equal(await countEvents(app, `q=${encodeURIComponent(`"packed by ${encoding}"`)}`), 1)
    })
  }
})

test('ids that senders give', async (t) => {
  const app = await buildTestApp(t)
  const [one, two] = [await sender(app, 'one'), await sender(app, 'two')]

  await t.test('two services that number their events alike lose none', async (t) => {
    const numbered = (service: string) => Array.from({ length: 500 }, (_, n) => ({ id: n + 1, service, message: `${service} ${n}` }))

    const receipts = [await one(numbered('cart')), await one(numbered('mail')), await two(numbered('cart'))]

    t.match(receipts.map((response) => response.json()), Array(3).fill({ accepted: 500, duplicates: 0, rejected: 0 }))
    t.same([await countEvents(app, 'service=cart'), await countEvents(app, 'service=mail')], [1_000, 500])
    t.match((await one(numbered('mail'))).json(), { accepted: 0, duplicates: 500 }, 'what is sent again is known')
  })

  await t.test('other content under a logger\'s id is an event of its own, with that id in meta', async (t) => {
    const [first, second, again] = await inTurn(one, [{ id: 4242, msg: 'a' }, { id: 4242, msg: 'b' }, { id: 4242, msg: 'b' }])

    t.match(first, { id: '4242', message: 'a', meta: {} })
    t.match(second, { id: /^\d{16}$/, message: 'b', meta: { id: 4242 } })
    t.same(again, second)
    t.match((await get(app, '/events/4242')).json(), { message: 'a' })
    t.same((await get(app, `/events/${second?.id}`)).json(), second)
    t.match((await get(app, `/events/${second?.id}/context`)).json(), { event: second })
  })

  await t.test('other content under an event_id is 409, or a conflict of its item, and not stored', async (t) => {
    const first = await one({ event_id: 'pay-1', message: 'paid 10' })
    const other = await one({ event_id: 'pay-1', message: 'paid 20' })
    const batch = await one([{ event_id: 'pay-1', message: 'paid 10' }, { event_id: 'pay-1', message: 'paid 30' }, { message: 'paid' }])
    const alone = await one([{ event_id: 'pay-1', message: 'paid 40' }])

    t.match([first.statusCode, first.json()], [201, { id: 'pay-1', meta: {} }])
    t.same(problemFaults(other, 409), [])
    t.equal(other.json().errors[0].path, '/event_id')
    t.equal(batch.statusCode, 207)
    t.match(batch.json(), { accepted: 1, duplicates: 1, rejected: 1 })
    t.match(batch.json<Receipt>().items.map(({ index, status }) => [index, status]), [[0, 'duplicate'], [1, 'conflict']])
    t.same((await get(app, `/receipts/${batch.json<Receipt>().receipt}`)).json().items, batch.json<Receipt>().items)
    t.same(problemFaults(alone, 409), [])
    t.same(messagesOf(await find(app, 'q=paid')), ['paid', 'paid 10'])
  })

  await t.test('no answer shows what another token sent', async (t) => {
    const secret = await one({ id: 'shared', message: 'the salary is 5000' })
    const answers = [await two({ id: 'shared', message: 'guess' }), await two({ event_id: 'shared', message: 'guess again' }), await two([{ id: 'shared', message: 'third' }])]

    t.equal(secret.json<Event>().id, 'shared')
    for (const answer of answers) {
      t.equal(answer.statusCode < 500, true)
      t.notMatch(answer.body, /salary/)
    }
    t.match((await get(app, '/events/shared')).json(), { message: 'the salary is 5000' })
    t.equal(await countEvents(app, 'q=guess OR third'), 2)
  })

  await t.test('an id that looks like that of another event takes nothing over', async (t) => {
    const plain = (await one({ message: 'plain' })).json<Event>()

    const [hint, strict] = await inTurn(two, [{ id: plain.id, message: 'impostor' }, { event_id: plain.id, message: 'another impostor' }])

    t.same((await get(app, `/events/${plain.id}`)).json(), plain)
    t.match([hint?.meta, strict], [{ id: plain.id }, undefined])
    t.not(hint?.id, plain.id)
  })
})

type Send = (body: object) => ReturnType<typeof post>

/** Sends as a token of its own, which may do nothing else. */
async function sender (app: App, name: string): Promise<Send> {
  const { secret } = await app.service.access.create({ name, scopes: ['ingest'], expiresAt: null })
  return (body) => post(app, '/events', body, { authorization: `Bearer ${secret}` })
}

/** The events that were answered; undefined for what was refused. */
async function inTurn (send: Send, bodies: readonly object[]): Promise<Array<Event | undefined>> {
  const events: Array<Event | undefined> = []
  for (const body of bodies) {
    const response = await send(body)
    events.push(response.statusCode === 201 ? response.json<Event>() : undefined)
  }
  return events
}
