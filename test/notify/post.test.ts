import type { Socket } from 'node:net'
import { test } from 'tap'
import { VERSION } from '../../src/core/version.ts'
import { dnsLookup, type Guard } from '../../src/notify/guard.ts'
import { parseHosts } from '../../src/core/host-list.ts'
import { guardedPost, type PostResult } from '../../src/notify/post.ts'
import { closedPort, hang, rawReceiver, Receiver, status } from './receiver.ts'
import { guard, loopback } from './support.ts'

const LONG_MS = 20_000
const SHORT_MS = 50

function send (url: string, { guard = loopback, timeoutMs = LONG_MS, signal }: { guard?: Guard, timeoutMs?: number, signal?: AbortSignal } = {}): Promise<PostResult> {
  return guardedPost({ url, headers: { 'content-type': 'application/json' }, body: '{"a":"ü"}' }, { guard, timeoutMs, ...(signal === undefined ? {} : { signal }) })
}

test('a post arrives whole, says who sent it, and brings the reply back', async (t) => {
  const receiver = await Receiver.open(t, status(202, { 'x-reply': 'yes' }, 'taken'))

  const result = await send(`${receiver.url}?a=1#b`)

  t.match(result, { status: 202, replyText: 'taken', headers: { 'x-reply': 'yes' } })
  t.match(receiver.received, [{ path: '/hook?a=1', body: '{"a":"ü"}', headers: { 'content-length': '10', 'user-agent': `Bellwether/${VERSION}` } }])
})

test('redirects are never followed, to loopback or anywhere else', async (t) => {
  const target = await Receiver.open(t)
  for (const code of [301, 302, 303, 307, 308]) {
    const receiver = await Receiver.open(t, status(code, { location: target.url }))

    t.match(await send(receiver.url), { status: code })
  }
  t.same(target.received, [])
})

test('a private address is refused at every call, literal or behind a name', async (t) => {
  const receiver = await Receiver.open(t)
  const { port } = new URL(receiver.url)
  const strict = guard([], { 'inside.example': [['127.0.0.1', '::ffff:127.0.0.1']] })

  for (const host of ['127.0.0.1', '0x7f.1', 'localhost', 'localhost.', '[::ffff:127.0.0.1]', '169.254.169.254', 'inside.example']) {
    t.match(await send(`http://${host}:${port}/`, { guard: strict }), { reason: 'refused_address' }, host)
  }
  t.same(receiver.received, [])
})

test('a name that was public when it was saved and leads to loopback now is refused', async (t) => {
  const receiver = await Receiver.open(t)
  const { port } = new URL(receiver.url)
  const rebound = guard([], { 'rebound.example': [['93.184.216.34'], ['127.0.0.1']] })
  rebound.lookup('rebound.example', () => {})

  t.match(await send(`http://rebound.example:${port}/`, { guard: rebound }), { reason: 'refused_address', detail: /resolves to 127.0.0.1/ })
  t.same(receiver.received, [])
})

test('the address that was judged is the one that is called: one look-up, and only those of its addresses that may be reached', async (t) => {
  const receiver = await Receiver.open(t)
  const { port } = new URL(receiver.url)
  const mixed = guard(['127.0.0.1'], { 'mixed.example': [['10.255.255.1', '127.0.0.1'], ['10.255.255.1']] })

  t.match(await send(`http://mixed.example:${port}/`, { guard: mixed }), { status: 200 })
  t.same(Object.getOwnPropertyDescriptor(mixed.lookup, 'asked')?.value, ['mixed.example'])
  t.match(receiver.received, [{ headers: { host: `mixed.example:${port}` } }])
})

test('the system\'s resolver is judged like any other', async (t) => {
  const receiver = await Receiver.open(t)
  const { port } = new URL(receiver.url)
  const allowed = { allow: parseHosts(['localhost'], 'WEBHOOK_ALLOW'), lookup: dnsLookup }

  t.match(await send(`http://localhost:${port}/`, { guard: allowed }), { status: 200 })
  t.match(await send(`http://localhost:${port}/`, { guard: { ...allowed, allow: parseHosts([], 'x') } }), { reason: 'refused_address' })
})

const misbehaviours: Array<[what: string, behave: (socket: Socket) => void, reason: string]> = [
  ['closes early', (socket) => socket.end(), 'reset'],
  ['resets', (socket) => socket.resetAndDestroy(), 'reset'],
  ['sends half a status line', (socket) => socket.end('HTTP/1.1 20'), 'reset'],
  ['sends a megabyte of headers', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1e6)}`), 'too_large_headers'],
  ['speaks another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'malformed'],
  ['switches protocols', (socket) => socket.end('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'), 'reset']
]

test('a receiver that misbehaves fails with a reason and breaks nothing', async (t) => {
  for (const [what, behave, reason] of misbehaviours) {
    t.match(await send(await rawReceiver(t, behave)), { reason, detail: /.+/ }, what)
  }
})

test('a receiver that cannot be reached fails with a reason', async (t) => {
  const port = await closedPort()

  t.match(await send(`http://127.0.0.1:${port}/`), { reason: 'unreachable', detail: /ECONNREFUSED/ })
  t.match(await send('http://nowhere.example/'), { reason: 'dns', detail: /ENOTFOUND/ })
})

test('a receiver that speaks plain HTTP where TLS is asked fails as TLS', async (t) => {
  const url = await rawReceiver(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))

  t.match(await send(url.replace('http:', 'https:')), { reason: 'tls' })
})

test('an attempt ends at its time-out, wherever it hangs', async (t) => {
  const silent = await Receiver.open(t, hang)
  const slow = await rawReceiver(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nx: '))
  const unresolved: Guard = { ...loopback, lookup: () => {} }

  t.match(await send(silent.url, { timeoutMs: SHORT_MS }), { reason: 'timeout', detail: 'no reply within 50 ms' })
  t.match(await send(slow, { timeoutMs: SHORT_MS }), { reason: 'timeout' })
  t.match(await send('http://slow.example/', { guard: unresolved, timeoutMs: SHORT_MS }), { reason: 'timeout' })
})

test('a reply counts from its status on, though its text hangs or breaks off', async (t) => {
  const hanging = await rawReceiver(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'))
  const broken = await rawReceiver(t, (socket) => socket.end('HTTP/1.1 500 No\r\ncontent-length: 100\r\n\r\nabc'))

  t.match(await send(hanging, { timeoutMs: SHORT_MS }), { status: 200, replyText: 'abc' })
  t.match(await send(broken), { status: 500, replyText: 'abc' })
})

test('an attempt that is broken off says so', async (t) => {
  const receiver = await Receiver.open(t, hang)
  const stop = new AbortController()
  const result = send(receiver.url, { signal: stop.signal })

  await receiver.until(1)
  stop.abort()

  t.match(await result, { reason: 'aborted' })
  t.match(await send(receiver.url, { signal: stop.signal }), { reason: 'aborted' }, 'before it began, too')
})

test('of a reply the first 1 KB is kept, whole characters without NUL, and no more than 64 KB is read', async (t) => {
  let written = 0
  const endless = await Receiver.open(t, (response) => {
    const more = (): void => {
      while (response.writable && response.write('x'.repeat(1_024))) written += 1_024
    }
    response.on('drain', more).on('error', () => {})
    more()
  })
  const wide = await Receiver.open(t, status(200, {}, `\0${'é'.repeat(1_000)}`))

  t.match(await send(endless.url), { status: 200, replyText: 'x'.repeat(1_024) })
  t.ok(written < 50_000_000, 'the rest was cut off')
  t.match(await send(wide.url), { replyText: `\uFFFD${'é'.repeat(511)}` })
})
