import { once } from 'node:events'
import { request, type ClientRequest } from 'node:http'
import { connect } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { test, type Test } from 'tap'
import Fastify, { type FastifyInstance } from 'fastify'
import latency from 'bellwether/latency'
import { seriesOf } from '../support/prometheus.ts'
import { until } from '../support/until.ts'

const EACH = 20

interface Listening { app: FastifyInstance, port: number }

/** A bare application with a route for every way in which a request may end. */
async function listening (t: Test): Promise<Listening> {
  const app = Fastify()
  await app.register(latency)
  app.get('/finished/:id', async () => ({ ok: true }))
  app.get('/thrown', async () => { throw new Error('thrown') })
  app.get('/never', () => new Promise(() => {}))
  app.post('/never', () => new Promise(() => {}))
  app.get('/stream', async () => endless())
  app.get('/short-stream', async () => Readable.from(['a', 'b']))
  app.get('/hijacked', (_request, reply) => {
    reply.hijack()
    reply.raw.end('mine')
  })
  app.get('/busy', async (_request, reply) => reply.code(503).header('retry-after', '1').send())
  app.get('/quota', async (_request, reply) => reply.code(429).send())
  app.get('/broken', async (_request, reply) => reply.code(503).send())
  t.teardown(() => app.close())
  return { app, port: Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port) }
}

function endless (): Readable {
  const body = new PassThrough()
  body.write('begun')
  return body
}

async function get (port: number, path: string, method = 'GET'): Promise<number> {
  const asked = request({ port, path, method, agent: false }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

/** Sends requests whose answers never end, waits for `there`, and leaves. */
async function leave (port: number, path: string, { body = '', there }: { body?: string, there: (asked: ClientRequest[]) => Promise<unknown> }): Promise<void> {
  const all = Array.from({ length: EACH }, () => request({ port, path, method: body === '' ? 'GET' : 'POST', agent: false }))
  for (const asked of all) asked.on('error', () => {}).setHeader('content-type', 'application/json').end(body)
  await there(all)
  for (const asked of all) asked.destroy()
}

async function say (port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  return Buffer.concat(await socket.toArray()).toString()
}

function totalOf ({ requestMetrics }: FastifyInstance): number {
  return requestMetrics.totals().requests_total
}

function inFlight ({ requestMetrics }: FastifyInstance): number | undefined {
  return seriesOf(requestMetrics.text()).get('http_requests_in_flight')
}

/** The counts of the histogram: `GET /x 200 completed` and how many. */
function countsOf ({ requestMetrics }: FastifyInstance): Record<string, number> {
  const rows = [...seriesOf(requestMetrics.text())].flatMap(([name, value]) => {
    const labels = /^http_request_duration_seconds_count\{method="(.*)",route="(.*)",status_code="(.*)",outcome="(.*)"\}$/.exec(name)
    return labels === null ? [] : [[labels.slice(1).join(' '), value] as const]
  })
  return Object.fromEntries(rows)
}

function times (action: (n: number) => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: EACH }, (_, n) => action(n)))
}

test('of 160 requests that end in eight ways, each is counted once, by how it ended', async (t) => {
  const { app, port } = await listening(t)
  const allThere = () => until(() => inFlight(app) === EACH)
  const allGone = () => until(() => inFlight(app) === 0)

  await times((n) => get(port, `/finished/${n}`))
  await times(() => get(port, '/thrown'))
  await times((n) => get(port, `/nowhere/${n}`))
  await times(() => say(port, 'this is no HTTP\r\n\r\n'))
  await times(() => get(port, '/hijacked'))
  await leave(port, '/stream', { there: (all) => Promise.all(all.map((asked) => once(asked, 'response'))) })
  await allGone()
  await leave(port, '/never', { there: allThere })
  await allGone()
  await leave(port, '/never', { body: '"the whole body"', there: allThere })
  await allGone()

  t.same(countsOf(app), {
    'GET /finished/:id 200 completed': 20,
    'GET /thrown 500 completed': 20,
    'GET (unmatched) 404 completed': 20,
    '(other) (malformed) 400 completed': 20,
    'GET /hijacked 200 completed': 20,
    'GET /stream 200 aborted': 20,
    'GET /never 499 aborted': 20,
    'POST /never 499 aborted': 20
  })
  t.equal(totalOf(app), 160)
})

test('what Node or the router answers itself is counted too', async (t) => {
  const { app, port } = await listening(t)

  await say(port, 'GET /finished/1 HTTP/1.1\r\n\r\n')
  await say(port, 'GET /finished/1 HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nConnection: close\r\n\r\n')
  await get(port, '/finished/%zz')
  await say(port, `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`)

  t.same(countsOf(app), { 'GET (unmatched) 400 completed': 2, 'GET (unmatched) 417 completed': 1, '(other) (malformed) 431 completed': 1 })
})

test('a body that is broken, cut off or reset is a request that was aborted, and no second one', async (t) => {
  const { app, port } = await listening(t)
  const head = 'POST /never HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'

  await say(port, `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)
  for (const end of ['end', 'resetAndDestroy'] as const) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.resume().write(`${head}Content-Length: 10\r\n\r\nhalf`)
    await until(() => inFlight(app) === 1)
    socket[end]()
    await until(() => inFlight(app) === 0)
  }

  t.same(countsOf(app), { 'POST /never 499 aborted': 3 })
})

test('a request that was answered before its body was whole is not counted again when the rest is missing', async (t) => {
  const { app, port } = await listening(t)
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write('POST /never HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 10\r\n\r\nhalf')
  await once(socket, 'data')
  socket.end()
  await once(socket.resume(), 'close')

  t.same(countsOf(app), { 'POST /never 415 completed': 1 })
})

test('what follows a whole request and is none is counted on its own', async (t) => {
  const { app, port } = await listening(t)

  await say(port, 'GET /finished/1 HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n')

  t.equal(countsOf(app)['(other) (malformed) 400 completed'], 1)
  t.equal(totalOf(app), 2)
})

test('requests that wait behind another on their connection are counted when it breaks', async (t) => {
  const { app, port } = await listening(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3))
  await until(() => inFlight(app) === 3)

  socket.destroy()
  await until(() => inFlight(app) === 0)

  t.same(countsOf(app), { 'GET /never 499 aborted': 3 })
})

test('what is refused for overload is shed, and takes no part in the percentiles', async (t) => {
  const { app, port } = await listening(t)
  for (const path of ['/busy', '/quota', '/broken']) await get(port, path)

  t.same(countsOf(app), { 'GET /busy 503 shed': 1, 'GET /quota 429 shed': 1, 'GET /broken 503 completed': 1 })
  t.match(app.requestMetrics.takeLatencies(), { all: { count: 1 }, routes: [{ route: '/broken', count: 1 }] })
})

test('a HEAD and an injected request are counted as any other', async (t) => {
  const { app, port } = await listening(t)

  await get(port, '/finished/1', 'HEAD')
  await app.inject('/finished/2')
  await app.inject('/nowhere')

  t.same(countsOf(app), { 'HEAD /finished/:id 200 completed': 1, 'GET /finished/:id 200 completed': 1, 'GET (unmatched) 404 completed': 1 })
  t.equal(inFlight(app), 0)
})

test('the latency of a stream ends with its headers, and its whole time is told apart', async (t) => {
  const { app, port } = await listening(t)
  const asked = request({ port, path: '/stream', agent: false }).on('error', () => {}).end()
  await once(asked, 'response')
  asked.destroy()
  await until(() => inFlight(app) === 0)
  await get(port, '/short-stream')

  const series = seriesOf(app.requestMetrics.text())
  const latency = series.get('http_request_duration_seconds_sum{method="GET",route="/stream",status_code="200",outcome="aborted"}') ?? NaN
  const whole = series.get('http_stream_seconds_sum{method="GET",route="/stream",outcome="aborted"}') ?? NaN
  t.ok(whole > latency && latency > 0, `${whole} and ${latency}`)
  t.equal(series.get('http_stream_seconds_count{method="GET",route="/short-stream",outcome="completed"}'), 1)
})

test('routes beyond the cap are (other), and unknown paths are one route', async (t) => {
  const app = Fastify()
  await app.register(latency, { maxRoutes: 3 })
  for (let n = 0; n < 10; n++) app.get(`/route/${n}`, async () => n)
  t.teardown(() => app.close())

  for (let n = 0; n < 10; n++) await app.inject(`/route/${n}`)
  for (let n = 0; n < 10_000; n++) await app.inject(`/unknown/${n}`)

  t.same(countsOf(app), {
    'GET /route/0 200 completed': 1,
    'GET /route/1 200 completed': 1,
    'GET /route/2 200 completed': 1,
    'GET (other) 200 completed': 7,
    'GET (unmatched) 404 completed': 10_000
  })
})

test('another server in the same process, and one that was closed, are not counted', async (t) => {
  const { app, port } = await listening(t)
  const other = await listening(t)

  await get(other.port, '/finished/1')
  await other.app.close()
  await get(port, '/finished/1')

  t.equal(totalOf(app), 1)
  t.equal(totalOf(other.app), 1)
})
