import type { Group } from './given.ts'
import { allEvents, appendAll, cut, EVER, HOUR, messagesOf, newEvent, newEvents, ownService, pageArgs, type StoredEvent } from './given.ts'

const METAS = [
  { a: { b: 'x' } }, { 'a.b': 'x' }, { a: { b: 'y' }, 'a.b': 'x' }, { a: 1 }, { a: { b: null } },
  { a: { b: true } }, { a: { b: 500 } }, { a: { b: '500' } }, { a: { b: 'true' } }
]

/** One event by its id, its neighbours, values of meta, tokens. */
export const lookupGroup: Group = {
  partitionBytes: 1,
  cases: {
    "an event is found by the id it is answered with: the sender's, or else its row id": async (t, store) => {
      const [first, second] = await appendAll(store, [[newEvent({ message: 'plain' }), newEvent({ clientId: 'größe/1' })], [newEvent({ clientId: 'b' })]])
      const [plain = 0, named = 0] = first?.ids ?? []

      t.match(await store.read('getEvent', String(plain)), { id: plain, message: 'plain', clientId: null })
      t.match(await store.read('getEvent', 'größe/1'), { id: named })
      t.match(await store.read('getEvent', 'b'), { id: second?.ids[0] })
      t.equal(await store.read('getEvent', String(named)), undefined, 'an event with an id of its own has no other')
      for (const id of ['', 'B', '0', '-1', '1.5', '1e3', String(plain + 1_000_000), '9'.repeat(16), '9'.repeat(100), '%', "' OR 1=1 --"]) {
        t.equal(await store.read('getEvent', id), undefined, id)
      }
    },

    'an id that a sender gave takes over no row, neither one that is there nor one to come': async (t, store) => {
      const service = ownService()
      const [first] = await appendAll(store, [[newEvent({ message: 'row', service })]])
      const rowId = String(first?.ids[0])
      const toCome = String((first?.ids[0] ?? 0) + 3_600_000 * 1024)
      const send = (clientId: string) => newEvent({ message: 'impostor', clientId, idHint: clientId, service })

      const [answer] = await appendAll(store, [[send(rowId), send(toCome), send(rowId)]])

      t.match(answer, { duplicates: [2], renamed: [0, 1, 2] })
      t.match(await store.read('getEvent', rowId), { message: 'row' })
      t.match((await store.read('eventContext', { id: rowId, before: 1, after: 1 }))?.event, { message: 'row' })
      t.equal(await store.read('getEvent', toCome), undefined)
      t.match(await store.read('getEvent', String(answer?.ids[1])), { message: 'impostor', meta: `{"id":${toCome}}` })
      t.same(messagesOf(await allEvents(store, { q: `service:${service}` })), ['impostor', 'impostor', 'row'], 'all are in the pages')
    },

    'the context of an event are its neighbours in time of the same service and host': async (t, store) => {
      const [one, other] = [ownService(), ownService()]
      const sources = [{ service: one, host: other }, { service: other, host: one }, { service: one, host: null }, { service: null, host: one }]
      await appendAll(store, cut(newEvents(40, (index) => ({ time: HOUR + (index * 7) % 12, ...sources[index % 4] })), 4))
      const all = await allEvents(store, { q: `service:${one},${other} OR host:${one}`, order: 'asc' })

      for (const event of all) {
        const same = all.filter(({ service, host }) => service === event.service && host === event.host)
        const at = same.findIndex(({ id }) => id === event.id)
        const found = await store.read('eventContext', { id: String(event.id), before: 3, after: 2 })
        t.same(found, { before: same.slice(Math.max(0, at - 3), at), event, after: same.slice(at + 1, at + 3) })
      }
      t.equal(all.length, 40)
      t.same(await store.read('eventContext', { id: String(all[20]?.id), before: 0, after: 0 }), { before: [], event: all[20], after: [] })
      t.equal(await store.read('eventContext', { id: 'nobody', before: 1, after: 1 }), undefined)
    },

    'events without a service and a host are neighbours of each other': async (t, store) => {
      const answers = await appendAll(store, [0, 1, 2].map((at) => [newEvent({ time: at })]))

      const context = await store.read('eventContext', { id: String(answers[1]?.ids[0]), before: 5, after: 1 })

      t.same([idOf(context?.before), idOf(context?.after)], [answers[0]?.ids, answers[2]?.ids])
    },

    'facets of meta count each value that a query on the same name finds': async (t, store) => {
      const service = ownService()
      await appendAll(store, cut(newEvents(METAS.length, (index) => ({ service, meta: JSON.stringify(METAS[index]) })), 2))
      const { where } = pageArgs({ q: `service:${service}` })

      const { values, other } = await store.read('facets', { where, range: EVER, field: { meta: 'a.b' }, limit: 10 })

      t.same(values.map(({ value, count }) => `${value} ${count}`).sort(), ['500 2', 'true 2', 'x 2', 'y 1'])
      t.equal(other, 0)
      for (const { value, count } of values) {
        t.equal((await allEvents(store, { q: `service:${service} meta.a.b:${value}` })).length, count, `meta.a.b:${value}`)
      }
    },

    'tokens are found by their hash, listed, touched and revoked once': async (t, store) => {
      const token = { id: 'b', name: 'größe', hash: 'h1', prefix: 'bw_abcdef', createdBy: 'ann', scopes: ['ingest', 'read'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: 2 ** 41, revokedAt: null, lastUsedAt: null }
      const other = { ...token, id: 'a', hash: 'h2', scopes: ['admin'], createdAt: 1, expiresAt: null }
      await store.write('insertToken', token)
      await store.write('insertToken', other)
      await t.rejects(store.write('insertToken', { ...token, id: 'c' }), 'a hash belongs to one token')

      await store.write('touchTokens', [{ id: 'b', at: 7 }, { id: 'nobody', at: 8 }])
      const revoked = [
        await store.write('revokeToken', { id: 'a', now: 9 }),
        await store.write('revokeToken', { id: 'a', now: 10 }),
        await store.write('revokeToken', { id: 'x', now: 9 })
      ]

      t.same(revoked, [true, false, false])
      t.same(await store.read('findToken', 'h1'), { ...token, lastUsedAt: 7 })
      t.same(await store.read('listTokens', undefined), [{ ...other, revokedAt: 9 }, { ...token, lastUsedAt: 7 }])
      t.equal(await store.read('findToken', 'h'), undefined)
    }
  }
}

function idOf (events: readonly StoredEvent[] | undefined): number[] | undefined {
  return events?.map(({ id }) => id)
}
