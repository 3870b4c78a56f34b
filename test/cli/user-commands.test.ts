import { PassThrough } from 'node:stream'
import { join } from 'node:path'
import { test } from 'tap'
import { askPassword } from '../../src/cli/ask-password.ts'
import { Program, run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const PASSWORD = 'a pass phrase of ours'

async function login (address: string, username: string, password: string): Promise<Response> {
  return fetch(`${address}/api/login`, { method: 'POST', body: JSON.stringify({ username, password }), headers: { 'content-type': 'application/json' } })
}

test('users are made, listed, given a new password and disabled beside a running service', async (t) => {
  const cwd = testFolder(t)
  const env = { DATA_DIR: join(cwd, 'data'), PORT: '0' }
  const bellwether = (args: string[], input?: string) => run(t, args, { cwd, env, ...(input === undefined ? {} : { input }) })
  const offline = await bellwether(['user', 'add', 'Ann', '--role', 'admin'], `${PASSWORD}\nmore`)
  t.match(offline, { code: 0, stdout: 'user "Ann" is made, with the role admin\n', stderr: '' }, 'also before the first start')
  const service = new Program(t, ['serve'], { cwd, env })
  const address = await service.address()
  t.equal((await login(address, 'ann', PASSWORD)).status, 200)

  t.match(await bellwether(['user', 'add', 'bob'], PASSWORD), { code: 0, stdout: /"bob" is made, with the role viewer/ })
  t.equal((await login(address, 'bob', PASSWORD)).status, 200)
  const rows = (await bellwether(['user', 'list'])).stdout.trimEnd().split('\n').map((line) => line.split('\t'))
  t.same(rows.map((row) => row.slice(1, 3)), [['username', 'role'], ['Ann', 'admin'], ['bob', 'viewer']])

  t.match(await bellwether(['user', 'passwd', 'BOB'], `${PASSWORD}!\r\n`), { code: 0, stdout: /"bob" has a new password; all sessions end/ })
  t.same([(await login(address, 'bob', PASSWORD)).status, (await login(address, 'bob', `${PASSWORD}!`)).status], [401, 200])
  t.match(await bellwether(['user', 'disable', 'bob']), { code: 0, stdout: /"bob" is disabled/ })
  t.equal((await login(address, 'bob', `${PASSWORD}!`)).status, 401)

  t.match(await bellwether(['user', 'disable', 'ann']), { code: 1, stderr: /"Ann" is the last admin/ })
  t.match(await bellwether(['user', 'add', 'ANN'], PASSWORD), { code: 1, stderr: /"ANN" is taken/ })
  t.match(await bellwether(['user', 'passwd', 'nobody'], PASSWORD), { code: 1, stderr: /no user is called "nobody"/ })
  t.match(await bellwether(['user', 'add', 'cid'], 'short'), { code: 1, stdout: '', stderr: /password must be 12 to 128 characters/ })
  t.match(await bellwether(['user', 'add', 'cid'], 'password1234'), { code: 1, stdout: '', stderr: /password is easily guessed\. This is .* Add more words/ })
  t.match(await bellwether(['user', 'add', 'cid']), { code: 1, stderr: /a password is needed/ })
  t.match(await bellwether(['audit', 'verify']), { code: 0, stdout: /chain whole/ })
})

test('bad use of the user commands ends with 2 and says what would do', async (t) => {
  const cwd = testFolder(t)
  const uses: ReadonlyArray<[args: string[], told: RegExp]> = [
    [['user', 'add'], /say which user: bellwether user add NAME/],
    [['user', 'passwd'], /user passwd NAME/],
    [['user', 'disable'], /user disable NAME/],
    [['user', 'add', 'a b'], /"a b" is no username: it must be 2 to 64/],
    [['user', 'add', 'ann', '--role', 'root'], /--role takes one of viewer, operator, admin, got "root"/],
    [['token', 'create', '--name', 'x', '--min-level', 'loud'], /--min-level takes one of TRACE/]
  ]
  const results = await Promise.all(uses.map(([args]) => run(t, args, { cwd, input: PASSWORD })))

  for (const [at, [args, told]] of uses.entries()) t.match(results[at], { code: 2, stdout: '', stderr: told }, args.join(' '))
})

function terminal () {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const output = new PassThrough()
  return { input, output, shown: () => String(output.read() ?? '') }
}

test('at a terminal a password is asked for twice and never shown', async (t) => {
  const { input, output, shown } = terminal()
  const asked = askPassword(input, output)
  input.write('typex\x7fd and more\r')
  input.write('typed and more\r')

  t.equal(await asked, 'typed and more')
  t.equal(shown(), 'Password: \nOnce more: \n')
})

test('two passwords that differ, and an empty one, are refused', async (t) => {
  for (const [typed, message] of [['one\rtwo\r', /differ/], ['\r', /is needed/]] as const) {
    const { input, output } = terminal()
    const asked = askPassword(input, output)
    input.write(typed)

    await t.rejects(asked, { code: 'invalid', message }, JSON.stringify(typed))
  }
})
