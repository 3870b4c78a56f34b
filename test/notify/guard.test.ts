import { test } from 'tap'
import { isPublicAddress } from '../../src/core/networks.ts'
import { judgeUrl, refusalOfName } from '../../src/notify/guard.ts'
import { parseHosts } from '../../src/core/host-list.ts'
import { guard } from './support.ts'

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
