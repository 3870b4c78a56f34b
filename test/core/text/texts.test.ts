import fc from 'fast-check'
import { test } from 'tap'
import { parseJsonExactly, parseJsonText, toJsonText } from '../../../src/core/text/json-text.ts'
import { REDACTED, redactText, redactValue } from '../../../src/core/text/redact.ts'

test('what was written as JSON is read back as it was', async (t) => {
  const value = { labels: { host: 'a "b"' }, at: 1.5, none: null, list: [true, ''] }

  t.same(parseJsonText(toJsonText(value)), value)
  t.equal(toJsonText(value), JSON.stringify(value))
})

const namesOf = (text: string) => Object.keys(Object(parseJsonExactly(text)))

test('a name with an escape is not taken for one that an earlier text held', async (t) => {
  const pairs = [
    ['{"q1":1,"\\\\":{},"b":2}', '{"q1":1,"\\"":{},"b":2}', ['q1', '"', 'b']],
    ['{"q2":1,"C:\\\\ne":2}', '{"q2":1,"C:\\new":2}', ['q2', 'C:\new']],
    ['{"\\\\\\\\fs":2}', '{"\\\\fsx":2}', ['\\fsx']],
    ['{"q3":[],"\\\\":0}', '{"q3":1,"\\n" :2}', ['q3', '\n']]
  ] as const

  for (const [before, text, names] of pairs) {
    parseJsonExactly(before)
    t.same(namesOf(text), names, text)
    t.same(namesOf(before).length, names.length)
  }
})

test('names and values come out as written, whatever was read before', async (t) => {
  const name = fc.oneof(fc.constantFrom('a', '__proto__', '1'), fc.string({ maxLength: 3, unit: fc.constantFrom('a', '\\', '"', '\n', 'u', '~', '\u00e9') }))
  const { tree } = fc.letrec((tie) => ({ tree: fc.oneof({ depthSize: 'small' }, fc.string(), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(name, tie('tree'), { maxKeys: 4 })) }))

  fc.assert(fc.property(tree, (value) => {
    const text = JSON.stringify(value, null, 1)
    return JSON.stringify(parseJsonExactly(text), null, 1) === text
  }), { numRuns: 2000 })
  t.pass('on 2000 values')
})

test('a name that is written twice, once with an escape, is one', async (t) => {
  t.same(parseJsonExactly('{"a":1,"b":2,"\\u0061":3}'), { a: 3, b: 2 })
  t.same(namesOf('{"\\u0061":1,"b":2,"a":3}'), ['a', 'b'])
})

test('what is not JSON is refused', async (t) => {
  for (const text of ['{"\\q":1}', '{"a\\"', '{"\\n":}', '"\\', '\\":']) t.throws(() => parseJsonExactly(text), SyntaxError, text)
})

const R = REDACTED
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
const LONG = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d'
/** Put together here, so that nobody who searches files for keys finds one. */
const pem = (kind: string, body: string): string => `-----${'BEGIN'} ${kind}-----\n${body}\n-----END ${kind}-----`

const SECRETS: Array<[text: string, redacted: string]> = [
  ['login failed for ann password=hunter2 from 10.0.0.7', `login failed for ann password=${R} from 10.0.0.7`],
  ['DB_PASSWORD: hunter2', `DB_PASSWORD: ${R}`],
  ['{"user":"ann","password":"hun\\"ter2","n":1}', `{"user":"ann","password":"${R}","n":1}`],
  ["{ passwd: 'hunter 2', n: 1 }", `{ passwd: '${R}', n: 1 }`],
  ['body "{\\"token\\":\\"abc\\"}"', `body "{\\"token\\":\\"${R}\\"}"`],
  ['GET /x?token=abc&page=2', `GET /x?token=${R}&page=2`],
  ['api_key=abc, API-KEY: def; apikey=ghi', `api_key=${R}, API-KEY: ${R}; apikey=${R}`],
  ['client_secret => "s3"', `client_secret => "${R}"`],
  ['AWS_SECRET_ACCESS_KEY=abc/def+g', `AWS_SECRET_ACCESS_KEY=${R}`],
  ['Server=db;Pwd=x)y;Database=shop', `Server=db;Pwd=${R};Database=shop`],
  ['password="never closed', `password="${R}`],
  ['run --db-password hunter2 --port 80', `run --db-password ${R} --port 80`],
  ['GET /blob?sv=2022&sig=a%2Fb%3D&se=2026', `GET /blob?sv=2022&sig=${R}&se=2026`],
  ['GET /o?X-Amz-Credential=c/d&X-Amz-Signature=0af3', `GET /o?X-Amz-Credential=${R}&X-Amz-Signature=${R}`],
  ['X-Goog-Signature=0af3&hmac=0af3', `X-Goog-Signature=${R}&hmac=${R}`],
  ['session=abc session_id: def sessionId=ghi', `session=${R} session_id: ${R} sessionId=${R}`],
  ['{"session":"abc","userSession":"def","n":1}', `{"session":"${R}","userSession":"${R}","n":1}`],
  ['PHPSESSID=abc; JSESSIONID=def; connect.sid=ghi', `PHPSESSID=${R}; JSESSIONID=${R}; connect.sid=${R}`],
  ['pin=1234 card_pin: 5678 userPin=90 pin code: 12', `pin=${R} card_pin: ${R} userPin=${R} pin code: ${R}`],
  ['{"pin":1234,"otp":"567890"}', `{"pin":${R},"otp":"${R}"}`],
  ['curl -u ann:hunter2 https://x', `curl -u ann:${R} https://x`],
  ['curl -uann:hunter2 --proxy-user "bob:x y"', `curl -uann:${R} --proxy-user "bob:${R} y"`],
  ['curl --user=ann:hunter2', `curl --user=ann:${R}`],
  ['["curl","-u","ann:hunter2","https://x"]', `["curl","-u","ann:${R}","https://x"]`],
  ['["run","--password","hunter2","--port","80"]', `["run","--password","${R}","--port","80"]`],
  ["['--pin', '1234']", `['--pin', '${R}']`],
  ['run --otp 123456 --session abc', `run --otp ${R} --session ${R}`],
  ['mysql -h db -u root -phunter2 shop', `mysql -h db -u root -p${R} shop`],
  ['sshpass -p hunter2 ssh x', `sshpass -p ${R} ssh x`],
  ['redis-cli -h x -a hunter2 ping', `redis-cli -h x -a ${R} ping`],
  ['<user>ann</user><wsse:Password Type="text">hunter2</wsse:Password><pin>12</pin>', `<user>ann</user><wsse:Password Type="text">${R}</wsse:Password><pin>${R}</pin>`],
  ['Authorization: Bearer abc.def', `Authorization: ${R}`],
  ['"authorization":"Basic YW5uOmh1bnRlcjI=","n":1', `"authorization":"${R}","n":1`],
  ['sent bearer abcdef123456 to it', `sent bearer ${R} to it`],
  ['sent Basic YW5uOmh1bnRlcjI= to it', `sent Basic ${R} to it`],
  ['Set-Cookie: sid=1; HttpOnly\nok', `Set-Cookie: ${R}\nok`],
  [`session ${JWT} is over`, `session ${R} is over`],
  ['key AKIAIOSFODNN7EXAMPLE was used', `key ${R} was used`],
  [`posted to https://hooks.slack.com/services/${'T0/B0/x'.repeat(4)}: 404`, `posted to ${R}: 404`],
  [`sent with SG.${'a1'.repeat(11)}.${'b2'.repeat(21)}c`, `sent with ${R}`],
  ['postgres://ann:p@ss:word@db:5432/shop?x=1', `postgres://ann:${R}@db:5432/shop?x=1`],
  ['redis://:hunter2@cache', `redis://:${R}@cache`],
  [`before ${pem('RSA PRIVATE KEY', 'MIIE\nabc')} after`, `before ${R} after`],
  [pem('PRIVATE KEY', 'MIIE').slice(0, 34), R],
  ...['bw_', 'bwr_', 'ghp_', 'xoxb-', 'sk_' + 'live_', 'whsec_'].map((prefix): [string, string] => [`it is ${prefix}${LONG}.`, `it is ${R}.`])
]

const HARMLESS = [
  'out of paper',
  'used 512 tokens, prompt_tokens=12 token_count=5',
  'the password was wrong',
  'Basic authentication failed; bearer authentication is next',
  'https://ops.example.com:8080/path?mail=ann@example.com',
  'at 12:30: mail to ann@example.com failed',
  'secretary=ann keyboard=de monkey=1 primary_key=7',
  'commit 3f786850e387550fdab836ed7e6dc881de23001b',
  pem('CERTIFICATE', 'MIIE'),
  'session opened for user root by (uid=0)',
  'session: closed, sessions=5, session_count=12 session_timeout=30s',
  'signature: wrong; the signature does not match; sig=SIGTERM sig=15 signal=9 design=new',
  'pinned=3 spin=1 shipping=2 mapping: x pins=4, pin 4 of the board, hotpath=1',
  'docker run -u 1000:1000 --user 0:0 x; date -u; journalctl -u nginx',
  'ls -p; mkdir -p /srv/x; rsync -a src dst; a mysql client at 12:30',
  'side=left inside=1 president=2',
  'größe = 5 😀'
]

test('what looks like a secret is replaced, and what is around it stays', (t) => {
  for (const [text, redacted] of SECRETS) {
    t.equal(redactText(text), redacted)
    t.equal(redactText(redacted), redacted, 'once is enough')
  }
  t.end()
})

test('what is no secret stays as it is', (t) => {
  for (const text of HARMLESS) t.equal(redactText(text), text)
  t.end()
})

test('members are redacted by their names, at any depth', (t) => {
  const value = {
    user: { name: 'ann', passwordHash: 'x', 'X-Api-Key': 'abc', tokens: 5, has_token: true, pin_token: 1234, secret: { a: 'b' }, token: null },
    list: ['password=x', 7],
    'password=x': 1
  }

  t.same(redactValue(value), {
    user: { name: 'ann', passwordHash: R, 'X-Api-Key': R, tokens: 5, has_token: true, pin_token: R, secret: R, token: null },
    list: [`password=${R}`, 7],
    [`password=${R}`]: 1
  })
  t.end()
})

test('in a list the member behind a flag or a header is its value', (t) => {
  t.same(redactValue(['curl', '-u', 'ann:x', '--password', 'a b', '--port', '80']), ['curl', '-u', `ann:${R}`, '--password', R, '--port', '80'])
  t.same(redactValue(['Authorization', 'Digest x', 'Host', 'a']), ['Authorization', R, 'Host', 'a'])
  t.same(redactValue(['-u', '1000:1000', 'the password', 'was wrong']), ['-u', '1000:1000', 'the password', 'was wrong'])
  t.end()
})

test('short names of secrets are whole words', (t) => {
  const secrets = { pin: 1234, card_pin: '1', userPin: '1', 'X-Amz-Signature': 'x', sessionId: 'x', session: 'x', PHPSESSID: 'x', 'connect.sid': 'x', otp: 1 }
  const harmless = { spin: 1, pinned: 'x', mapping: 'x', design: 'x', inside: 'x', session: { user: 'ann' }, sessions: 5, session_count: 5, shipping: 'x' }

  t.same(redactValue(secrets), Object.fromEntries(Object.keys(secrets).map((name) => [name, R])))
  t.same(redactValue(harmless), harmless)
  t.end()
})

test('texts and values out of all proportion are cut', (t) => {
  const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 'password=x')

  t.equal(redactText('x'.repeat(100_000)).length, 4_000)
  t.notMatch(JSON.stringify(redactValue(deep)), /password/)
  t.end()
})
