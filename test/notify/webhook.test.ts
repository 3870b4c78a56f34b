import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { test } from 'tap'
import type { NoticeBody } from '../../schemas/notice.ts'
import { parseHosts } from '../../src/core/net/host-list.ts'
import { VERSION } from '../../src/core/version.ts'
import { dnsLookup, type Guard } from '../../src/notify/guard.ts'
import { guardedPost, type PostResult } from '../../src/notify/post.ts'
import { parseSecrets, sign } from '../../src/notify/signature.ts'
import { fittingJson } from '../../src/notify/trim.ts'
import { webhook } from '../../src/notify/webhook.ts'
import { closedPort, hang, rawReceiver, Receiver, status } from './receiver.ts'
import { body, channel, guard, loopback, notice, NOW, SECRET } from './support.ts'

const KEY = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const MOST_BYTES = 20_000
const ACK_URL = 'https://ops.example.com/a/Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9'

/** Verifies as the text of Standard Webhooks 1.0 says a receiver should, and knows nothing of how we sign. */
function verifies (headers: Readonly<Record<string, string>>, text: string, key: Buffer): boolean {
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], text].join('.')
  const expected = createHmac('sha256', key).update(signed, 'utf8').digest()
  return (headers['webhook-signature'] ?? '').split(' ').some((signature) => {
    const [version, encoded = ''] = signature.split(',')
    const given = Buffer.from(encoded, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function parse (text: string): NoticeBody {
  return JSON.parse(text) as NoticeBody
}

test('the example of the specification is signed as it says', async (t) => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' }

  t.equal(sign(message, parseSecrets(SECRET) ?? []), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('a webhook carries the notice, its id, the second of the attempt and a signature that verifies', async (t) => {
  const { url, headers, body: text } = webhook.request(notice(), channel({ url: 'https://ops.example.com/hook', secret: SECRET }), NOW)

  t.equal(url, 'https://ops.example.com/hook')
  t.same(parse(text), body())
  t.match(headers, { 'content-type': 'application/json', 'webhook-id': 'msg_main_alert_1_1', 'webhook-timestamp': String(Math.floor(NOW / 1_000)) })
  t.ok(verifies(headers, text, KEY))
  t.notOk(verifies(headers, `${text} `, KEY), 'the check can fail')
})

test('a later attempt keeps id and body, with a fresh time and signature', async (t) => {
  const first = webhook.request(notice(), channel({ secret: SECRET }), NOW)
  const later = webhook.request(notice(), channel({ secret: SECRET }), NOW + 5_000)

  t.equal(later.headers['webhook-id'], first.headers['webhook-id'])
  t.equal(later.body, first.body)
  t.equal(Number(later.headers['webhook-timestamp']) - Number(first.headers['webhook-timestamp']), 5)
  t.ok(verifies(later.headers, later.body, KEY))
})

test('while a secret is replaced, receivers with the old and with the new one verify', async (t) => {
  const { headers, body: text } = webhook.request(notice(), channel({ secret: `${SECRET} a-plain-new-secret` }), NOW)

  t.ok(verifies(headers, text, KEY))
  t.ok(verifies(headers, text, Buffer.from('a-plain-new-secret')), 'a plain text is the key byte by byte')
  t.notOk(verifies(headers, text, Buffer.from('another-secret')))
})

test('a secret without whsec_ verifies as the library reads it when nothing is said, and as a raw one', async (t) => {
  const now = Date.now()
  const plain = fc.stringMatching(/^[\x21-\x7e]{8,40}$/)
  const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{8,64}={0,2}$/)
  const secrets = [SECRET.slice('whsec_'.length), 'unpadded0', 'padded0=', 'padded==', ...fc.sample(base64, { numRuns: 50, seed: 3 }), ...fc.sample(plain, { numRuns: 50, seed: 3 })]
  for (const secret of secrets) {
    const { headers, body: text } = webhook.request(notice(), channel({ secret }), now)
    t.match(new Webhook(secret, { format: 'raw' }).verify(text, headers), { alert_id: 'alert_1' }, secret)
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(secret)) t.match(new Webhook(secret).verify(text, headers), { alert_id: 'alert_1' }, secret)
  }
})

test('a channel without a secret sends no signature', async (t) => {
  const { headers } = webhook.request(notice(), channel(), NOW)

  t.notOk('webhook-signature' in headers)
  t.ok('webhook-id' in headers)
})

const secrets: Array<[what: string, text: string, keys: number | undefined]> = [
  ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`, undefined],
  ['24 bytes', `whsec_${Buffer.alloc(24).toString('base64')}`, 1],
  ['64 bytes', `whsec_${Buffer.alloc(64).toString('base64')}`, 1],
  ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`, undefined],
  ['no base64', 'whsec_!!!!not base64 at all', undefined],
  ['base64 that was cut', `whsec_${Buffer.alloc(24).toString('base64').slice(0, -1)}`, undefined],
  ['a plain text of 7', 'x'.repeat(7), undefined],
  ['a plain text of 8', '!'.repeat(8), 1],
  ['a plain text of 512', '!'.repeat(512), 1],
  ['a plain text that is base64 as well', 'x'.repeat(8), 2],
  ['a plain text of 513', 'x'.repeat(513), undefined],
  ['a plain text that is not ASCII', 'schlüssel-wort', undefined],
  ['nothing', '', undefined],
  ['two', `${SECRET}  plain-secret`, 2],
  ['three', `${SECRET} plain-secret plain-secret`, undefined],
  ['a good one and a bad one', `${SECRET} short`, undefined]
]

test('a secret is whsec_ with 24 to 64 bytes, or 8 to 512 plain characters; two at most', async (t) => {
  for (const [what, text, keys] of secrets) t.equal(parseSecrets(text)?.length, keys, what)
})

function events (count: number, letters: number): unknown[] {
  return Array.from({ length: count }, (_, n) => ({ id: String(n), level: 'ERROR', message: 'x'.repeat(letters), meta: { user: { name: 'a' } } }))
}

test('evidence that fits is sent whole', async (t) => {
  const whole = body({ evidence: { events: events(20, 100), value: 97.25 } })

  t.same(parse(fittingJson(whole)), whole)
})

test('evidence that is too long loses long texts first, then the end of lists, and says so', async (t) => {
  const texts = parse(fittingJson(body({ evidence: { events: events(5, 60_000), value: 97.25 } })))
  const lists = parse(fittingJson(body({ evidence: { events: events(5_000, 100), value: 97.25 } })))

  t.match(texts.evidence, { truncated: true, value: 97.25, events: { length: 5 } })
  t.match(lists.evidence, { truncated: true, value: 97.25, events: [{ message: 'x'.repeat(100), meta: { user: { name: 'a' } } }] })
  t.same({ ...lists, evidence: {} }, body(), 'the rest of the notice is as it was')
})

test('a body stays under 20 KB and whole JSON, whatever is in it', async (t) => {
  const unknown = fc.jsonValue({ stringUnit: 'binary' })
  const wide = fc.string({ unit: 'binary', minLength: 0, maxLength: 3_000 })
  const map = fc.dictionary(wide, wide, { maxKeys: 40 })
  await fc.assert(fc.property(fc.dictionary(wide, fc.oneof(unknown, wide, fc.array(wide))), map, map, wide, (evidence, labels, annotations, name) => {
    const text = fittingJson(body({ evidence, labels, annotations, rule: { id: 'r', name }, ack_url: ACK_URL }))
    const read = parse(text)
    return Buffer.byteLength(text) < MOST_BYTES && read.alert_id === 'alert_1' && read.state === 'firing' && read.ack_url === ACK_URL
  }), { numRuns: 200, seed: 7 })
  t.pass('held for 200 bodies')
})

test('a depth or a width that is out of all proportion does not break the body', async (t) => {
  let deep: unknown = 'x'.repeat(30_000)
  for (let level = 0; level < 500; level++) deep = { deep }
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, '\u0001'.repeat(100)]))

  for (const huge of [body({ evidence: { deep } }), body({ evidence: wide }), body({ labels: parseTexts(wide), annotations: parseTexts(wide) })]) {
    t.ok(Buffer.byteLength(fittingJson(huge)) < MOST_BYTES)
    t.match(parse(fittingJson(huge)), { alert_id: 'alert_1', evidence: { truncated: true } })
  }
})

function parseTexts (texts: object): Record<string, string> {
  return texts as Record<string, string>
}

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
