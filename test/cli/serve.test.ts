import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import type { EventsPage } from '../../schemas/event-query.ts'
import { LAUNCHER, Program, run } from '../program.ts'
import { until } from '../support/until.ts'
import { testFolder } from '../support/test-folder.ts'

const shell = promisify(execFile)

async function hasCurl (): Promise<boolean> {
  return shell('curl', ['--version']).then(() => true, () => false)
}

/** Root may read all, so that somebody else has to try. */
const STRANGER = process.getuid?.() === 0 ? 65_534 : process.getuid?.() ?? 0
const stranger = await shell(process.execPath, [LAUNCHER, '--version'], { uid: STRANGER }).then(() => ({}), () => ({ skip: 'nobody but root may read this folder' }))

const curl = await hasCurl() ? {} : { skip: 'no curl on the PATH' }

test('the first start prints the token once, with lines that work when they are pasted', curl, async (t) => {
  const cwd = testFolder(t)
  const env = { DATA_DIR: join(cwd, 'data'), PORT: '0' }
  const first = new Program(t, ['serve'], { cwd, env })
  const address = await first.address()
  t.match(first.stdout, /^bellwether \d+\.\d+\.\d+\n/)
  t.match(first.stdout, new RegExp(`^ {2}data file +${join(env.DATA_DIR, '')}`, 'm'))
  const [send = '', find = ''] = first.stdout.split('\n').filter((line) => line.startsWith('  curl '))

  const sent = await shell('sh', ['-c', `${send.trim()} -s -w '\n%{http_code}'`])
  const found = await shell('sh', ['-c', `${find.trim()} -s`])

  t.match(sent.stdout, /"message":"hello bellwether"[^]*\n201$/)
  t.match(parsePage(found.stdout), { events: [{ message: 'hello bellwether', service: 'shell' }], total: { count: 1 } })
  t.equal(statSync(env.DATA_DIR).mode & 0o077, 0, 'the data is nobody else\'s')
  first.signal('SIGTERM')
  t.equal(await first.exited(), 0)

  const second = new Program(t, ['serve'], { cwd, env })
  t.not(await second.address(), '')
  t.notMatch(second.stdout, /^ {2}token|curl |bw_/m)
  t.match(second.stdout, /^ {2}address/m)
  second.signal('SIGINT')
  t.equal(await second.exited(), 0, 'SIGINT ends it as well')
  t.ok(address.startsWith('http://127.0.0.1:'), 'loopback by default')
})

test('what keeps it from starting is one clear line, and exit code 1, or 3 when a setting mends it', async (t) => {
  const cwd = testFolder(t, { file: 'not a folder' })
  const env = { DATA_DIR: join(cwd, 'one'), OPS_API_TOKEN: 'token-of-the-test' }
  const service = new Program(t, ['serve', '--port', '0'], { cwd, env })
  const { port } = new URL(await service.address())

  const [taken, same, noFolder] = await Promise.all([
    run(t, ['serve'], { cwd, env: { ...env, DATA_DIR: join(cwd, 'two'), PORT: port } }),
    run(t, ['serve', '--port', '0'], { cwd, env }),
    run(t, ['serve', '--port', '0'], { cwd, env: { ...env, DATA_DIR: join(cwd, 'file', 'below') } })
  ])

  t.match(taken, { code: 1, stdout: '', stderr: new RegExp(`^bellwether: port ${port} of 127.0.0.1 is taken: stop the other program, or set PORT\n$`) })
  t.match(same, { code: 1, stdout: '', stderr: /^bellwether: .*another .*\n$/ })
  t.match(noFolder, { code: 3, stdout: '', stderr: /^bellwether: the data folder .*file\/below cannot be made: .*, or set DATA_DIR\n$/ })
  for (const { stderr } of [taken, same, noFolder]) t.notMatch(stderr, /\n\s+at /)
  t.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200, 'the first does not suffer')
  t.notMatch(service.stdout, /^ {2}token|bw_/m, 'with OPS_API_TOKEN no other token is made')
})

test('a store that may not be read, or not be written, keeps it from starting, with exit code 3', stranger, async (t) => {
  const cwd = testFolder(t)
  const dataDir = join(cwd, 'data')
  const asStranger = (args: string[]) => run(t, args, { cwd, env: { DATA_DIR: dataDir, PORT: '0' }, uid: STRANGER })
  await run(t, ['user', 'list'], { cwd, env: { DATA_DIR: dataDir } })
  const file = join(dataDir, 'bellwether.db')
  for (const path of [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))]) chownSync(path, STRANGER, STRANGER)
  const cases = [
    { path: file, mode: 0o000 },
    { path: file, mode: 0o400 },
    { path: dataDir, mode: 0o500 }
  ]

  for (const { path, mode } of cases) {
    chmodSync(path, mode)
    t.match(await asStranger(['serve']), { code: 3, stdout: '', stderr: `bellwether: ${path} cannot be written: this user has no right to it; mend that, or set DATA_DIR\n` })
    chmodSync(path, 0o700)
  }
  chmodSync(file, 0o000)
  t.match(await asStranger(['check']), { code: 3, stdout: '', stderr: `bellwether: ${file} cannot be read: this user has no right to it; mend that, or set DATA_DIR\n` })
})

test('a misspelt setting keeps it from starting, with exit code 3, and a word that is no flag with 2', async (t) => {
  const cwd = testFolder(t, { '.env': 'WEBHOK_URL=https://ops.example.com/secret-path\n', empty: {} })
  const [misspelt, word] = await Promise.all([
    run(t, ['serve'], { cwd, env: { RETENTON_DAYS: '3', PORT: '0' } }),
    run(t, ['serve', 'RETENTION_DAYS=3'], { cwd: join(cwd, 'empty') })
  ])

  t.match(misspelt, { code: 3, stdout: '', stderr: 'bellwether: 2 settings are wrong\n  RETENTON_DAYS: is no setting: did you mean RETENTION_DAYS?\n  WEBHOK_URL: is no setting: did you mean WEBHOOK_URL? (from .env)\n' })
  t.match(word, { code: 2, stderr: /serve takes flags alone/ })
})

test('SIGTERM ends it with 0, after the answer to what was sent, though clients stay connected', async (t) => {
  const cwd = testFolder(t)
  const token = 'token-of-the-test'
  const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0', OPS_API_TOKEN: token, DRAIN_TIMEOUT: '1s' } })
  const port = Number(new URL(await service.address()).port)
  const idle = connect(port, '127.0.0.1')
  await once(idle, 'connect')
  const stream = await fetch(`http://127.0.0.1:${port}/stream`, { headers: { authorization: `Bearer ${token}` } })
  const sending = Array.from({ length: 20 }, (_, n) => fetch(`http://127.0.0.1:${port}/events`, {
    method: 'POST', headers: { 'x-ops-token': token, 'content-type': 'text/plain' }, body: `line ${n}`
  }))
  await sending[0]

  service.signal('SIGTERM')
  const answers = await Promise.allSettled(sending)

  t.equal(await service.exited(), 0)
  for (const answer of answers) t.match(answer, { status: 'fulfilled', value: { status: 201 } })
  t.match(await stream.text(), /line 0/, 'the open stream ends whole')
  t.match(service.stderr, /"signal":"SIGTERM","msg":"stopping"/)
  t.match(service.stderr, /clients did not leave in time/, 'the one that says nothing is cut off after DRAIN_TIMEOUT')
  t.notOk(service.stderr.includes(token))
})

test('SIGHUP reads the configuration file again, and refuses one that will not do', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': 'rules: []\n' })
  const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0' } })
  await service.address()

  writeFileSync(join(cwd, 'bellwether.yaml'), 'ruels: []\nchanels: []\n')
  service.signal('SIGHUP')
  await service.says(/"faults":\["bellwether.yaml:1: \/ruels [^"]*","bellwether.yaml:2: \/chanels [^"]*"\],"msg":"the configuration file was refused/)
  writeFileSync(join(cwd, 'bellwether.yaml'), 'silences: []\n')
  service.signal('SIGHUP')
  await service.says(/"msg":"the configuration file was read again and is in force"/)
  service.signal('SIGTERM')

  t.equal(await service.exited(), 0)
})

const script = await shell('script', ['--version']).then(() => ({}), () => ({ skip: 'no script on the PATH' }))

test('when its terminal is gone it drains and ends, as by SIGTERM', script, async (t) => {
  const cwd = testFolder(t)
  const command = `exec ${process.execPath} ${join(import.meta.dirname, '..', '..', 'bin', 'bellwether.js')} serve`
  const terminal = spawn('script', ['-qfec', command, join(cwd, 'typescript')], { cwd, env: { ...process.env, DATA_DIR: join(cwd, 'data'), PORT: '0' }, stdio: 'ignore' })
  const text = (): string => existsSync(join(cwd, 'typescript')) ? readFileSync(join(cwd, 'typescript'), 'utf8') : ''
  await until(() => text().includes('  data file '))
  const [, pid = ''] = /"pid":(\d+)/.exec(text()) ?? []

  terminal.kill('SIGKILL')
  await until(() => !existsSync(join('/proc', pid)))

  t.notOk(existsSync(join(cwd, 'data', 'bellwether.db-wal')), 'the store was closed')
})

function parsePage (text: string): EventsPage {
  return JSON.parse(text) as EventsPage
}
