import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { run } from '../../program.ts'
import { jsonOf, program, running, serving, TOKEN } from './support.ts'

const SHOP = [
  { time: '2026-06-01T12:00:00.000Z', level: 'error', service: 'shop', message: 'payment\n\u001b[2Jfailed', type: 'PAY', meta: { status: 504, 'a.b': { c: 1 } } },
  { time: '2026-06-01T12:00:01.000Z', level: 'warn', service: 'a-longer-name', message: 'slow' },
  { time: '2026-06-01T12:00:02.000Z', level: 'info', message: 'no service' }
]

test('query prints what a running service has, and the same out of its files when it is stopped', async (t) => {
  const it = await program(t)
  await it.store(SHOP)
  const told = [
    '2026-06-01T12:00:02.000Z  INFO   -              no service',
    '2026-06-01T12:00:01.000Z  WARN   a-longer-name  slow',
    '2026-06-01T12:00:00.000Z  ERROR  shop           payment\\n\\u{1b}[2Jfailed',
    ''
  ].join('\n')

  const all = await it.bellwether(['query', '--from', '2026-06-01', '--to', '2026-06-02'])
  t.same(all, { code: 0, stdout: told, stderr: '' }, 'in columns, with nothing that acts on a terminal')
  t.match(await it.bellwether(['query', '-type:PAY', 'level>=warn', '--from', '2026-06-01', '--to', '2026-06-02']), { code: 0, stdout: /^\S+ {2}WARN {3}a-longer-name {2}slow\n$/ })
  const fields = ['service:shop', '--fields', 'message,meta.status,meta.a.b.c,host']
  t.equal((await it.bellwether(['query', ...fields])).stdout, 'payment\\n\\u{1b}[2Jfailed  504  1  -\n')
  t.same(jsonOf((await it.bellwether(['query', ...fields, '--json'])).stdout), [{ message: SHOP[0]?.message, 'meta.status': 504, 'meta.a.b.c': 1, host: null }])
  t.match(jsonOf((await it.bellwether(['query', 'service:shop', '--json'])).stdout), [{ level: 'ERROR', meta: { status: 504 } }])
  t.same(await it.bellwether(['query', 'service:nobody']), { code: 0, stdout: '', stderr: 'no event fits\n' })
  t.match(await it.bellwether(['query', 'error or timeout']), { code: 0, stderr: /^hint: .*"or" is searched for as a word/ })

  it.service.signal('SIGTERM')
  await it.service.exited()
  const before = readdirSync(it.dataDir).sort()
  const offline = await it.bellwether(['query', '--from', '2026-06-01', '--to', '2026-06-02', '--data-dir', it.dataDir])
  t.same(offline, all)
  t.same(readdirSync(it.dataDir).sort(), before, 'no file is left behind')
})

test('query turns the pages until its limit, and gives each event once', async (t) => {
  const it = await running(t)
  await it.store(Array.from({ length: 2_500 }, (_, at) => ({ message: `event ${at}`, time: '2026-06-01T12:00:00Z' })))
  const range = ['--from', '2026-06-01', '--to', '2026-06-02', '--order', 'asc', '--fields', 'message']

  const all = (await it.bellwether(['query', ...range, '--limit', '9999'])).stdout.trimEnd().split('\n')
  const some = (await it.bellwether(['query', ...range, '--limit', '1203'])).stdout.trimEnd().split('\n')

  t.equal(new Set(all).size, 2_500)
  t.same(some, all.slice(0, 1_203))
})

test('a wrong query is shown with a caret at its column, by the service and by the files alike', async (t) => {
  const it = await running(t)
  const wrong = ['query', 'é "ß" level:LOUD', 'service:shop']

  const told = await it.bellwether(wrong)

  t.match(told, { code: 2, stdout: '', stderr: /^bellwether: the query has a mistake at column 13: .*LOUD.*\n {2}é "ß" level:LOUD service:shop\n {14}\^\n$/ })
  t.same(await it.bellwether([...wrong, '--data-dir', it.dataDir]), told)
})

test('what keeps a command from the service is told with what to do, and by its exit code', async (t) => {
  const it = await running(t)
  const { cwd } = it
  writeFileSync(join(cwd, 'token'), `${TOKEN}\n`)
  const foreign = await serving(t, (_, response) => { response.end('<p>hello') })
  const uses: ReadonlyArray<[args: string[], env: Record<string, string>, code: number, told: RegExp]> = [
    [[], { BELLWETHER_URL: it.address }, 4, /not signed in at http.*token create/],
    [['--token', 'wrong'], it.env, 4, /the token is refused/],
    [['--url', 'http://127.0.0.1:1'], it.env, 5, /nothing answers at http:\/\/127\.0\.0\.1:1 \(.*\): start it with bellwether serve/],
    [['--url', foreign], it.env, 1, /is no Bellwether/],
    [['--url', 'shop'], it.env, 2, /"shop" is no address/],
    [['--from', 'tomorrow'], it.env, 1, /"tomorrow" is no time/],
    [['--limit', '0'], it.env, 2, /a whole number from 1 on is needed\. \(see bellwether query --help\)/],
    [['--fields', 'a,,b'], it.env, 2, /--fields takes names with commas/],
    [['--josn'], it.env, 2, /unknown option '--josn'/],
    [['--token-file', 'gone'], it.env, 2, /the token cannot be read/],
    [['--data-dir', 'nothing'], it.env, 1, /there is no store in/],
    [['--token-file', 'token'], { BELLWETHER_URL: `${it.address}/` }, 0, /no event fits/]
  ]

  const results = await Promise.all(uses.map(([args, env]) => run(t, ['query', 'service:none', ...args], { cwd, env })))
  for (const [at, [args, , code, told]] of uses.entries()) t.match(results[at], { code, stdout: '', stderr: told }, args.join(' '))
  t.match(await run(t, ['query', '--help'], { cwd }), { code: 0, stdout: /Usage: bellwether query [^]*--data-dir/, stderr: '' })
})
