import { test } from 'tap'
import { hashSync } from '@node-rs/argon2'
import { isOutdated, Passwords } from '../../src/access/passwords.ts'

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
