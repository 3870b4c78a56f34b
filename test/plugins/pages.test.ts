import { PassThrough, Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { test } from 'tap'
import { type BodyOptions, readBody } from '../../plugins/body.ts'
import { AppError } from '../../src/core/errors.ts'
import { auth, buildTestApp } from '../helper.ts'
import { get } from './support.ts'

interface Operation {
  tags?: string[]
  summary?: string
  parameters?: Array<{ name: string, in: string, required?: boolean, schema?: unknown }>
  responses: Record<string, { description?: string, content?: Record<string, { schema?: unknown }> }>
}

interface OpenApi {
  openapi: string
  info: { title: string, version: string }
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: Record<string, unknown> }
}

test('the OpenAPI document', async (t) => {
  const app = await buildTestApp(t)
  const document = (await get(app, '/openapi.json')).json<OpenApi>()
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const routes = app.routes.filter(({ url, method, schema }) => !url.startsWith('/docs') && schema?.hide !== true && method !== 'HEAD')

  await t.test('is version 3.1 and says how to sign in', async (t) => {
    t.match(document, { openapi: /^3\.1\.\d+$/, info: { title: 'Bellwether', version: /^\d+\.\d+\.\d+/ } })
    t.same(Object.keys(document.components.securitySchemes), ['bearer', 'opsToken', 'cookie'])
  })

  await t.test('holds every route with each of its answers, and nothing else', async (t) => {
    t.ok(routes.length > 10)
    for (const { method, url, schema } of routes) {
      const path = url.replace(/:(\w+)/g, '{$1}')
      const operation = document.paths[path]?.[String(method).toLowerCase()]
      t.ok(operation, `${String(method)} ${url}`)
      const answers = Object.keys(Object(schema?.response)).map((status) => status.toUpperCase())
      t.same(Object.keys(operation?.responses ?? {}).map((status) => status.toUpperCase()).sort(), answers.sort(), `${url} tells its answers`)
    }
    t.equal(operations.length, routes.length)
  })

  await t.test('is valid: what OpenAPI asks of an operation is there', async (t) => {
    for (const { path, method, operation } of operations) {
      const at = `${method} ${path}`
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      t.same(given.map(({ name }) => name), named, `${at}: its path parameters`)
      t.ok(given.every(({ required }) => required === true), `${at}: they are required`)
      t.ok((operation.parameters ?? []).every(({ schema }) => schema !== undefined), `${at}: parameters have a schema`)
      t.ok(Object.keys(operation.responses).every((status) => /^[1-5](\d\d|XX)$/.test(status)), `${at}: statuses`)
      t.ok(Object.values(operation.responses).every(({ description }) => typeof description === 'string'), `${at}: answers are described`)
      t.ok(operation.summary !== undefined && operation.tags?.length === 1, `${at}: has a summary and a tag`)
    }
    t.notOk(JSON.stringify(document).includes('$ref'), 'nothing points to what is not there')
  })

  await t.test('has a page that shows it, whose parts come from here', async (t) => {
    const page = await get(app, '/docs/')

    t.match(page.headers, { 'content-type': /^text\/html/ })
    const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url)
    t.ok(parts.length > 3)
    for (const url of parts) t.equal((await get(app, new URL(url, 'http://localhost/docs/').pathname)).statusCode, 200, url)
    t.ok(parts.every((url) => !url.startsWith('http')))
  })
})

const HTML = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

test('every path of the page is one document that may load nothing but its own files', async (t) => {
  const app = await buildTestApp(t)
  const answers = await Promise.all(['/dashboard', '/dashboard/alerts/alr_1', '/dashboard/no/such/page'].map((url) => app.inject({ url, headers: HTML })))

  for (const { statusCode, headers, body } of answers) {
    t.equal(statusCode, 200)
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', vary: 'accept-encoding, cookie' })
    t.match(headers['content-security-policy'], /default-src 'none'; script-src 'self';.* require-trusted-types-for 'script'; trusted-types bellwether$/)
    t.match(body, /<html lang="en" data-theme="system"/)
    t.notMatch(body, /<script(?![^>]* src=)|<style|style=|\son[a-z]+=/, 'nothing is written into it that a policy would have to allow')
  }
})

test('its files are named by their content, kept for ever, and compressed as the client reads it best', async (t) => {
  const app = await buildTestApp(t)
  const { body } = await app.inject({ url: '/dashboard', headers: HTML })
  const files = [...body.matchAll(/\/dashboard\/assets\/[\w-]+-[A-Z0-9]{8}\.(?:js|css)/g)].map(([url]) => url)
  t.equal(files.length, 3, 'style, script, and the worker that holds the stream')
  for (const url of files) {
    const ask = (encoding: string) => app.inject({ url, headers: { 'accept-encoding': encoding } })
    const [plain, gzip, brotli, refused] = await Promise.all([ask('identity'), ask('gzip, deflate'), ask('gzip, deflate, br'), ask('br;q=0, gzip')])
    t.match(plain.headers, { 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' })
    t.notOk(plain.headers['content-encoding'])
    t.equal(gunzipSync(gzip.rawPayload).toString(), plain.body)
    t.equal(brotliDecompressSync(brotli.rawPayload).toString(), plain.body)
    t.equal(refused.headers['content-encoding'], 'gzip')
  }
  t.equal((await app.inject('/dashboard/assets/main-00000000.js')).statusCode, 404)
  t.equal((await app.inject('/dashboard/assets/dark.html')).statusCode, 404, 'documents have their own paths')
})

test('the theme that was chosen is in the document before anything is drawn', async (t) => {
  const app = await buildTestApp(t)
  const themeOf = async (cookie: string): Promise<string | undefined> => /data-theme="(\w+)"/.exec((await app.inject({ url: '/dashboard', headers: { cookie } })).body)?.[1]

  t.same(await Promise.all(['bw_theme=dark', 'a=b; bw_theme=light', 'bw_theme="><script>', 'x_bw_theme=dark'].map(themeOf)), ['dark', 'light', 'system', 'system'])
})

test('who has a session is shown the outline of the page, and asked who that is, while the script comes', async (t) => {
  const app = await buildTestApp(t)
  const bodyFor = async (cookie: string): Promise<string> => (await app.inject({ url: '/dashboard', headers: { cookie } })).body
  const [known, unknown] = await Promise.all(['bw_theme=dark; bw_session=abc', 'bw_theme=dark'].map(bodyFor))

  t.match(known, /data-theme="dark".* data-known>[^]*<link rel="preload" as="fetch" crossorigin href="\/api\/me">[^]*<div id="outline" class="shell" aria-hidden="true">/)
  t.notMatch(unknown, /data-known|preload|outline/)
  t.match(unknown, /data-theme="dark"/)
})

test('a browser that opens an address of the API is led to its page, and a program is not', async (t) => {
  const app = await buildTestApp(t)
  const led = async (url: string): Promise<[number, string | undefined]> => {
    const { statusCode, headers } = await app.inject({ url, headers: HTML })
    return [statusCode, headers.location]
  }

  t.same(await led('/'), [302, '/dashboard'])
  t.same(await led('/alerts/alr_7'), [302, '/dashboard/alerts/alr_7'])
  t.same(await led('/docs'), [302, '/dashboard/login?next=%2Fdocs'])
  t.same(await led('/events?q=a%20b'), [302, '/dashboard/login?next=%2Fevents%3Fq%3Da%2520b'])
  t.match((await app.inject('/')).json(), { ok: true, name: 'bellwether' })
  t.equal((await app.inject({ url: '/events', headers: { accept: '*/*' } })).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/events', headers: HTML, payload: {} })).statusCode, 401, 'a form that is sent is told')
  t.equal((await app.inject({ url: '/alerts/alr_7', headers: { ...auth, accept: 'application/json' } })).statusCode, 404)
})

test('whoever comes first is told that nobody has an account yet', async (t) => {
  const app = await buildTestApp(t)
  const ask = async (remoteAddress: string) => (await app.inject({ url: '/api/setup', remoteAddress })).json()

  t.same(await ask('127.0.0.1'), { registered: false, setup_token_needed: false })
  t.same(await ask('192.0.2.7'), { registered: false, setup_token_needed: true })
  t.equal((await app.inject({ method: 'POST', url: '/api/register', payload: { username: 'ann', password: 'plenty of letters 27' } })).statusCode, 201)
  t.same(await ask('192.0.2.7'), { registered: true, setup_token_needed: false })
})

const MAX_BYTES = 10

/** Reads with a limit of 10 bytes; `progress` is what was told of it. */
function reading (stream: Readable, options: Partial<BodyOptions> = {}) {
  const progress: number[] = []
  const body = readBody(stream, { expectedBytes: undefined, maxBytes: MAX_BYTES, onProgress: (bytes) => { progress.push(bytes) }, ...options })
  return { progress, body }
}

function chunked (...chunks: string[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)), { objectMode: false })
}

test('a body is whole, of no chunk, of one and of many', async (t) => {
  const cases: Array<[chunks: string[], progress: number[]]> = [[[], []], [['0123456789'], [10]], [['a', 'bc', 'def'], [1, 3, 6]]]
  for (const [chunks, told] of cases) {
    const { body, progress } = reading(chunked(...chunks))

    t.equal((await body).toString(), chunks.join(''))
    t.same(progress, told, 'what has arrived so far is told')
  }
})

test('a body whose size is told is whole, of no chunk, of one and of many, and when less came', async (t) => {
  const cases: Array<[chunks: string[], expectedBytes: number]> = [[[], 0], [['0123456789'], 10], [['a', 'bc', 'def'], 6], [['a', 'bc'], 6]]
  for (const [chunks, expectedBytes] of cases) {
    const { body } = reading(chunked(...chunks), { expectedBytes })

    t.equal((await body).toString(), chunks.join(''))
  }
})

test('a body of one chunk is not copied', async (t) => {
  for (const expectedBytes of [undefined, 5]) {
    const chunk = Buffer.from('whole')
    const stream = new PassThrough()
    const { body } = reading(stream, { expectedBytes })

    stream.end(chunk)

    t.equal((await body).buffer, chunk.buffer)
  }
})

test('a body that is announced as too large is refused before a byte of it is read', async (t) => {
  for (const [expectedBytes, isRefused] of [[9, false], [10, false], [11, true]] as const) {
    const stream = chunked('x'.repeat(expectedBytes))
    const { body, progress } = reading(stream, { expectedBytes })

    if (isRefused) await t.rejects(body, { code: 'too_large', message: /MAX_BODY_BYTES \(10\)/, faults: [{ path: '', message: 'has more than 10 bytes' }] })
    else t.equal((await body).length, expectedBytes)
    t.same(progress, isRefused ? [] : [expectedBytes])
    t.equal(stream.readableDidRead, !isRefused)
  }
})

test('a body that does not announce its size is refused as soon as it is too large', async (t) => {
  for (const [last, isRefused] of [['9', false], ['9a', true]] as const) {
    const { body, progress } = reading(chunked('012345678', last))

    if (isRefused) await t.rejects(body, { code: 'too_large', message: /10/ })
    else t.equal((await body).toString(), '0123456789')
    t.same(progress, isRefused ? [9] : [9, 10], 'what is too much is counted nowhere')
  }
})

test('a body that is refused while it arrives is read no further', async (t) => {
  const refusal = new AppError('overloaded', 'no room')
  const stream = new PassThrough()
  const told: number[] = []
  const { body } = reading(stream, {
    onProgress: (bytes) => {
      told.push(bytes)
      if (bytes > 3) throw refusal
    }
  })

  stream.write('012')
  stream.write('345')
  await t.rejects(body, refusal)
  stream.end('678')
  await new Promise((resolve) => setImmediate(resolve))

  t.same(told, [3, 6])
  t.ok(stream.isPaused())
})

test('a body whose sender leaves in its middle is invalid', async (t) => {
  const stream = new PassThrough()
  const { body, progress } = reading(stream)

  stream.write('012')
  await new Promise((resolve) => setImmediate(resolve))
  stream.destroy(new Error('aborted'))

  await t.rejects(body, { code: 'invalid', message: 'the body ended before it was whole', faults: [{ path: '', message: 'ended before it was whole' }] })
  t.same(progress, [3])
})
