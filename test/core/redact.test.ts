import { test } from 'tap'
import { REDACTED, redactText, redactValue } from '../../src/core/redact.ts'

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
  ['Authorization: Bearer abc.def', `Authorization: ${R}`],
  ['"authorization":"Basic YW5uOmh1bnRlcjI=","n":1', `"authorization":"${R}","n":1`],
  ['sent bearer abcdef123456 to it', `sent bearer ${R} to it`],
  ['sent Basic YW5uOmh1bnRlcjI= to it', `sent Basic ${R} to it`],
  ['Set-Cookie: sid=1; HttpOnly\nok', `Set-Cookie: ${R}\nok`],
  [`session ${JWT} is over`, `session ${R} is over`],
  ['key AKIAIOSFODNN7EXAMPLE was used', `key ${R} was used`],
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

test('texts and values out of all proportion are cut', (t) => {
  const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 'password=x')

  t.equal(redactText('x'.repeat(100_000)).length, 4_000)
  t.notMatch(JSON.stringify(redactValue(deep)), /password/)
  t.end()
})
