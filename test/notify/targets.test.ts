import { test } from 'tap'
import { parseHosts } from '../../src/core/net/host-list.ts'
import { isPublicAddress } from '../../src/core/net/networks.ts'
import { noticeBody, testBody } from '../../src/notify/body.ts'
import { RETRY_DELAYS_MS, retryDelay, withJitter } from '../../src/notify/deliver/schedule.ts'
import { fillFields, unknownFields } from '../../src/notify/fields.ts'
import { judgeUrl, refusalOfName } from '../../src/notify/guard.ts'
import { notifiers } from '../../src/notify/index.ts'
import type { PostResult } from '../../src/notify/post.ts'
import { parseRetryAfter } from '../../src/notify/verdict.ts'
import { body, guard, NOW } from './support.ts'

const NOBODY = parseHosts([], 'WEBHOOK_ALLOW')

/** The first and last address of each network that is not public, and the neighbours outside of it. */
const edges: Array<[network: string, inside: string[], outside: string[]]> = [
  ['this network', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['private 10', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['CGNAT', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
  ['loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  ['link-local', ['169.254.0.0', '169.254.169.254', '169.254.255.255'], ['169.253.255.255', '169.255.0.0']],
  ['private 172', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['protocol assignments', ['192.0.0.0', '192.0.0.255'], ['191.255.255.255', '192.0.1.0']],
  ['documentation', ['192.0.2.0', '192.0.2.255', '198.51.100.1', '203.0.113.255'], ['192.0.3.0', '198.51.99.255', '203.0.114.0']],
  ['6to4 relays', ['192.88.99.0', '192.88.99.255'], ['192.88.98.255', '192.88.100.0']],
  ['private 192', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['benchmark', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  ['multicast, reserved and broadcast', ['224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'], ['223.255.255.255']],
  ['IPv6 unspecified and loopback', ['::', '::1'], []],
  ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:7f00:1'], []],
  ['NAT64', ['64:ff9b::7f00:1', '64:ff9b:1::1'], []],
  ['Teredo and other assignments', ['2001::', '2001:1ff:ffff::'], ['2001:200::', '2001:4860:4860::8888']],
  ['IPv6 documentation', ['2001:db8::1', '3fff::1', '3fff:fff:ffff::'], ['2001:db7::1', '2001:db9::1', '3ffe::1']],
  ['6to4', ['2002::', '2002:7f00:1::', '2002:ffff::'], ['2003::']],
  ['IPv6 outside of the global block', ['1fff:ffff::', '4000::', '5f00::1', 'fec0::1'], ['2606:4700:4700::1111']],
  ['ULA, link-local and multicast', ['fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1'], []],
  ['no address at all', ['', 'localhost', '1.2.3', '1.2.3.4.5', '0x7f.1'], []]
]

test('only public unicast is public, to the last address of each network', async (t) => {
  for (const [network, inside, outside] of edges) {
    t.same(inside.filter(isPublicAddress), [], `${network} is not`)
    t.same(outside.filter((address) => !isPublicAddress(address)), [], `the neighbours of ${network} are`)
  }
})

test('private addresses are refused in every spelling that a URL takes', async (t) => {
  const hosts = [
    '127.0.0.1', '127.0.0.1.', '127.1', '0x7f.1', '0x7f000001', '2130706433', '017700000001', '①②⑦.0.0.1', '0', '0.0.0.0',
    '169.254.169.254', '10.0.0.5', '192.168.1.1', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]', '[fe80::1]', '[fd00::1]', 'localhost', 'localhost.', 'LocalHost', 'api.localhost', 'api.localhost.'
  ]
  for (const host of hosts) {
    t.match(judgeUrl(`http://${host}:8080/hook`, NOBODY).refusal, /is not a public address: add it to WEBHOOK_ALLOW/, host)
  }
})

test('what is no plain http address is refused, and the refusal never tells the credentials', async (t) => {
  const cases: Array<[text: string, refusal: RegExp]> = [
    ['hook', /must be an address like/],
    ['http://', /must be an address like/],
    ['http://[fe80::1%25eth0]/', /must be an address like/],
    ['ftp://ops.example.com/', /must begin with http:\/\/ or https:\/\/, not ftp:/],
    ['file:///etc/passwd', /not file:/],
    ['http://user:hunter2@ops.example.com/', /must not hold a user name or password/],
    ['http://hunter2@ops.example.com/', /must not hold/]
  ]
  for (const [text, refusal] of cases) {
    t.match(judgeUrl(text, NOBODY).refusal, refusal, text)
    t.notMatch(judgeUrl(text, NOBODY).refusal, /hunter2/)
  }
})

test('public addresses and names are let through', async (t) => {
  for (const text of ['https://ops.example.com/hook?key=1', 'http://8.8.8.8/', 'https://[2606:4700:4700::1111]:8443/', 'https://notlocalhost.example/']) {
    t.equal(judgeUrl(text, NOBODY).refusal, undefined, text)
  }
})

const named: Array<[item: string, reached: string[], refused: string[]]> = [
  ['127.0.0.1', ['http://127.0.0.1:9/', 'http://0x7f.1/', 'http://[::ffff:127.0.0.1]/'], ['http://127.0.0.2/', 'http://localhost/']],
  ['127.0.0.1:9000', ['http://127.0.0.1:9000/'], ['http://127.0.0.1:9001/', 'http://127.0.0.1/']],
  ['127.0.0.1:80', ['http://127.0.0.1/'], ['https://127.0.0.1/']],
  ['10.0.0.0/8', ['http://10.255.0.1/'], ['http://192.168.0.1/']],
  ['[::1]:9000', ['http://[::1]:9000/'], ['http://[::1]/']],
  ['::1', ['http://[::1]:1/'], ['http://127.0.0.1/']],
  ['fd00::/8', ['http://[fd12::1]/'], ['http://[fe80::1]/']],
  ['localhost', ['http://localhost:5/', 'http://localhost.:5/', 'http://LOCALHOST/'], ['http://a.localhost/', 'http://127.0.0.1/']],
  ['*.localhost', ['http://a.localhost/', 'http://a.b.localhost./'], ['http://localhost/', 'http://[::1]/']],
  ['localhost:8080', ['http://localhost:8080/'], ['http://localhost:8081/']]
]

test('what is named is reached although it is private, on the port that was named', async (t) => {
  for (const [item, reached, refused] of named) {
    const allow = parseHosts([item], 'WEBHOOK_ALLOW')
    for (const text of reached) t.equal(judgeUrl(text, allow).refusal, undefined, `${item} names ${text}`)
    for (const text of refused) t.type(judgeUrl(text, allow).refusal, 'string', `${item} does not name ${text}`)
  }
})

test('a list of hosts that will not do is told item by item', async (t) => {
  const bad = ['', '*', 'http://ops.example.com', 'ops.example.com/hook', '10.0.0.0/33', '10.0.0/8', '1.2.3', 'a b', 'a:0', 'a:65536', '[::1', '[ops]', '*.*.example', '-a.example']
  const good = ['ops', 'ops.example.com', 'ops.example.com.', '*.telex.im', 'a_b.example', 'xn--bcher-kva.example', '10.0.0.5', '10.0.0.5:9000', '[::1]:9000', 'fd00::/8', '0.0.0.0/0']

  t.doesNotThrow(() => parseHosts(good, 'WEBHOOK_ALLOW'))
  for (const item of bad) {
    t.throws(() => parseHosts([...good, item], 'WEBHOOK_ALLOW'), { code: 'invalid', faults: [{ path: 'WEBHOOK_ALLOW' }] }, `"${item}"`)
  }
})

test('a star stands for the names below it and for no others', async (t) => {
  const hosts = parseHosts(['*.telex.im'], 'TICK_ALLOW')
  const has = (host: string) => hosts.hasHost({ host, port: 443 })

  t.same(['ping.telex.im', 'a.b.telex.im'].map(has), [true, true])
  t.same(['telex.im', '.telex.im', 'eviltelex.im', 'telex.im.evil.example', 'ping.telex.imx'].map(has), [false, false, false, false, false])
})

test('a name is looked up when it is saved: refused where it leads only to private addresses, left alone where it is unknown', async (t) => {
  const names = {
    'inside.example': [['10.0.0.5', '::1']],
    'both.example': [['10.0.0.5', '93.184.216.34']],
    'outside.example': [['93.184.216.34']],
    'none.example': [[]]
  }
  const refusal = (host: string, allowed: string[] = []) => refusalOfName(new URL(`http://${host}/`), guard(allowed, names))

  t.match(await refusal('inside.example'), /inside.example resolves to 10.0.0.5, ::1, which is not public/)
  t.match(await refusal('none.example'), /resolves to no address/)
  for (const host of ['both.example', 'outside.example', 'unknown.example', '8.8.8.8']) t.equal(await refusal(host), undefined, host)
  t.equal(await refusal('inside.example', ['inside.example']), undefined)
  t.equal(await refusal('inside.example', ['10.0.0.0/8']), undefined)
})

const texts: Array<[text: string, filled: string]> = [
  ['{rule} is {severity} and {state}', 'CPU is critical and firing'],
  ['{value}{unit} of {limit}{unit}', '97.25% of 95%'],
  ['on {labels.host}, since {started_at}', 'on db1, since 2026-11-22T11:59:00.000Z'],
  ['{url}', 'http://localhost:8080/alerts/alert_1'],
  ['{labels.missing}.', '.'],
  ['{labels.constructor}{labels.__proto__}.', '.'],
  ['{constructor} {__proto__} {rule.name} {labels} {labels.} { rule } {Rule} {}', '{constructor} {__proto__} {rule.name} {labels} {labels.} { rule } {Rule} {}'],
  ['{{ $value }} {{rule}} $' + '{rule}', '{{ $value }} {CPU} $CPU'],
  ['{{constructor.constructor("return process")()}}', '{{constructor.constructor("return process")()}}']
]

test('fields are replaced by their values, and nothing else is', async (t) => {
  for (const [text, filled] of texts) t.equal(fillFields(text, body()), filled, text)
})

test('a value that looks like a field is not filled in turn, and a dollar is a dollar', async (t) => {
  const hostile = body({ rule: { id: 'r', name: '{labels.secret} $& $1' }, labels: { secret: 'x' } })

  t.equal(fillFields('[{rule}]', hostile), '[{labels.secret} $& $1]')
})

test('numbers are written for people', async (t) => {
  for (const [value, text] of [[0, '0'], [0.1 + 0.2, '0.3'], [97.256, '97.26'], [999.96, '1000'], [1234.5, '1235'], [-5, '-5'], [1e9, '1000000000'], [null, 'no value']] as const) {
    t.equal(fillFields('{value}', body({ value })), text)
  }
})

test('what is in braces and is no field is told', async (t) => {
  t.same(unknownFields('{rule} {labels.a.b} {valeu} {rule.name} { x } {X}'), ['valeu', 'rule.name'])
})

test('a notice has its annotations filled in, times in ISO 8601 and the page of its alert', async (t) => {
  const { started_at: startedAt, url, ...announced } = body({ alert_id: 'a/1', annotations: { summary: '{rule} at {value} {unit}: {url}' } })

  const made = noticeBody({ ...announced, startedAt: Date.parse(startedAt), endedAt: NOW }, 'https://ops.example.com')

  t.match(made, { started_at: startedAt, ended_at: '2026-11-22T12:00:00.250Z', url: 'https://ops.example.com/alerts/a%2F1' })
  t.equal(made.annotations['summary'], 'CPU at 97.25 %: https://ops.example.com/alerts/a%2F1')
})

test('the notice that tries a channel says that it is a test', async (t) => {
  t.match(testBody({ id: 't1', rule: { id: 'test', name: 'Test' }, summary: 'It works.', now: NOW, baseUrl: 'http://b' }), { type: 'test', rule: { name: 'Test' }, annotations: { summary: 'It works.' } })
  t.same(testBody({ id: 't1', rule: { id: 'test', name: 'Test' }, now: NOW, baseUrl: 'http://b' }).annotations, {})
})

const DAY_MS = 86_400_000

function reply (status: number, headers: Record<string, string> = {}): PostResult {
  return { status, headers, replyText: '', ms: 1 }
}

function failure (reason: Extract<PostResult, { reason: unknown }>['reason']): PostResult {
  return { reason, detail: '', ms: 1 }
}

const chats = { telex: 'failed', slack: 'failed', discord: 'failed' } as const
const deleted = { telex: 'gone', slack: 'gone', discord: 'gone' } as const

/** What a status means everywhere, and where it means something else. */
const statuses: Array<[statuses: number[], usual: string, others?: Partial<Record<keyof typeof notifiers, string>>]> = [
  [[200, 201, 202, 204, 299], 'delivered'],
  [[300, 301, 302, 303, 304, 307, 308], 'retry'],
  [[410], 'gone'],
  [[404], 'retry', deleted],
  [[400, 422], 'retry', { ...chats, alertmanager: 'failed' }],
  [[401, 403, 405, 413], 'retry', chats],
  [[408, 425, 429], 'retry'],
  [[500, 502, 503, 504, 599], 'retry']
]

test('each kind of channel knows success, what makes no sense to retry, and when it is not wanted any more', async (t) => {
  for (const [codes, usual, others = {}] of statuses) {
    for (const code of codes) {
      const kinds = Object.entries(notifiers).map(([kind, { verdict }]) => [kind, verdict(reply(code), NOW).kind])

      t.same(Object.fromEntries(kinds), { webhook: usual, telex: usual, slack: usual, discord: usual, alertmanager: usual, canary: usual, ...others }, String(code))
    }
  }
})

test('no reply is retried, but for an address that is refused', async (t) => {
  for (const { verdict } of Object.values(notifiers)) {
    for (const reason of ['timeout', 'reset', 'unreachable', 'dns', 'tls', 'too_large_headers', 'malformed'] as const) {
      t.same(verdict(failure(reason), NOW), { kind: 'retry', isThrottled: false }, reason)
    }
    t.same(verdict(failure('refused_address'), NOW), { kind: 'failed' })
  }
})

test('a receiver that says when to come again is heard; one that throttles without a word gets five seconds', async (t) => {
  for (const code of [429, 502, 503, 504]) {
    t.same(notifiers.webhook.verdict(reply(code, { 'retry-after': '7' }), NOW), { kind: 'retry', afterMs: 7_000, isThrottled: code === 429 }, String(code))
  }
  t.same(notifiers.slack.verdict(reply(429), NOW), { kind: 'retry', afterMs: 5_000, isThrottled: true })
  t.same(notifiers.webhook.verdict(reply(503), NOW), { kind: 'retry', isThrottled: false })
})

test('Retry-After is seconds or an HTTP date, a day at most', async (t) => {
  const cases: Array<[text: string | undefined, ms: number | undefined]> = [
    ['0', 0], ['1', 1_000], ['0.35', 350], ['86400', DAY_MS], ['86401', DAY_MS], ['999999999', DAY_MS],
    ['Sun, 22 Nov 2026 12:00:10 GMT', 9_750], ['Sun, 22 Nov 2026 11:00:00 GMT', 0], ['Sun, 22 Nov 2099 12:00:00 GMT', DAY_MS],
    ['-1', undefined], ['soon', undefined], ['', undefined], ['1e3', undefined], ['2026-11-22', undefined], [undefined, undefined]
  ]
  for (const [text, ms] of cases) t.equal(parseRetryAfter(text, NOW), ms, String(text))
})

test('what fails is tried again within seconds, then by the table of Standard Webhooks, and at last no more', async (t) => {
  const plain = { factor: 1, random: () => 0 }

  t.same(RETRY_DELAYS_MS.map((_, attempts) => retryDelay(attempts, plain)), [0, 5e3, 15e3, 3e4, 6e4, 12e4, 3e5, 18e5, 72e5, 18e6, 36e6, 504e5, 72e6, 864e5])
  t.equal(retryDelay(14, plain), undefined)
})

test('jitter makes a wait up to a fifth longer and never shorter; a factor shortens all', async (t) => {
  for (const [random, ms] of [[0, 1_000], [0.5, 1_100], [0.999999, 1_200]] as const) {
    t.equal(withJitter(1_000, { factor: 1, random: () => random }), ms)
  }
  t.equal(retryDelay(6, { factor: 0.001, random: () => 0 }), 300)
})
