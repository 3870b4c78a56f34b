import type { LightMyRequestResponse } from 'fastify'
import t, { test } from 'tap'
import type { Problem } from '../../schemas/common.ts'
import { buildTestApp } from '../helper.ts'
import { anyAddress, guest, PASSWORD, type Headers } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

/** All share one; the first test has it without users. */
const app = await buildTestApp(t)

function send (url: string, payload: object, headers: Headers = {}, method: 'POST' | 'PATCH' = 'POST', remoteAddress = anyAddress()) {
  return app.inject({ method, url, payload, headers, remoteAddress })
}

function reasonOf (response: LightMyRequestResponse): string | undefined {
  return response.json<Problem>().errors?.[0]?.message
}

test('the first user is told why a password is easily guessed and what to do, and registers with another', async (t) => {
  const register = (password: string) => send('/api/register', { username: 'Ann.Lee', password }, {}, 'POST', '127.0.0.1')
  const weak: ReadonlyArray<[password: string, reason: RegExp]> = [
    ['passwordpassword', /patterns like "abcabcabc".* more words/],
    ['Password-Password', /patterns like "abcabcabc"/],
    ['1234 5678 9013', /commonly used password/],
    ['P@ssw0rd1234!', /commonly used password.*letter substitutions/],
    ['qwertyuiopas', /commonly used password/],
    ['12.11.1999 Lee', /dates/i],
    ['correct horse battery staple', /heavily used/],
    ['Bellwether2026!', /username or the name of the service/],
    ['lee lee ann ann', /more words/],
    ['x'.repeat(128), /characters like "aaa"/],
    ['🐢'.repeat(12), /patterns like/],
    [' '.repeat(12), /multiple words/]
  ]

  for (const [password, reason] of weak) {
    const response = await register(password)
    t.same(problemFaults(response, 400), [], password)
    t.same(pathsOf(response), ['/password'])
    t.match(reasonOf(response), /^is easily guessed\. [A-Z]/)
    t.match(reasonOf(response), reason, password)
    t.notOk(response.body.includes(password), 'a password is never told back')
  }
  t.equal((await register(PASSWORD)).statusCode, 201)
})

test('passphrases, what a manager makes, and words of any language are taken', async (t) => {
  const { bearer } = await guest(app, 'admin', 'admin')
  const good = ['four plain words do', 'kR7#vQ9!xZ2pLm', 'жёлтый трактор поёт', '猫在屋顶上看月亮很久了吗', 'aA4@eE3€iI1!oO0'.repeat(9).slice(0, 128)]

  const made = await Promise.all(good.map((password, n) => send('/users', { username: `good${n}`, password, role: 'viewer' }, bearer)))

  t.same(made.map(({ statusCode }) => statusCode), good.map(() => 201))
})

test('each way to set a password refuses one that is easily guessed, and the old one stays', async (t) => {
  const { bearer: admin } = await guest(app, 'root', 'admin')
  const { bearer, user } = await guest(app, 'bob', 'viewer')
  const invitation = (await send('/invitations', {}, admin)).json<{ setup_token: string }>().setup_token
  const password = 'changeme1234'

  for (const response of [
    await send('/api/register', { username: 'cid', password, setup_token: invitation }),
    await send('/api/register', { username: 'cid', password, role: 'operator' }, admin),
    await send('/users', { username: 'cid', password, role: 'viewer' }, admin),
    await send(`/users/${user.id}`, { password }, admin, 'PATCH'),
    await send('/api/password', { current: PASSWORD, password }, bearer)
  ]) {
    t.same(problemFaults(response, 400), [])
    t.match(reasonOf(response), /^is easily guessed\. This is similar to a commonly used password\./)
  }
  t.equal((await send('/api/password', { current: PASSWORD, password: 'another four plain words' }, bearer)).statusCode, 204)
  t.equal((await send('/api/register', { username: 'cid', password: PASSWORD, setup_token: invitation })).statusCode, 201, 'the invitation is still good')
})

test('many who set a password at once get each their own verdict', async (t) => {
  const { bearer } = await guest(app, 'boss', 'admin')
  const register = (n: number) => send('/users', { username: `user${n}`, password: n % 2 === 0 ? 'password1234' : `password ${n} of many others`, role: 'viewer' }, bearer)

  const responses = await Promise.all(Array.from({ length: 16 }, (_, n) => register(n)))

  t.same(responses.map(({ statusCode }) => statusCode), responses.map((_, n) => n % 2 === 0 ? 400 : 201))
})

test('a password of 1,000 letters is refused for its length, and that of a stranger for being one: neither is judged', async (t) => {
  const { bearer } = await guest(app, 'chief', 'admin')

  const long = await send('/users', { username: 'long', password: '@4$1!05s'.repeat(125), role: 'viewer' }, bearer)
  const stranger = await send('/api/register', { username: 'eve', password: 'passwordpassword' })

  t.match(reasonOf(long), /^must be 12 to 128 characters, got 1000$/)
  t.same(problemFaults(stranger, 403), [])
})
