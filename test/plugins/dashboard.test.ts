import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { test } from 'tap'
import { auth, buildTestApp } from '../helper.ts'

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
