import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { SCOPES } from '../../schemas/words.ts'
import { AccessControl, isScope, newToken } from '../../src/access/access-control.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { insertToken, revokeToken } from '../../src/store/hot/access/tokens.ts'
import { buildStore } from '../helper.ts'

const START = Date.UTC(2026, 0, 1)

test('knowing who may do what', async (t) => {
  const { store, file } = await buildStore(t)
  const clock = { time: START, now: () => clock.time }
  const access = new AccessControl({ store, clock, opsApiToken: 'the-ops-token', metricsToken: 'the-metrics-token' })

  await t.test('METRICS_TOKEN may read the metrics and nothing else, and a reader may too', async (t) => {
    const scraper = await access.identify('the-metrics-token')
    const reader = await access.identify('the-ops-token')

    t.doesNotThrow(() => access.authorise(scraper, 'metrics'))
    t.doesNotThrow(() => access.authorise(reader, 'metrics'))
    t.throws(() => access.authorise(scraper, 'read'), { code: 'forbidden' })
    t.throws(() => access.authorise(undefined, 'metrics'), { code: 'unauthorized', message: /METRICS_TOKEN/ })
  })

  await t.test('a token that was made is known by its secret, with its scopes', async (t) => {
    const { id, secret } = await access.create({ name: 'shipper', scopes: ['ingest', 'metrics'], expiresAt: null })

    t.match(secret, /^bw_[\w-]{43}$/)
    t.same(await access.identify(secret), { kind: 'token', id, tokenId: id, name: 'shipper', scopes: ['ingest', 'metrics'] })
    t.equal(await access.identify(`${secret}x`), undefined)
    t.equal(await access.identify(''), undefined)
  })

  await t.test('OPS_API_TOKEN may send and read, and nothing but its whole text is it', async (t) => {
    t.same(await access.identify('the-ops-token'), { kind: 'token', id: 'ops', tokenId: 'ops', name: 'OPS_API_TOKEN', scopes: ['ingest', 'read'] })
    for (const text of ['the-ops-toke', 'the-ops-token ', 'The-Ops-Token']) t.equal(await access.identify(text), undefined, text)
  })

  await t.test('a revoked token is refused within a second, though it was just used', async (t) => {
    const { id, secret } = await access.create({ name: 'gone', scopes: ['read'], expiresAt: null })
    t.ok(await access.identify(secret))

    await store.write('revokeToken', { id, now: clock.time })
    clock.time += 1_000

    t.equal(await access.identify(secret), undefined)
    t.equal(await store.write('revokeToken', { id, now: clock.time }), false, 'it cannot be revoked twice')
  })

  await t.test('a token that the command line made or revoked beside the service counts within a second', async (t) => {
    const { record, secret } = newToken({ name: 'cli', scopes: ['read'], expiresAt: null }, clock.time)
    t.equal(await access.identify(secret), undefined)

    await withDatabase(dirname(file), (db) => insertToken(db, record))
    clock.time += 1_000
    t.match(await access.identify(secret), { name: 'cli' })
    await withDatabase(dirname(file), (db) => revokeToken(db, { id: record.id, now: clock.time }))
    clock.time += 1_000

    t.equal(await access.identify(secret), undefined)
  })

  await t.test('a token ends with the ms of its expiry, remembered or not', async (t) => {
    const { secret } = await access.create({ name: 'short', scopes: ['read'], expiresAt: clock.time + 100 })
    const isGood = async () => await access.identify(secret) !== undefined

    t.ok(await isGood())
    clock.time += 99
    t.ok(await isGood())
    clock.time += 1
    t.notOk(await isGood())
  })

  await t.test('a flood of wrong secrets does not make it forget who is good', async (t) => {
    const { secret } = await access.create({ name: 'steady', scopes: ['read'], expiresAt: null })

    await Promise.all(Array.from({ length: 1_500 }, (_, n) => access.identify(`wrong ${n}`)))

    t.ok(await access.identify(secret))
  })

  await t.test('nobody is unauthorized, somebody without the scope forbidden, admin may all, and open is for all', async (t) => {
    const caller = { kind: 'token' as const, id: '1', tokenId: '1', name: 'n', scopes: ['read' as const] }

    t.throws(() => access.authorise(undefined, 'read'), { code: 'unauthorized' })
    t.throws(() => access.authorise(caller, 'ingest'), { code: 'forbidden', message: 'the token "n" has the scopes read; this needs ingest' })
    access.authorise(undefined, 'open')
    access.authorise(caller, 'read')
    for (const scope of SCOPES) access.authorise({ ...caller, scopes: ['admin'] }, scope)
  })

  await t.test('when a token was last used is written down now and then', async (t) => {
    const { id, secret } = await access.create({ name: 'used', scopes: ['read'], expiresAt: null })
    await access.identify(secret)
    const usedAt = clock.time
    const lastUse = async () => (await store.read('listTokens', undefined)).find((token) => token.id === id)?.lastUsedAt

    t.equal(await lastUse(), null)
    await access.noteUses()
    t.equal(await lastUse(), usedAt)
    clock.time += 10
    await access.noteUses()
    t.equal(await lastUse(), usedAt, 'what was noted is not noted again')
  })

  await t.test('only the hash of a secret is kept', async (t) => {
    const { secret } = await access.create({ name: 'hidden', scopes: ['read'], expiresAt: null })

    const [token] = (await store.read('listTokens', undefined)).filter(({ name }) => name === 'hidden')
    t.match(token?.hash, /^[0-9a-f]{64}$/)
    for (const name of readdirSync(dirname(file))) {
      t.notOk(readFileSync(join(dirname(file), name)).includes(secret), name)
    }
    t.equal(await access.count(), (await store.read('listTokens', undefined)).length)
  })
})

test('a scope is one of the four words', async (t) => {
  for (const scope of SCOPES) t.ok(isScope(scope))
  for (const text of ['', 'Read', 'open', 'root', 'read ']) t.notOk(isScope(text), text)
})
