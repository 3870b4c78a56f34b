import { test } from 'tap'
import { outOf, pipelineOf } from '../support/pipeline.ts'

/** Letters of an alphabet, over and over: of the right form, and nobody's secret. */
function letters (alphabet: string, count: number): string {
  return alphabet.repeat(Math.ceil(count / alphabet.length)).slice(0, count)
}

const hex = (count: number): string => letters('0123456789abcdef', count)
const upper = (count: number): string => letters('EXAMPLE7', count)
const mixed = (count: number): string => letters('Not4Real', count)
const jwt = [`ey${'J'}${mixed(20)}`, `ey${'J'}${mixed(40)}`, mixed(43)].join('.')

/** Put together here, so that no text of this file is one. */
const MARKED: ReadonlyArray<[kind: string, secret: string]> = [
  ['aws', 'AK' + 'IA' + upper(16)],
  ['aws', 'AS' + 'IA' + upper(16)],
  ['github', 'gh' + 'p_' + mixed(36)],
  ['github', 'github' + '_pat_' + mixed(22) + '_' + mixed(59)],
  ['gitlab', 'gl' + 'pat-' + mixed(20)],
  ['slack', 'xo' + 'xb-' + '123456789012-' + mixed(24)],
  ['slack', 'https://hooks.' + 'slack.com/services/T0000/B0000/' + mixed(24)],
  ['discord', 'https://discord' + '.com/api/webhooks/123456789012345678/' + mixed(68)],
  ['discord', 'M' + mixed(23) + '.' + mixed(6) + '.' + mixed(27)],
  ['teams', 'https://example.webhook' + '.office.com/webhookb2/' + hex(36)],
  ['stripe', 'sk' + '_live_' + mixed(24)],
  ['stripe', 'wh' + 'sec_' + mixed(32)],
  ['google', 'AI' + 'za' + mixed(35)],
  ['google', 'ya' + '29.' + mixed(60)],
  ['google', 'GOC' + 'SPX-' + mixed(28)],
  ['npm', 'np' + 'm_' + mixed(36)],
  ['pypi', 'py' + 'pi-' + mixed(60)],
  ['rubygems', 'ruby' + 'gems_' + hex(48)],
  ['docker', 'dck' + 'r_pat_' + mixed(27)],
  ['sendgrid', 'S' + 'G.' + mixed(22) + '.' + mixed(43)],
  ['twilio', 'S' + 'K' + hex(32)],
  ['mailgun', 'ke' + 'y-' + hex(32)],
  ['mailchimp', hex(32) + '-u' + 's12'],
  ['digitalocean', 'do' + 'p_v1_' + hex(64)],
  ['shopify', 'shp' + 'at_' + hex(32)],
  ['square', 'sq' + '0atp-' + mixed(22)],
  ['facebook', 'EA' + 'AC' + mixed(80)],
  ['telegram', '123456789:A' + 'A' + mixed(33)],
  ['anthropic', 'sk' + '-ant-api03-' + mixed(80)],
  ['openai', 'sk' + '-proj-' + mixed(48)],
  ['huggingface', 'h' + 'f_' + mixed(34)],
  ['databricks', 'dap' + 'i' + hex(32)],
  ['dropbox', 's' + 'l.' + mixed(130)],
  ['atlassian', 'ATA' + 'TT3' + mixed(180)],
  ['postman', 'PM' + 'AK-' + hex(24) + '-' + hex(34)],
  ['doppler', 'd' + 'p.pt.' + mixed(43)],
  ['vault', 'h' + 'vs.' + mixed(90)],
  ['terraform', mixed(14) + '.atl' + 'asv1.' + mixed(60)],
  ['newrelic', 'NR' + 'AK-' + upper(27)],
  ['grafana', 'gl' + 'sa_' + mixed(32) + '_' + hex(8)],
  ['sentry', 'snt' + 'rys_' + mixed(60)],
  ['linear', 'lin' + '_api_' + mixed(40)],
  ['notion', 'nt' + 'n_' + mixed(46)],
  ['figma', 'fi' + 'gd_' + mixed(40)],
  ['airtable', 'pa' + 't' + mixed(14) + '.' + hex(64)],
  ['planetscale', 'psc' + 'ale_tkn_' + mixed(43)],
  ['supabase', 'sb' + 'p_' + hex(40)],
  ['age', 'AGE-SEC' + 'RET-KEY-1' + upper(58)],
  ['bellwether', 'b' + 'w_' + mixed(43)],
  ['hubspot', 'pa' + 't-na1-' + hex(8) + '-' + hex(4) + '-' + hex(4) + '-' + hex(4) + '-' + hex(12)],
  ['heroku', 'HR' + 'KU-' + mixed(60)],
  ['pulumi', 'pu' + 'l-' + hex(40)],
  ['dynatrace', 'dt' + '0c01.' + upper(24) + '.' + upper(64)],
  ['contentful', 'CF' + 'PAT-' + mixed(43)],
  ['buildkite', 'bk' + 'ua_' + hex(40)],
  ['circleci', 'CCI' + 'PAT_' + mixed(40)],
  ['fly', 'fm' + '2_' + mixed(80)],
  ['replicate', 'r' + '8_' + mixed(37)],
  ['tailscale', 'tsk' + 'ey-auth-' + mixed(30)],
  ['groq', 'gs' + 'k_' + mixed(52)],
  ['perplexity', 'ppl' + 'x-' + mixed(48)],
  ['xai', 'xa' + 'i-' + mixed(80)],
  ['brevo', 'xkey' + 'sib-' + hex(64) + '-' + mixed(16)],
  ['typeform', 'tf' + 'p_' + mixed(44)],
  ['netlify', 'nf' + 'p_' + mixed(40)],
  ['jwt', jwt],
  ['email', 'jo.do' + 'e+shop@mail.example.com'],
  ['email', 'größe' + '@büro.example'],
  ['card', '4111' + '111111111111'],
  ['card', '5555 5555' + ' 5555 4444'],
  ['card', '3782-822463' + '-10005'],
  ['card', '6011-1111' + '-1111-1117']
]

const WORD = 'correct-horse' + '-9'
/** `#` is where the secret stands. */
const TOLD: ReadonlyArray<[kind: string, line: string, secret?: string]> = [
  ['address', 'connecting to postgres://app:#@db.example.com:5432/shop'],
  ['address', 'redis://:#@cache:6379/0 is slow'],
  ['address', 'amqp+ssl://u:#@mq/vhost', 'p@ss:wo' + 'rd'],
  ['authorization', '> Authorization: Basic #', 'dXNlcjp3b3Jk' + 'bGQ='],
  ['authorization', 'authorization=Bearer # status=200', mixed(40)],
  ['authorization', '{"headers":{"Authorization":"Token #"},"status":200}', mixed(40)],
  ['authorization', '{\\"Authorization\\":\\"Bearer #\\",\\"n\\":1}', mixed(40)],
  ['authorization', 'Proxy-Authorization: #', 'Digest username="u", realm="r", nonce="' + hex(16) + '", response="' + hex(32) + '"'],
  ['cookie', 'Cookie: #', 'sid=' + hex(32) + '; theme="dark"; b=' + hex(8)],
  ['cookie', 'Set-Cookie: #', 'sid=' + hex(32) + '; Path=/; HttpOnly'],
  ['cookie', '{"cookie":"#","n":1}', 'a=1; b=' + hex(8)],
  ['bearer', 'sent bearer # to it', mixed(30)],
  ['azure', 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=#;EndpointSuffix=core', mixed(86) + '=='],
  ['private_key', '{"key":"#\\n"}', '-----BEGIN ' + 'PRIVATE KEY-----\\n' + mixed(64) + '\\n-----END ' + 'PRIVATE KEY-----'],
  ['named', 'password=#'],
  ['named', 'Password: #'],
  ['named', 'PASSWORD = "#"', 'two words ' + 'and \\" more'],
  ['named', "user='jo' passwd='#'", "it\\'s" + ' long'],
  ['named', 'PGPASSWORD=# psql'],
  ['named', 'DB_PASSWORD=#'],
  ['named', 'spring.datasource.password=#'],
  ['named', 'MYSQL_PWD=#'],
  ['named', 'DB_PASS=#;'],
  ['named', 'passphrase := #'],
  ['named', ':password=>"#", :n=>1'],
  ['named', "{'password': '#', 'n': 1}"],
  ['named', '{"password":"#","n":1}'],
  ['named', '{"clientSecret" : "#"}'],
  ['named', 'body={\\"password\\":\\"#\\",\\"n\\":1}'],
  ['named', 'client_secret=#&grant=x'],
  ['named', 'GET /login?user=jo&token=#&n=1 HTTP/1.1'],
  ['named', 'access_token: #,'],
  ['named', 'refreshToken=#'],
  ['named', 'X-Api-Key: #'],
  ['named', 'apiKey=#'],
  ['named', 'API_KEY="#"'],
  ['named', 'api key: #'],
  ['named', 'AWS_SECRET_ACCESS_KEY=#', mixed(40)],
  ['named', 'SECRET_KEY_BASE=#', hex(128)],
  ['named', 'STORAGE_ACCOUNT_KEY=#'],
  ['named', 'credentials=#'],
  ['named', 'sessionid=#', hex(32)],
  ['named', 'PHPSESSID=#; path=/', hex(26)],
  ['named', ';JSESSIONID=#', hex(32)],
  ['named', 'https://x.example/f?sv=2024&sig=#&se=1', mixed(40) + '%3D'],
  ['named', 'otp: #', '492' + '817'],
  ['named', 'pin_code=#', '49' + '28'],
  ['named', '{"api_keys":1,"api_key":[#]}', `"${WORD}", "${WORD}"`],
  ['named', 'cvv=#', '9' + '28'],
  ['named', '<password>#</password>'],
  ['named', '<ns:ClientSecret>#</ns:ClientSecret>'],
  ['named', 'curl -u admin:# https://x.example'],
  ['named', 'run --user=admin:#'],
  ['named', 'run --password=#'],
  ['named', 'run --db-password # --n 1'],
  ['named', "CREATE USER x IDENTIFIED BY '#';"]
]

const INNOCENT = [
  'request 3f2504e0-4f89-41d3-9a0c-0305e82c3301 took 12 ms',
  'commit da39a3ee5e6b4b0d3255bfef95601890afd80709 by author: x',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '2026-01-01T12:00:00.123Z 1767268800123 1767268800123456 1767268800123456789',
  '12345678:da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'listening on 127.0.0.1:8080 and [::1]:8080, peer 10.20.30.40:51234',
  '10.0.0.1 - - [01/Jan/2026:12:00:00 +0000] "GET /a/b?x=1 HTTP/1.1" 200 5326 1234',
  'order 4111111111111112 of 4000000000000000000000000002',
  '5326 12 4000 0000 17 200 404 1111 11',
  'keyboard=us monkey=banjo keys=4 key: value',
  'token bucket is empty, tokens=512 max_tokens: 100 token_type=none',
  'author: x, authored: y, secretary: z, passenger: a, passed=3',
  'a basic setup for the bearer of it',
  'sudo: jo : TTY=pts/0 ; PWD=/home/jo ; USER=root ; COMMAND=/bin/ls',
  'bw_limit_exceeded_by_sender_total 4 sk-fading-circle-of-many-words',
  'import react@18.2.0 from https://cdn.example.com:443/react@18.2.0/index.js',
  'see http://example.com:8080/a@b and ftp://example.com',
  'a, b, c = {} [] () "" \'\' <> == := =>',
  'cookie consent was given, cookies: none of them',
  'temperature -4111.1111 4111-1111 v1.2.3-rc.4 +49 30 1234567',
  'ASIAN AKIA GHP_ xoxb sk_live_ npm_config_cache=/root/.npm',
  ''
]

const MASK = '[redacted]'

test('of each kind of secret nothing is left, the rest of the line stays, and the kind is counted', (t) => {
  const lines = [...MARKED.map(([kind, secret]): [string, string, string] => [kind, 'before # after', secret]), ...TOLD.map(([kind, line, secret = WORD]): [string, string, string] => [kind, line, secret])]

  for (const [kind, line, secret] of lines) {
    const pipeline = pipelineOf([{ type: 'redact', id: 'r' }])
    const { lines: [out] } = pipeline.run([line.replace('#', () => secret)], 1)

    t.equal(out, line.replace('#', MASK), `${kind}: ${line}`)
    t.same(pipeline.stats()['r']?.details, { [kind]: 1 }, `${kind} is counted: ${line}`)
  }
  t.ok(new Set(lines.map(([kind]) => kind)).size >= 50, 'fifty kinds and more')
  t.end()
})

test('what only looks like a secret stays as it is', (t) => {
  t.same(outOf([{ type: 'redact' }], INNOCENT), INNOCENT)
  t.end()
})

test('all of them in one line, and that line a second time', (t) => {
  const line = MARKED.map(([, secret]) => secret).join(' ; ')

  const [out = ''] = outOf([{ type: 'redact' }], [line])
  for (const [kind, secret] of MARKED) t.notOk(out.includes(secret), kind)
  t.equal(out.replaceAll(MASK, '').replace(/[ ;]/g, ''), '')
  t.same(outOf([{ type: 'redact' }, { type: 'redact', mode: 'hash' }], ['password=x, token: "y"']), [`password=${MASK}, token: "${MASK}"`])
  t.end()
})

test('a private key over many lines is hidden, with what stands beside it', (t) => {
  const begin = '-----BEGIN RSA ' + 'PRIVATE KEY-----'
  const end = '-----END RSA ' + 'PRIVATE KEY-----'
  const lines = [`password=x ${begin}`, mixed(64), `12:00 app: ${mixed(64)}`, `${end} token=y`, 'after', `${begin}${mixed(9)}${end} ${begin}`, mixed(64), end, 'end']
  const pipeline = pipelineOf([{ type: 'redact', id: 'r' }])

  t.same(pipeline.run(lines, 1).lines, [`password=${MASK} ${MASK}`, MASK, MASK, `${MASK} token=${MASK}`, 'after', `${MASK} ${MASK}`, MASK, MASK, 'end'])
  t.same(pipeline.stats()['r']?.details, { named: 2, private_key: 3 }, 'a key counts once')
  t.end()
})

test('a private key without an end does not hide the rest of the log', (t) => {
  const lines = ['-----BEGIN ' + 'PRIVATE KEY-----', ...Array.from({ length: 600 }, (_, at) => `line ${at}`)]

  t.equal(outOf([{ type: 'redact' }], lines).at(-1), 'line 599')
  t.end()
})

test('parsed fields are searched, each with its name', (t) => {
  const key = '-----BEGIN ' + `PRIVATE KEY-----\n${mixed(64)}\n-----END ` + 'PRIVATE KEY-----'
  const record = { password: 'two "words" here', pin: 4928, user: { api_key: [WORD], mail: 'a@b.example' }, key, card: Number('4111' + '111111111111'), n: 4, ok: true, text: 'cookie monster', none: null }
  const chain = [{ type: 'parse', format: 'json' }, { type: 'redact', id: 'r' }, { type: 'parse', format: 'regex', pattern: '^(?<whole>.*)$', output: 'json' }]

  const [out = ''] = outOf(chain, [JSON.stringify(record)])
  const { whole, ...fields } = JSON.parse(out)
  t.same(fields, { password: MASK, pin: MASK, user: { api_key: [MASK], mail: MASK }, key: MASK, card: MASK, n: 4, ok: true, text: 'cookie monster', none: null })
  t.notOk(whole.includes(WORD) || whole.includes('words') || whole.includes(mixed(64)))
  t.end()
})

test('equal secrets have equal hashes, which depend on the salt', (t) => {
  const lines = ['password=one', 'token: "one"', 'password=two', 'mail a@b.example', 'also a@b.example.']
  const hashed = (salt: string): string[] => outOf([{ type: 'redact', mode: 'hash', salt }], lines)

  const [first = '', second = '', third = '', fourth = '', fifth = ''] = hashed('s')
  t.match(first, /^password=\[named:[0-9a-f]{16}\]$/)
  t.equal(second, `token: "${first.slice('password='.length)}"`)
  t.not(third, first)
  t.match(fourth, /^mail \[email:[0-9a-f]{16}\]$/)
  t.equal(fifth, `also ${fourth.slice('mail '.length)}.`)
  t.not(hashed('other')[0], first)
  t.end()
})

test('kinds, own patterns and the mask are chosen', (t) => {
  const line = `a@b.example user-77 [user-78] id=(USER-79) password=${WORD}`
  const uses: ReadonlyArray<[config: Record<string, unknown>, out: string]> = [
    [{ kinds: ['email'] }, `${MASK} user-77 [user-78] id=(USER-79) password=${WORD}`],
    [{ kinds: [], patterns: [{ name: 'user', pattern: 'user-\\d+' }] }, `a@b.example ${MASK} [${MASK}] id=(USER-79) password=${WORD}`],
    [{ kinds: [], patterns: [{ name: 'user', pattern: '\\[?user-\\d+\\]?', ignore_case: true }], mask: '<{kind}>' }, `a@b.example <user> <user> id=(<user>) password=${WORD}`],
    [{ kinds: [], patterns: [{ name: 'id', pattern: 'id=\\((?<secret>[^)]*)\\)' }], mask: '' }, `a@b.example user-77 [user-78] id=() password=${WORD}`],
    [{ kinds: ['keys'], patterns: [{ name: 'horse', pattern: 'horse' }, { name: 'none', pattern: 'q*' }], mask: '$&' }, 'a@b.example user-77 [user-78] id=(USER-79) password=$&']
  ]

  for (const [config, out] of uses) t.same(outOf([{ type: 'redact', ...config }], [line]), [out])
  t.end()
})

test('lines of a megabyte that nearly hold secrets are answered', (t) => {
  const parts = ['a', 'password=', 'api_', 'a.', '@', 'x@a.', '://a:', '-----BEGIN ' + 'PRIVATE KEY-----', '1', '4 ', 'ey' + 'J', 'authorization: digest ', 'cookie="', 'token="\\', 'sk-a']

  const lines = parts.map((part) => part.repeat(Math.ceil(1_000_000 / part.length)))
  t.equal(outOf([{ type: 'redact', mask: '' }], lines).length, lines.length)
  t.end()
})
