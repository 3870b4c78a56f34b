import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { buildApp } from '../../plugins/app.ts'
import type { Refusal } from '../../schemas/submission.ts'
import { AppError, type ErrorCode } from '../../src/core/errors.ts'
import { auth, buildTestApp, OPS_TOKEN } from '../helper.ts'
import { until } from '../support/until.ts'
import { find, get, JSON_BODY, messagesOf, pathsOf, post, problemFaults, TEXT_BODY } from './support.ts'

const NOTHING = { bytes: 0, events: 0 }

/** Sends bytes as they are and reads until the server hangs up. */
async function raw (port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.write(bytes)
  return text(socket)
}

function portOf (address: string): number {
  return Number(new URL(address).port)
}

test('answering errors', async (t) => {
  const app = await buildTestApp(t)
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }))

  await t.test('every kind is problem details that tell nothing of the inside', async (t) => {
    t.same(problemFaults(await get(app, '/no/such/path'), 404), [], 'unknown route')
    t.same(problemFaults(await app.inject({ method: 'DELETE', url: '/events', headers: auth }), 404), [], 'method not there')
    t.same(problemFaults(await app.inject({ method: 'PUT', url: '/events', headers: { ...auth, ...JSON_BODY }, payload: '{}' }), 404), [], 'method not there, with a body')
    t.same(problemFaults(await get(app, '/%zz'), 400), [], 'bad encoding')
    t.same(problemFaults(await get(app, '/events/%c3%28'), 400), [], 'encoding that is no UTF-8')
    t.same(problemFaults(await get(app, `/events/${'a'.repeat(300)}`), 413), [], 'path too long')
    t.same(problemFaults(await get(app, '/events?limit=0'), 400), [], 'bad parameter')
    t.same(problemFaults(await app.inject('/events'), 401), [], 'nobody')
    t.same(problemFaults(await post(app, '/rejected/1/retry', {}), 403), [], 'somebody without the scope')
    t.same(problemFaults(await get(app, '/events/none'), 404), [], 'not found')
    t.same(problemFaults(await get(app, '/docs/static/none.css'), 404), [], 'asset not found')
    t.same(problemFaults(await get(app, '/docs/static/%00'), 403), [], 'asset with a NUL')
    t.same(problemFaults(await get(app, '/docs/static/..%2f..%2fpackage.json'), 404), [], 'asset from above')
    t.same(problemFaults(await get(app, '/docs/static/index.css', { range: 'bytes=99999999-' }), 416), [], 'range that is not there')
    t.same(problemFaults(await get(app, '/docs/static/index.css', { 'if-match': '"other"' }), 412), [], 'precondition')
  })

  await t.test('text/plain is refused where it does not mean lines', async (t) => {
    t.same(problemFaults(await post(app, '/log', '{"message":"x"}', TEXT_BODY), 415), [])
    const { secret } = await app.service.access.create({ name: 'admin', scopes: ['admin'], expiresAt: null })
    t.same(problemFaults(await post(app, '/rejected/1/retry', '{"message":"x"}', { ...TEXT_BODY, authorization: `Bearer ${secret}` }), 415), [])
  })

  await t.test('a body that Fastify reads itself is bounded and must be JSON', async (t) => {
    const { secret } = await app.service.access.create({ name: 'admin', scopes: ['admin'], expiresAt: null })
    const headers = { ...JSON_BODY, authorization: `Bearer ${secret}` }

    t.same(problemFaults(await post(app, '/rejected/1/retry', `"${'x'.repeat(1_100_000)}"`, headers), 413), [])
    t.same(problemFaults(await post(app, '/rejected/1/retry', '{', headers), 400), [])
    t.same(problemFaults(await post(app, '/rejected/1/retry', '{"__proto__":1}', headers), 400), [])
  })

  const kinds: ReadonlyArray<[code: ErrorCode, status: number, retryAfter: string | undefined]> = [
    ['invalid', 400, undefined], ['unauthorized', 401, undefined], ['forbidden', 403, undefined], ['not_found', 404, undefined], ['conflict', 409, undefined],
    ['too_large', 413, undefined], ['unsupported', 415, undefined], ['mismatch', 422, undefined], ['quota', 429, '1'], ['overloaded', 503, '1'],
    ['timeout', 503, '1'], ['no_space', 507, undefined], ['internal', 500, undefined]
  ]
  await t.test('each code has its status, and those that pass say when to come again', async (t) => {
    const bad = await buildApp(app.service)
    for (const [code] of kinds) {
      bad.get(`/${code}`, { config: { access: 'open' } }, async () => { throw new AppError(code, 'the reason', { faults: [{ path: '/a', message: 'm' }] }) })
    }
    bad.get('/later', { config: { access: 'open' } }, async () => { throw new AppError('quota', 'later', { retryAfterSeconds: 7 }) })
    bad.get('/bug', { config: { access: 'open' } }, async () => { throw new TypeError('SELECT secret FROM /home/x.ts') })
    bad.get('/thrown', { config: { access: 'open' } }, async () => { throw Object.assign(new Error('teapot'), { statusCode: 418 }) })

    for (const [code, status, retryAfter] of kinds) {
      const response = await bad.inject(`/${code}`)
      t.same(problemFaults(response, status), [], code)
      t.equal(response.json().detail, code === 'internal' ? 'internal error' : 'the reason')
      t.same(pathsOf(response), ['/a'])
      t.equal(response.headers['retry-after'], retryAfter, code)
    }
    t.equal((await bad.inject('/later')).headers['retry-after'], '7')
    t.same(problemFaults(await bad.inject('/thrown'), 418), [])
    const bug = await bad.inject('/bug')
    t.same(problemFaults(bug, 500), [])
    t.equal(bug.json().detail, 'internal error')
    await bad.close()
  })

  await t.test('every answer carries a request id of its own and the security headers', async (t) => {
    const answers = await Promise.all([
      app.inject('/'), app.inject('/health'), get(app, '/events'), app.inject('/events'), app.inject('/none'), app.inject('/%zz'), post(app, '/events', 'x', TEXT_BODY),
      post(app, '/events', '', JSON_BODY), get(app, '/events/export'), get(app, '/docs/'), app.inject({ method: 'HEAD', url: '/health' }), get(app, `/events/${'a'.repeat(300)}`)
    ])

    for (const { headers, statusCode } of answers) {
      t.match(headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': /default-src '(self|none)'/, 'x-request-id': /^[0-9a-f-]{36}$/ }, String(statusCode))
      t.notOk('server' in headers || 'x-powered-by' in headers)
    }
    t.equal(new Set(answers.map(({ headers }) => headers['x-request-id'])).size, answers.length)
    const sent = await app.inject({ url: '/none', headers: { 'x-request-id': 'mine' } })
    t.equal(sent.json().instance, `urn:uuid:${sent.headers['x-request-id']}`)
    t.not(sent.headers['x-request-id'], 'mine', 'a sender cannot choose the id')
  })

  const malformed: ReadonlyArray<[name: string, bytes: string, status: number]> = [
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a bad version', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n', 400],
    ['a length that is none', 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n', 400],
    ['a length and chunks', 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a flood of headers', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431]
  ]
  await t.test('what is no request is answered in the same shape, and the connection ends', async (t) => {
    for (const [name, bytes, status] of malformed) {
      const [head = '', body = ''] = (await raw(port, bytes)).split('\r\n\r\n')
      const headers = Object.fromEntries(head.toLowerCase().split('\r\n').slice(1).map((line) => line.split(': ')))

      t.ok(head.startsWith(`HTTP/1.1 ${status} `), `${name}: ${head.slice(0, 40)}`)
      t.same(problemFaults({ statusCode: status, headers, body }, status), [], name)
      t.match(headers, { connection: 'close', 'x-content-type-options': 'nosniff' })
    }
    t.equal((await app.inject('/health')).statusCode, 200, 'nothing else suffers')
  })

  await t.test('a refused request without a body leaves its connection open for the next', async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const statuses: Array<[number | undefined, boolean]> = []
    for (const path of ['/events', '/none', '/events?limit=0', '/livez']) {
      const asked = request({ port, path, agent })
      asked.end()
      const [response] = await once(asked, 'response') as [IncomingMessage]
      await text(response)
      statuses.push([response.statusCode, asked.reusedSocket])
    }
    agent.destroy()

    t.same(statuses, [[401, false], [404, true], [401, true], [200, true]])
  })

  await t.test('a refused request with a short body keeps its connection too, and its body is read away', async (t) => {
    const socket = connect(port, '127.0.0.1')
    const refused = 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 262144\r\n\r\n'
    const closing = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    socket.write(refused + 'x'.repeat(262_144) + closing)

    const answers = await text(socket)

    t.same([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['401', '200'])
  })

  await t.test('a refused request with a long body, or one of unknown length, loses its connection', async (t) => {
    for (const size of ['Content-Length: 262145', 'Transfer-Encoding: chunked']) {
      const answer = await raw(port, `POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n${size}\r\n\r\n`)

      t.match(answer, /^HTTP\/1\.1 401 /)
      t.match(answer, /connection: close/i)
    }
  })

  await t.test('a refused body is not taken for the next request', async (t) => {
    const smuggled = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'
    const answer = await raw(port, `POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n${smuggled}`)

    t.match(answer, /^HTTP\/1\.1 401 /)
    t.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
  })
})

test('refusing what there is no room for', async (t) => {
  const app = await buildTestApp(t, { INGEST_QUEUE_BYTES: '10KB' })
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }))
  const { admission } = app.service
  const loadOf = (bytes: number): Promise<void> => until(() => admission.load.bytes === bytes)
  const head = (length: number) => `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${auth.authorization}\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`

  await t.test('a request that only announces its body holds nothing', async (t) => {
    const slow = connect(port, '127.0.0.1')
    slow.write(head(9_000))
    await once(app.server, 'request')

    const accepted = await post(app, '/events', 'x'.repeat(2_000), TEXT_BODY)
    slow.destroy()

    t.equal(accepted.statusCode, 201)
    t.same(admission.load, NOTHING)
  })

  await t.test('a body that arrives slowly holds what came: 503 for others; a client that leaves gives its place back', async (t) => {
    const slow = connect(port, '127.0.0.1')
    slow.write(head(9_000) + 'x'.repeat(8_999))
    await loadOf(8_999)

    const refused = await post(app, '/events', 'x'.repeat(2_000), TEXT_BODY)
    const health = await app.inject('/health')
    slow.destroy()
    await loadOf(0)
    const accepted = await post(app, '/events', 'x'.repeat(2_000), TEXT_BODY)

    t.same(problemFaults(refused, 503), [])
    t.equal(refused.headers['retry-after'], '1')
    t.equal(health.statusCode, 200, 'health stays up')
    t.equal(accepted.statusCode, 201)
    t.same(admission.load, NOTHING)
  })

  await t.test('a body is refused in its middle when others have taken the room meanwhile, and stores nothing', async (t) => {
    const late = connect(port, '127.0.0.1')
    late.write(head(9_000) + 'late\n'.repeat(200))
    await loadOf(1_000)
    const other = admission.enter('other', 9_000)
    other.receive(9_000)
    late.write('late\n'.repeat(400))

    const answer = await text(late)
    other.leave()

    t.match(answer, /^HTTP\/1\.1 503 /)
    t.match(answer, /retry-after: 1\r\n/)
    t.match(answer, /connection: close/, 'nobody reads the rest of it')
    t.same(messagesOf(await find(app, 'q=late')), [])
    t.same(admission.load, NOTHING)
  })

  await t.test('a body larger than the queue is taken when nobody else is there', async (t) => {
    t.equal((await post(app, '/events', 'x'.repeat(20_000), TEXT_BODY)).statusCode, 201)
  })
})

test('who sends more than is taken sees why', async (t) => {
  const app = await buildTestApp(t, { MAX_BODY_BYTES: '1MB' })
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }))
  const large = 'x'.repeat(20_000_000)
  const head = (size: string) => `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${auth.authorization}\r\nContent-Type: text/plain\r\n${size}\r\n\r\n`
  const bodies = [head(`Content-Length: ${large.length}`) + large, `${head('Transfer-Encoding: chunked')}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`]

  for (const body of bodies) {
    const socket = connect(port, '127.0.0.1')
    const isSent = new Promise((resolve) => { socket.write(body, resolve) })

    t.match(await text(socket), /^HTTP\/1\.1 413 [^]*connection: close[^]*MAX_BODY_BYTES/)
    t.equal(await isSent, null, 'and is not cut off meanwhile')
    t.same(app.service.admission.load, NOTHING)
  }
})

test('who never stops sending is hung up on', async (t) => {
  const app = await buildTestApp(t)
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(port, '127.0.0.1')
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const more = (error?: Error | null) => { if (error === undefined || error === null) socket.write(chunk, more) }
  const closed = new Promise((resolve) => { socket.on('error', () => {}).once('close', resolve) })

  socket.resume().write('POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', more)
  await closed

  t.ok(socket.bytesWritten > 262_144, 'not at once')
})

test('whoever wonders where their events are is told why the last ones were refused, without bodies and secrets', async (t) => {
  const app = await buildTestApp(t)
  const list = async (): Promise<Refusal[]> => (await get(app, '/refusals')).json<{ refusals: Refusal[] }>().refusals
  t.same(await list(), [], 'nothing was refused yet')

  await app.inject({ method: 'POST', url: '/events', headers: { 'x-ops-token': 'bw_stolen_secret' }, payload: { message: 'private words' } })
  await app.inject({ method: 'POST', url: '/events', payload: { message: 'private words' } })
  await post(app, '/events', '{"message": private words}', JSON_BODY)
  await post(app, '/log', '{"nothing": 1}', JSON_BODY)
  await post(app, '/events', { message: 'fine' })
  await post(app, '/events', '{"message": private words}', JSON_BODY)

  const refusals = await list()
  t.same(refusals.map(({ route, code, count }) => [route, code, count]), [
    ['POST /events', 'invalid', 2], ['POST /log', 'invalid', 1], ['POST /events', 'unauthorized', 1], ['POST /events', 'unauthorized', 1]
  ])
  t.match(refusals[0]?.message, /not JSON.*column 13/)
  t.match(refusals[3]?.message, /^the token is not known here/)
  t.notMatch(JSON.stringify(refusals), /stolen|words/)
})

test('one who is refused over and over does not push out the others', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', '{', JSON_BODY)
  for (let n = 0; n < 30; n++) await app.inject({ method: 'POST', url: '/events', payload: {} })

  const { refusals } = (await get(app, '/refusals')).json<{ refusals: Refusal[] }>()

  t.same(refusals.map(({ code }) => code), ['unauthorized', 'invalid'])
  t.equal(refusals[0]?.count, 30)
})

const BODY = '{"message":"sent before"}'
const HEAD = `POST /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPS_TOKEN}\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`

test('while stopping, what was begun is answered, and what comes after it is refused as a problem with Retry-After', async (t) => {
  const app = await buildTestApp(t)
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(url.port), url.hostname)
  await once(socket, 'connect')

  socket.write(HEAD + BODY.slice(0, 5))
  await until(() => app.service.admission.load.bytes > 0)
  const closed = app.close()
  await until(() => !app.server.listening)
  socket.write(`${BODY.slice(5)}${HEAD}${BODY}`)
  const answers = await text(socket)
  await closed

  t.match(answers, /^HTTP\/1\.1 201 /)
  const refusal = answers.slice(answers.lastIndexOf('HTTP/1.1 '))
  t.match(refusal, /^HTTP\/1\.1 503 /)
  t.match(refusal, /content-type: application\/problem\+json/i)
  t.match(refusal, /retry-after: \d/i)
  t.match(refusal, /connection: close/i)
  t.match(refusal, /"code":"overloaded"/)
})
