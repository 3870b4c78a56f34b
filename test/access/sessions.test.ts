import { dirname } from 'node:path'
import { test } from 'tap'
import { hashSync } from '@node-rs/argon2'
import type { UserCaller } from '../../schemas/token.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { updateUser } from '../../src/store/hot/access/users.ts'
import { NOBODY, PASSWORD, userParts } from '../support/users.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const WRONG = { code: 'unauthorized', message: 'username or password is wrong' }

test('sessions', async (t) => {
  const { store, file, clock, sessions, users, audit } = await userParts(t)
  const user = await users.create({ username: 'Ann', password: PASSWORD, role: 'operator' }, NOBODY)
  const login = (username = 'ann', password = PASSWORD) => sessions.login({ username, password }, '192.0.2.7')
  const newest = async () => (await audit.list({ limit: 1 })).entries[0]

  await t.test('one who signs in is known by the token and by the cookie, as long as both live', async (t) => {
    const { claims, cookie, user: told } = await login()
    const caller: UserCaller = {
      kind: 'user', id: user.id, tokenId: `user:${user.id}`, name: 'Ann', role: 'operator', scopes: ['ingest', 'read', 'metrics'], sessionId: claims.sessionId
    }

    t.same(told, { id: user.id, username: 'Ann', role: 'operator' })
    t.same(await sessions.identify(claims), caller)
    t.same(await sessions.identifyCookie(cookie), caller)
    t.match(await newest(), { action: 'session.login', actor: { kind: 'user', id: user.id, name: 'Ann' }, from: '192.0.2.7' })
    t.equal((await users.get(user.id)).last_login_at, new Date(clock.time).toISOString())
  })

  await t.test('claims that are not those of the session are nobody\'s', async (t) => {
    const { claims } = await login()

    for (const other of [{ sessionId: 'x' }, { userId: 'x' }, { version: claims.version - 1 }, { version: claims.version + 1 }]) {
      t.equal(await sessions.identify({ ...claims, ...other }), undefined, JSON.stringify(other))
    }
    t.equal(await sessions.identifyCookie('bwc_x'), undefined)
  })

  await t.test('an unknown name, a wrong password and a disabled user are told the same', async (t) => {
    const { id } = await users.create({ username: 'gone', password: PASSWORD, role: 'viewer' }, NOBODY)
    await users.change(id, { disabled: true }, NOBODY)

    await t.rejects(login('ann', 'another password'), WRONG)
    t.match(await newest(), { action: 'session.failed', actor: null, target: user.id })
    await t.rejects(login('gone'), WRONG)
    await t.rejects(login('a password in the wrong field'), WRONG)
    t.match(await newest(), { action: 'session.failed', target: null }, 'what nobody is called is not written down')
  })

  await t.test('a cookie ends after 12 hours without a request, and each request begins them anew', async (t) => {
    const { claims, cookie } = await login()
    const isGood = async () => await sessions.identifyCookie(cookie) !== undefined
    clock.time += 12 * HOUR - 1
    t.ok(await isGood())
    await sessions.noteUses()

    clock.time += 12 * HOUR - 1
    t.ok(await isGood())
    clock.time += 1
    t.notOk(await isGood())
    t.ok(await sessions.identify(claims), 'the session itself goes on, for its refresh token')
  })

  await t.test('a session ends 30 days after the sign-in, however much it is used', async (t) => {
    const { claims, cookie, refreshToken } = await login()
    for (let hour = 11; hour < 30 * 24; hour += 11) {
      clock.time += 11 * HOUR
      t.ok(await sessions.identifyCookie(cookie))
      await sessions.noteUses()
    }
    clock.time += 5 * HOUR - 1
    t.ok(await sessions.identifyCookie(cookie))
    const { refreshToken: next } = await sessions.refresh(refreshToken, '192.0.2.7')

    clock.time += 1
    t.equal(await sessions.identify(claims), undefined)
    t.equal(await sessions.identifyCookie(cookie), undefined)
    await t.rejects(sessions.refresh(next, '192.0.2.7'), { code: 'unauthorized' })
    t.not((await newest())?.action, 'session.refresh_reused', 'which is no theft')
  })

  await t.test('a refresh token is good once; used again it ends the session for everybody', async (t) => {
    const first = await login()
    const second = await sessions.refresh(first.refreshToken, '192.0.2.7')
    t.same(second.claims, first.claims)
    t.ok(await sessions.identify(second.claims))

    await t.rejects(sessions.refresh(first.refreshToken, '192.0.2.66'), { code: 'unauthorized', message: /used before/ })

    t.match(await newest(), { action: 'session.refresh_reused', actor: { id: user.id }, from: '192.0.2.66' })
    t.equal(await sessions.identify(second.claims), undefined)
    t.equal(await sessions.identifyCookie(first.cookie), undefined)
    await t.rejects(sessions.refresh(second.refreshToken, '192.0.2.7'), { code: 'unauthorized' })
  })

  await t.test('of two that use one refresh token at once, one gets the next and the session ends', async (t) => {
    const { refreshToken, claims } = await login()

    const results = await Promise.allSettled([sessions.refresh(refreshToken, '192.0.2.7'), sessions.refresh(refreshToken, '192.0.2.8')])

    t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    t.equal(await sessions.identify(claims), undefined)
  })

  await t.test('what is no refresh token ends nothing', async (t) => {
    const { claims } = await login()

    for (const text of ['', 'bwr_', `bwr_${claims.sessionId}`, `bwr_${'0'.repeat(32)}_${'x'.repeat(43)}`, `bwr_${claims.sessionId}_${'x'.repeat(42)}`]) {
      await t.rejects(sessions.refresh(text, '192.0.2.7'), { code: 'unauthorized' }, text)
    }
    t.ok(await sessions.identify(claims))
  })

  await t.test('signing out ends this session at once, and no other', async (t) => {
    const [one, two] = [await login(), await login()]
    const caller = await sessions.identify(one.claims)
    if (caller === undefined) throw new Error('one is signed in')

    await sessions.logout(caller, '192.0.2.7')

    t.equal(await sessions.identify(one.claims), undefined)
    t.equal(await sessions.identifyCookie(one.cookie), undefined)
    await t.rejects(sessions.refresh(one.refreshToken, '192.0.2.7'), { code: 'unauthorized' })
    t.ok(await sessions.identify(two.claims))
    t.match(await newest(), { action: 'session.logout', actor: { id: user.id } })
  })

  await t.test('what the command line changes beside the service counts within a second', async (t) => {
    const { claims } = await login()
    t.ok(await sessions.identify(claims))

    await withDatabase(dirname(file), (db) => updateUser(db, { id: user.id, disabledAt: 1 }))
    clock.time += 1_000
    t.equal(await sessions.identify(claims), undefined)
    await withDatabase(dirname(file), (db) => updateUser(db, { id: user.id, disabledAt: null }))
  })

  await t.test('a sign-in whose password was changed meanwhile does not become a session', async (t) => {
    const { id, version } = await store.read('findUserByName', 'ann') ?? { id: '', version: 0 }
    await users.change(id, { password: `${PASSWORD}!` }, NOBODY)

    const late = store.write('insertSession', { id: 'late', userId: id, version, cookieHash: 'c', refreshHash: 'r', address: '192.0.2.7', now: clock.time, expiresAt: clock.time + DAY })

    await t.rejects(late, WRONG)
    t.equal(await store.read('findSession', 'late'), undefined)
    await users.change(id, { password: PASSWORD }, NOBODY)
  })

  await t.test('the hundred-and-first session ends the one that was unused for longest', async (t) => {
    const { id, version } = await store.read('findUserByName', 'ann') ?? { id: '', version: 0 }
    for (let n = 0; n <= 100; n++) {
      await store.write('insertSession', { id: `many-${n}`, userId: id, version, cookieHash: `c${n}`, refreshHash: 'r', address: '192.0.2.7', now: clock.time + n, expiresAt: clock.time + DAY })
    }

    t.equal(await store.read('findSession', 'many-0'), undefined)
    for (const n of [1, 50, 100]) t.ok(await store.read('findSession', `many-${n}`), `session ${n}`)
  })

  await t.test('a password that was hashed at another cost is hashed anew at the next sign-in', async (t) => {
    const found = async () => (await store.read('findUserByName', 'ann'))?.passwordHash ?? ''
    const weak = hashSync(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
    await store.write('replaceHash', { id: user.id, from: await found(), to: weak })

    const { claims } = await login()

    t.match(await found(), /\$m=19456,t=2,p=1\$/)
    t.ok(await sessions.identify(claims), 'which ends no session')
    t.ok(await login())
  })
})
