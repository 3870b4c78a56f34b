import { join } from 'node:path'
import { hashSync } from '@node-rs/argon2'
import { test } from 'tap'
import { passwordFaults, usernameFaults, usernameKey } from '../../src/access/credentials.ts'
import { PasswordJudge } from '../../src/access/password-judge.ts'
import { isOutdated, Passwords } from '../../src/access/passwords.ts'
import { Program } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const PASSWORD = 'grüße aus dem norden'

test('a password is kept as argon2id at the cost that OWASP asks for, and each time in another form', async (t) => {
  const passwords = new Passwords()

  const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)])

  t.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  t.not(one, two)
  t.ok(await passwords.isRight(PASSWORD, one))
  t.notOk(await passwords.isRight(`${PASSWORD} `, one))
  t.ok(await passwords.isRight(PASSWORD.normalize('NFD'), one), 'however the keyboard composes its letters')
})

test('without a hash a password is wrong, after as much work as with one', async (t) => {
  const passwords = new Passwords()
  const hashed = await passwords.hash(PASSWORD)
  const timeOf = async (hash: string | undefined): Promise<number> => {
    const startedAt = process.cpuUsage()
    for (let n = 0; n < 5; n++) t.notOk(await passwords.isRight('a wrong password', hash))
    return process.cpuUsage(startedAt).user
  }
  await timeOf(hashed)

  const [known, unknown] = [await timeOf(hashed), await timeOf(undefined)]

  t.ok(unknown > known / 3, `${unknown} µs of work for nobody, ${known} µs for somebody`)
})

test('two are worked on at once, 32 wait, and more are told to come again', async (t) => {
  const passwords = new Passwords()

  const results = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.isRight('x', undefined)))

  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 34)
  for (const result of results.slice(34)) t.match(result, { status: 'rejected', reason: { code: 'overloaded', retryAfterSeconds: 2 } })
  t.equal(await passwords.isRight('x', undefined), false, 'afterwards there is room again')
})

test('one that fails gives its place to the next', async (t) => {
  const passwords = new Passwords()

  const results = await Promise.allSettled([
    ...Array.from({ length: 3 }, () => passwords.isRight('x', 'no hash at all')), passwords.isRight('x', undefined)
  ])

  t.same(results.map(({ status }) => status), ['rejected', 'rejected', 'rejected', 'fulfilled'])
})

test('a hash of another cost is outdated', async (t) => {
  const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

  t.notOk(await isOutdated(hashSync('x', cost)))
  for (const other of [{ memoryCost: 8_192 }, { timeCost: 1 }, { parallelism: 2 }]) t.ok(await isOutdated(hashSync('x', { ...cost, ...other })), JSON.stringify(other))
})

const GOOD = 'four plain words do'

test('of many at once 32 are judged, and more are told to come again', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())

  const results = await Promise.allSettled(Array.from({ length: 40 }, () => judge.faultsOf(GOOD, 'ann')))

  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 32)
  for (const result of results.slice(32)) t.match(result, { status: 'rejected', reason: { code: 'overloaded', retryAfterSeconds: 5 } })
  t.same(await judge.faultsOf(GOOD, 'ann'), [], 'afterwards there is room again')
})

test('who waits when the thread ends is told to come again, and the next password starts another', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())
  const waiting = t.rejects(judge.faultsOf(GOOD, 'ann'), { code: 'overloaded', retryAfterSeconds: 5 })

  await judge.close()

  await waiting
  t.match(await judge.faultsOf('passwordpassword', 'ann', 'password'), [{ path: 'password', message: /^is easily guessed\. / }])
})

test('a password is judged as it is hashed, however the keyboard composes its letters', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())

  t.match(await judge.faultsOf('ｐａｓｓｗｏｒｄ１２３４', 'ann'), [{ message: /commonly used password/ }])
})

const usernames: ReadonlyArray<[username: string, isFine: boolean]> = [
  ['a', false],
  ['ab', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['Ann.Lee_2@example-host', true],
  ['ａｎｎ', true],
  ['', false],
  ['ann lee', false],
  ['ann\n', false],
  ['änn', false],
  ['аnn', false],
  ['ann\0', false],
  ['../ann', false]
]

for (const [username, isFine] of usernames) {
  test(`${JSON.stringify(username)} is ${isFine ? 'a' : 'no'} username`, async (t) => {
    t.match(usernameFaults(username), isFine ? [] : [{ path: '/username', message: /^must be 2 to 64/ }])
    t.equal(usernameFaults(username).length, isFine ? 0 : 1)
  })
}

test('usernames are compared without case and width', async (t) => {
  for (const text of ['Ann', 'ANN', 'ａＮｎ']) t.equal(usernameKey(text), 'ann', text)
})

const passwords: ReadonlyArray<[password: string, fault: RegExp | undefined]> = [
  ['x'.repeat(11), /12 to 128 characters, got 11/],
  ['elevenchars1', undefined],
  ['y'.repeat(64) + 'z'.repeat(64), undefined],
  ['y'.repeat(64) + 'z'.repeat(65), /got 129/],
  ['🐢'.repeat(11), /got 11/],
  ['🐢'.repeat(12), undefined],
  ['            ', undefined],
  ['\ud800 half a character', /well-formed/],
  ['Ann.of.the.hill', /username/],
  ['ANN.of.the.HILL', /username/]
]

for (const [password, fault] of passwords) {
  test(`${JSON.stringify(password.slice(0, 20))} of ${password.length} is ${fault === undefined ? 'a' : 'no'} password`, async (t) => {
    const faults = passwordFaults(password, 'Ann.of.the.hill')

    if (fault === undefined) t.same(faults, [])
    else t.match(faults, [{ path: '/password', message: fault }])
    t.notOk(JSON.stringify(faults).includes(password), 'a password is never told back')
  })
}

const REGISTRATION = { username: 'ann', password: 'a pass phrase of ours' }

/** Registers as somebody behind a proxy would, which is from elsewhere. */
async function register (address: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.7' }
  return (await fetch(`${address}/api/register`, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

test('a service beyond loopback prints a setup token while nobody is registered, and it lets one in', async (t) => {
  const cwd = testFolder(t)
  const start = async (settings: Record<string, string>) => {
    const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0', ...settings } })
    const address = await service.address()
    const secret = /^ {2}setup +(\S+)$/m.exec(service.stdout)?.[1]
    return { address, secret, stop: async () => { service.signal('SIGTERM'); await service.exited() } }
  }
  const inside = await start({})
  t.equal(inside.secret, undefined, 'on loopback it is not needed')
  await inside.stop()

  const open = await start({ HOST: '0.0.0.0' })
  t.match(open.secret, /^bws_[\w-]{43}$/)
  t.equal(await register(open.address, REGISTRATION), 403)
  t.equal(await register(open.address, { ...REGISTRATION, setup_token: 'bws_wrong' }), 403)
  t.equal(await register(open.address, { ...REGISTRATION, setup_token: open.secret }), 201)
  await open.stop()

  const later = await start({ HOST: '0.0.0.0' })
  t.equal(later.secret, undefined, 'somebody is registered')
  await later.stop()
})
