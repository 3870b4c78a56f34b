import { dirname } from 'node:path'
import t, { test } from 'tap'
import type { TokenCaller, UserCaller } from '../../schemas/token.ts'
import type { Role } from '../../schemas/user.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { NOBODY, PASSWORD, userParts, START } from '../support/users.ts'

const LOCAL = { ...NOBODY, isLocal: true }
const REMOTE = { ...NOBODY, isLocal: false }
const DAY = 86_400_000

type Parts = Awaited<ReturnType<typeof userParts>>

async function make ({ users }: Parts, username: string, role: Role) {
  return users.create({ username, password: PASSWORD, role }, NOBODY)
}

async function signedIn ({ sessions }: Parts, username: string): Promise<UserCaller> {
  const { claims } = await sessions.login({ username, password: PASSWORD }, '192.0.2.7')
  const caller = await sessions.identify(claims)
  if (caller === undefined) throw new Error(`${username} is signed in`)
  return caller
}

/** Tests that offer no setup token share one. */
const shared = await userParts(t)

/** As if nobody had been there before, but for the audit. */
async function withNobody (): Promise<Parts> {
  await withDatabase(dirname(shared.file), async (db) => {
    await db.deleteFrom('users').execute()
    await db.deleteFrom('invitations').execute()
  })
  shared.clock.time = START
  return shared
}

async function withFirst (): Promise<Parts> {
  const parts = await withNobody()
  await parts.users.register({ username: 'first', password: PASSWORD }, LOCAL)
  return parts
}

test('the first user registers on the machine itself and is admin; the second needs an invitation', async (t) => {
  const { users, audit } = await withNobody()

  const first = await users.register({ username: 'Ann', password: PASSWORD }, LOCAL)

  t.match(first, { username: 'Ann', role: 'admin' })
  t.match((await audit.list({})).entries, [{ action: 'user.register', actor: { kind: 'user', id: first.id, name: 'Ann' }, from: '192.0.2.1', detail: { role: 'admin', via: 'first' } }])
  await t.rejects(users.register({ username: 'Bob', password: PASSWORD }, LOCAL), { code: 'forbidden', message: /invitation/ })
})

test('of many first registrations at once, one makes an admin and nobody else anything', async (t) => {
  const { users } = await withNobody()

  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => users.register({ username: `user${n}`, password: PASSWORD }, LOCAL)))

  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results) if (result.status === 'rejected') t.match(result.reason, { code: 'forbidden' })
  t.match(await users.list(), [{ role: 'admin' }])
})

test('from beyond the machine the first user needs the setup token, which is made for a service without users', async (t) => {
  const { users } = await userParts(t)
  const secret = await users.offerSetupToken()
  t.match(secret, /^bws_[\w-]{43}$/)
  t.equal(await users.offerSetupToken(), undefined, 'it is told once')

  for (const token of [undefined, '', 'bws_', `${secret}x`]) {
    const registration = { username: 'ann', password: PASSWORD, ...(token === undefined ? {} : { setup_token: token }) }
    await t.rejects(users.register(registration, REMOTE), { code: 'forbidden', message: /setup token/ })
  }
  t.match(await users.register({ username: 'ann', password: PASSWORD, setup_token: secret ?? '' }, REMOTE), { role: 'admin' })
  await t.rejects(users.register({ username: 'bob', password: PASSWORD, setup_token: secret ?? '' }, REMOTE), { code: 'forbidden' }, 'it is good once')
  t.equal(await users.offerSetupToken(), undefined, 'no other is made when there are users')
})

test('a setup token of the settings is good, and none is made beside it', async (t) => {
  const { users } = await userParts(t, 'a-setup-token-of-ours')

  t.equal(await users.offerSetupToken(), undefined)
  t.match(await users.register({ username: 'ann', password: PASSWORD, setup_token: 'a-setup-token-of-ours' }, REMOTE), { role: 'admin' })
})

test('an admin registers others with a role, and nobody else does', async (t) => {
  const parts = await withFirst()
  const admin = await signedIn(parts, 'first')
  const token: TokenCaller = { kind: 'token', id: 't', tokenId: 't', name: 't', scopes: ['admin'] }
  await make(parts, 'operator', 'operator')
  const operator = await signedIn(parts, 'operator')

  t.match(await parts.users.register({ username: 'ann', password: PASSWORD, role: 'operator' }, { ...REMOTE, caller: admin }), { role: 'operator' })
  t.match(await parts.users.register({ username: 'bob', password: PASSWORD }, { ...REMOTE, caller: token }), { role: 'viewer' })
  for (const caller of [operator, { ...token, scopes: ['ingest' as const, 'read' as const] }]) {
    await t.rejects(parts.users.register({ username: 'eve', password: PASSWORD, role: 'admin' }, { ...LOCAL, caller }), { code: 'forbidden' })
  }
})

test('an invitation lets one person in, with its role, until it expires or is taken back', async (t) => {
  const { users, invitations, clock, actions } = await withFirst()
  const before = (await actions()).length
  const invite = async () => invitations.create({ role: 'operator' }, NOBODY)
  const register = (username: string, token: string, role?: Role) => users.register({ username, password: PASSWORD, setup_token: token, ...(role === undefined ? {} : { role }) }, REMOTE)
  const { setup_token: secret, ...told } = await invite()
  t.match(secret, /^bwi_[\w-]{43}$/)
  t.match(await invitations.list(), [told])

  await t.rejects(register('eve', secret, 'admin'), { code: 'forbidden', message: /the role will be operator/ })
  await t.rejects(register('FIRST', secret), { code: 'conflict', faults: [{ path: '/username' }] })
  t.match(await register('ann', secret), { role: 'operator' }, 'a name that was taken has not used it up')
  await t.rejects(register('bob', secret), { code: 'forbidden' })
  t.same(await invitations.list(), [])

  const late = await invite()
  clock.time += 7 * DAY
  await t.rejects(register('bob', late.setup_token), { code: 'forbidden' })
  const back = await invite()
  await invitations.revoke(back.id, NOBODY)
  await t.rejects(register('bob', back.setup_token), { code: 'forbidden' })
  await t.rejects(invitations.revoke(back.id, NOBODY), { code: 'not_found' })
  t.same((await actions()).slice(before), ['invitation.create', 'user.register', 'invitation.create', 'invitation.create', 'invitation.revoke'])
})

test('of many who use one invitation at once, one gets in', async (t) => {
  const { users, invitations } = await withFirst()
  const { setup_token: secret } = await invitations.create({}, NOBODY)

  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => users.register({ username: `user${n}`, password: PASSWORD, setup_token: secret }, REMOTE)))

  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  t.equal((await users.list()).length, 2)
})

const expiries: ReadonlyArray<[text: string, message: RegExp | undefined]> = [
  [new Date(START).toISOString(), /in the future/],
  [new Date(START + 1).toISOString(), undefined],
  [new Date(START + 30 * DAY).toISOString(), undefined],
  [new Date(START + 30 * DAY + 1).toISOString(), /at most 30 days/],
  ['-5m', /in the future/],
  ['soon', /is no time/]
]

test('an invitation ends in the future, and not later than in 30 days', async (t) => {
  const { invitations } = await withFirst()

  for (const [text, message] of expiries) {
    const made = invitations.create({ expires_at: text }, NOBODY)
    if (message === undefined) t.match(await made, { expires_at: text }, text)
    else await t.rejects(made, { code: 'invalid', faults: [{ path: '/expires_at', message }] }, text)
  }
})

test('names and passwords that will not do are told all at once, before anything else', async (t) => {
  const { users } = await withNobody()

  await t.rejects(users.register({ username: 'a b', password: 'short' }, REMOTE), { code: 'invalid', faults: [{ path: '/username' }, { path: '/password' }] })
  await t.rejects(users.create({ username: 'ann', password: 'ann', role: 'viewer' }, NOBODY), { code: 'invalid', faults: [{ path: '/password' }] })
})

test('the last admin who may sign in is neither removed nor disabled nor made less', async (t) => {
  const parts = await withFirst()
  const { users } = parts
  const [first] = await users.list()
  const other = await make(parts, 'other', 'admin')
  await users.change(other.id, { disabled: true }, NOBODY)
  const refused = { code: 'conflict', message: /"first" is the last admin/ }
  const { id = '' } = first ?? {}

  await t.rejects(users.remove(id, NOBODY), refused)
  await t.rejects(users.change(id, { role: 'operator' }, NOBODY), refused)
  await t.rejects(users.change(id, { disabled: true }, NOBODY), refused)
  t.match(await users.change(id, { role: 'admin', disabled: false, password: `${PASSWORD}!` }, NOBODY), { role: 'admin' }, 'all else may change')
  await users.remove(other.id, NOBODY)

  const next = await make(parts, 'next', 'admin')
  const results = await Promise.allSettled([users.remove(id, NOBODY), users.change(next.id, { role: 'viewer' }, NOBODY)])
  t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'of two who do it at once to each other, one remains')
  t.equal((await users.list()).filter(({ role }) => role === 'admin').length, 1)
})

test('a change of role or password, disabling and removing end all sessions at once', async (t) => {
  const parts = await withFirst()
  const { users, sessions } = parts
  const changes: ReadonlyArray<[what: string, change: (id: string) => Promise<unknown>]> = [
    ['role', (id) => users.change(id, { role: 'viewer' }, NOBODY)],
    ['password', (id) => users.change(id, { password: `${PASSWORD}!` }, NOBODY)],
    ['disabled', (id) => users.change(id, { disabled: true }, NOBODY)],
    ['removed', (id) => users.remove(id, NOBODY)]
  ]

  for (const [what, change] of changes) {
    const { id } = await make(parts, `user-${what}`, 'operator')
    const { claims, cookie, refreshToken } = await sessions.login({ username: `user-${what}`, password: PASSWORD }, '192.0.2.7')
    t.ok(await sessions.identify(claims) ?? await sessions.identifyCookie(cookie))

    await change(id)

    t.equal(await sessions.identify(claims), undefined, `${what}: token`)
    t.equal(await sessions.identifyCookie(cookie), undefined, `${what}: cookie`)
    await t.rejects(sessions.refresh(refreshToken, '192.0.2.7'), { code: 'unauthorized' }, `${what}: refresh token`)
  }
})

test('who changes the own password stays signed in here and nowhere else', async (t) => {
  const parts = await withFirst()
  const { users, sessions } = parts
  const [here, there] = [await signedIn(parts, 'first'), await signedIn(parts, 'first')]
  const next = `${PASSWORD} again`
  const isIn = async (caller: UserCaller) => await parts.store.read('findSession', caller.sessionId) !== undefined

  await t.rejects(users.changePassword({ current: next, password: next }, here, '192.0.2.7'), { code: 'forbidden', faults: [{ path: '/current' }] })
  await t.rejects(users.changePassword({ current: PASSWORD, password: 'short' }, here, '192.0.2.7'), { code: 'invalid', faults: [{ path: '/password' }] })
  t.ok(await isIn(there))
  await users.changePassword({ current: PASSWORD, password: next }, here, '192.0.2.7')

  t.ok(await isIn(here))
  t.notOk(await isIn(there))
  await t.rejects(sessions.login({ username: 'first', password: PASSWORD }, '192.0.2.7'), { code: 'unauthorized' })
  t.ok(await sessions.login({ username: 'first', password: next }, '192.0.2.7'))
})

test('what is not there is not found', async (t) => {
  const { users } = await withFirst()

  for (const ask of [() => users.get('x'), () => users.change('x', { role: 'viewer' }, NOBODY), () => users.remove('x', NOBODY)]) {
    await t.rejects(async () => { await ask() }, { code: 'not_found', message: /no user has the id "x"/ })
  }
})
