import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { VERSION } from '../../src/core/version.ts'
import { Program, run } from '../program.ts'
import { until } from '../support/until.ts'
import { testFolder } from '../support/test-folder.ts'

test('the command line tells what it is', async (t) => {
  const cwd = testFolder(t)
  const [help, flag, version] = await Promise.all([run(t, ['help'], { cwd }), run(t, ['serve', '--help'], { cwd }), run(t, ['--version'], { cwd })])

  t.same(version, { code: 0, stdout: `${VERSION}\n`, stderr: '' })
  t.match(help, { code: 0, stdout: /bellwether serve[^]*token create[^]*Exit codes/, stderr: '' })
  t.same(flag, help)
  t.same(readdirSync(cwd), [], 'nothing was made')
})

test('what is no command ends with 2 and the help', async (t) => {
  const cwd = testFolder(t)
  for (const args of [[], ['sevre'], ['token'], ['token', 'steal'], ['toString'], ['constructor', 'x']]) {
    const { code, stdout, stderr } = await run(t, args, { cwd })

    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, new RegExp(`^bellwether: no command is called "${args.join(' ')}"\n\nbellwether `))
  }
})

test('bad use of a command ends with 2 and says what would do', async (t) => {
  const cwd = testFolder(t)
  const uses: ReadonlyArray<[args: string[], told: RegExp]> = [
    [['token', 'create'], /needs a name/],
    [['token', 'create', '--name', ' '], /needs a name/],
    [['token', 'create', '--name', 'x', '--scope', 'root'], /--scope takes ingest, read, metrics, admin with commas, got "root"/],
    [['token', 'create', '--name', 'x', '--expires-days', '-1'], /--expires-days takes/],
    [['token', 'revoke'], /say which token/]
  ]
  const results = await Promise.all(uses.map(([args]) => run(t, args, { cwd })))

  for (const [at, [args, told]] of uses.entries()) t.match(results[at], { code: 2, stdout: '', stderr: told }, args.join(' '))
})

test('a flag that is true or false stands alone, or takes one of both, with every command', async (t) => {
  const cwd = testFolder(t)
  const env = { PORT: 'none' }
  const told = (args: string[]) => run(t, args, { cwd, env })
  const fine = ['--accept-empty', '--accept-empty=true', '--accept-empty=false', '--accept-empty true', '--metrics-open false', '--metrics-open --accept-empty']
  const bad: ReadonlyArray<[args: string, got: RegExp]> = [['--accept-empty=', /--accept-empty takes true or false, and stands alone for true; got ""/], ['--metrics-open=yes', /--metrics-open takes .*; got "yes"/]]

  const commands = [['check'], ['token', 'list']]
  for (const flags of fine) for (const command of commands) t.match(await told([...command, ...flags.split(' ')]), { code: 3, stderr: /^bellwether: 1 setting is wrong\n {2}PORT/ }, flags)
  for (const [flags, message] of bad) for (const command of commands) t.match(await told([...command, flags]), { code: 2, stdout: '', stderr: message }, flags)
  t.match(await run(t, ['serve', '--accept-empty', 'yes'], { cwd }), { code: 2, stderr: /serve takes flags alone, like --port 8080, got "yes"/ })
})

test('all bad settings are told at once, from wherever they come, with exit code 3 and without secrets', async (t) => {
  const cwd = testFolder(t, { '.env': 'MAX_BATCH=many\n' })
  const env = { RETENTION_DAYS: '0', JWT_SECRET: 'too-short-secret', DURABILITY: 'maybe' }

  for (const command of [['serve'], ['token', 'list']]) {
    const { code, stdout, stderr } = await run(t, [...command, '--port', '99999', '--prot', '1'], { cwd, env })

    t.equal(code, 3)
    t.equal(stdout, '')
    for (const name of ['PORT', 'RETENTION_DAYS', 'JWT_SECRET', 'DURABILITY', 'MAX_BATCH', '--prot']) t.match(stderr, new RegExp(`\n  ${name}: `), name)
    t.notOk(stderr.includes('too-short-secret'))
  }
  t.same(readdirSync(cwd), ['.env'], 'nothing was made')
})

test('tokens are made, listed and revoked beside a running service', async (t) => {
  const cwd = testFolder(t)
  const env = { DATA_DIR: join(cwd, 'data'), PORT: '0', LOG_LEVEL: 'trace' }
  const service = new Program(t, ['serve'], { cwd, env })
  const address = await service.address()
  const ask = async (secret: string) => (await fetch(`${address}/events`, { headers: { authorization: `Bearer ${secret}` } })).status

  const made = await run(t, ['token', 'create', '--name', 'reader', '--scope', 'read, metrics', '--expires-days', '7'], { cwd, env })
  const secret = made.stdout.trim()
  const id = /^token (\S+) "reader" may read, metrics; it is shown this once$/m.exec(made.stderr)?.[1] ?? ''
  t.equal(made.code, 0)
  t.match(secret, /^bw_[\w-]{43}$/)
  t.equal(await ask(secret), 200)
  t.equal((await fetch(`${address}/events`, { method: 'POST', headers: { authorization: `Bearer ${secret}` } })).status, 403)

  const listed = await run(t, ['token', 'list'], { cwd, env })
  const row = listed.stdout.split('\n').find((line) => line.startsWith(id))?.split('\t') ?? []
  t.same(row.slice(1, 3), ['reader', 'read,metrics'])
  t.equal(Date.parse(row[5] ?? '') - Date.parse(row[3] ?? ''), 7 * 86_400_000)
  t.equal(row[6], '-')
  t.notOk(listed.stdout.includes('bw_'))

  const revoked = await run(t, ['token', 'revoke', id], { cwd, env })
  t.match(revoked, { code: 0, stdout: `token ${id} is revoked; a running service refuses it within a second\n` })
  await until(async () => await ask(secret) === 401)
  t.match(await run(t, ['token', 'revoke', id], { cwd, env }), { code: 1, stderr: /no token that is still good has the id/ })

  service.signal('SIGTERM')
  t.equal(await service.exited(), 0)
  const first = /^ {2}token +(bw_\S+)$/m.exec(service.stdout)?.[1] ?? 'missing'
  for (const hidden of [secret, first]) {
    t.notOk(service.stderr.includes(hidden), 'no secret in the log')
    for (const name of readdirSync(env.DATA_DIR)) t.notOk(readFileSync(join(env.DATA_DIR, name)).includes(hidden), `no secret in ${name}`)
  }
})
