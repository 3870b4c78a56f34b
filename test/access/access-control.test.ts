import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { AUDIT_DETAILS, type AuditQuery } from '../../schemas/audit.ts'
import { SCOPES } from '../../schemas/words.ts'
import { AccessControl, isScope, newToken } from '../../src/access/access-control.ts'
import { Audit } from '../../src/access/audit.ts'
import { insertToken, revokeToken } from '../../src/store/hot/access/tokens.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
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

const ANN = { kind: 'user', id: 'u1', name: 'ann' } as const
const SHIPPER = { kind: 'token', id: 't1', name: 'shipper' } as const

test('writing down who did what', async (t) => {
  const { store } = await buildStore(t)
  const clock = { time: START, now: () => clock.time }
  const audit = new Audit({ store, clock })
  const targets = async (query: AuditQuery = {}) => (await audit.list(query)).entries.map(({ target }) => target)

  await t.test('an entry says who, what, when and from where', async (t) => {
    await audit.record({ action: 'token.create', actor: ANN, from: '10.0.0.1', target: 't9', detail: { name: 'backup', scopes: ['read'] } })

    const { entries, next } = await audit.list({})

    t.match(entries, [{ id: '1', time: '2026-01-01T00:00:00.000Z', action: 'token.create', actor: ANN, from: '10.0.0.1', target: 't9', detail: { name: 'backup', scopes: ['read'] }, hash: /^[0-9a-f]{64}$/ }])
    t.equal(next, null)
  })

  await t.test('one who was not signed in is nobody, and the command line has no address', async (t) => {
    await audit.record({ action: 'session.failed', actor: undefined, from: undefined })

    t.match((await audit.list({ limit: 1 })).entries, [{ actor: null, from: null, target: null, detail: {} }])
  })

  await t.test('a detail that the action does not have is not kept, whatever it holds, nor what else an actor has', async (t) => {
    const careless = { role: 'admin', password: 'hunter2hunter2', secret: 'bw_x' }
    await audit.record({ action: 'user.create', actor: { ...ANN, ...careless }, from: '::1', target: 'u2', detail: careless })

    const [entry] = (await audit.list({ limit: 1 })).entries
    t.same(entry?.detail, { role: 'admin' })
    t.same(entry?.actor, ANN)
    t.notMatch(JSON.stringify(await audit.list({})), /hunter2|bw_x/)
  })

  await t.test('no action has a detail whose name is that of a secret', async (t) => {
    const names = Object.values(AUDIT_DETAILS).flatMap((details): readonly string[] => details)

    for (const name of new Set(names)) t.notMatch(name, /secret|hash|cookie|credential|refresh/, name)
  })

  await t.test('a long text is cut, and one that is not well-formed becomes so', async (t) => {
    await audit.record({ action: 'token.revoke', actor: { ...SHIPPER, name: `\ud800${'x'.repeat(1_000)}` }, from: '::1', target: 'y'.repeat(511) + '\u{1F600}' })

    const [entry] = (await audit.list({ limit: 1 })).entries
    t.match(entry?.actor?.name, /^\ufffdx{511}\.\.\.$/)
    t.equal(entry?.target, `${'y'.repeat(511)}\ufffd...`)
  })

  await t.test('entries are found by time, actor and action, and page by page', async (t) => {
    for (let n = 0; n < 10; n++) {
      clock.time = START + 1_000 * (n + 1)
      await audit.record({ action: n % 2 === 0 ? 'session.login' : 'session.logout', actor: n < 5 ? ANN : SHIPPER, from: '::1', target: `n${n}` })
    }
    const at = (n: number) => new Date(START + 1_000 * (n + 1)).toISOString()

    t.same(await targets({ limit: 3 }), ['n9', 'n8', 'n7'])
    t.same(await targets({ from: at(6), to: at(8) }), ['n8', 'n7', 'n6'])
    t.same(await targets({ from: '-2s' }), ['n9', 'n8', 'n7'])
    t.same(await targets({ actor: 'shipper', action: 'session.login' }), ['n8', 'n6'])
    t.same(await targets({ actor: 't1', action: 'session.logout' }), ['n9', 'n7', 'n5'])
    t.same(await targets({ action: 'session.login, session.logout', from: at(8) }), ['n9', 'n8'])
    t.same(await targets({ actor: 'nobody' }), [])

    const pages: Array<string | null> = []
    let cursor: string | undefined
    do {
      const page = await audit.list({ action: 'session.login,session.logout', limit: 4, ...(cursor === undefined ? {} : { cursor }) })
      pages.push(...page.entries.map(({ target }) => target))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    t.same(pages, Array.from({ length: 10 }, (_, n) => `n${9 - n}`))
  })

  await t.test('a bad time or an unknown action is refused with its path', async (t) => {
    await t.rejects(audit.list({ from: 'yesterday' }), { code: 'invalid', faults: [{ path: 'from' }] })
    await t.rejects(audit.list({ action: 'session.login,root' }), { code: 'invalid', faults: [{ path: 'action', message: /"root" is no action/ }] })
    await t.rejects(audit.list({ action: 'constructor' }), { code: 'invalid' })
  })
})
