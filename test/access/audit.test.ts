import { test } from 'tap'
import { AUDIT_DETAILS, type AuditQuery } from '../../schemas/audit.ts'
import { Audit } from '../../src/access/audit.ts'
import { buildStore } from '../helper.ts'

const START = Date.UTC(2026, 0, 1)
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
