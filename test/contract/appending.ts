import type { ReceiptSoFar, Rejection } from '../../schemas/submission.ts'
import { AppError } from '../../src/core/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { allEvents, appendAll, DAY_MS, HOUR, messagesOf, newEvent, newEvents, ownService, page, submission, type Group, type StoredEvent } from './given.ts'

export const SO_FAR: ReceiptSoFar = { accepted: 0, duplicates: 0, rejected: 0, items: [], notes: {}, all: false }

export const REJECTIONS: Rejection[] = [
  { index: 1, faults: [{ path: '/time', message: 'is no time' }, { path: '/a~1b', message: 'größe 😀' }], original: '{"time":"\u{1f600} never"' },
  { index: 3, faults: [{ path: '', message: 'is not an event' }], original: '' }
]

/** What a submission becomes: ids, duplicates, answers under a key, receipts, the reject box. */
export const appendGroup: Group = {
  partitionBytes: 1,
  cases: {
    'row ids grow in the order of receipt, over partitions, and tell the ms': async (t, store) => {
      const before = Date.now()
      const answers = await appendAll(store, [newEvents(3, () => ({})), [newEvent({ time: HOUR - DAY_MS })], [newEvent()]])

      const ids = answers.flatMap((answer) => answer.ids)

      t.equal(ids.length, 5)
      t.same(ids, [...new Set(ids)].sort((a, b) => a - b))
      t.ok(ids.every((id) => Number.isSafeInteger(id) && id >= before * 1024 && id < (Date.now() + 1) * 1024))
    },

    'an event of the same token, id and content is not stored again, and the answer names the first': async (t, store) => {
      const service = ownService()
      const send = (...clientIds: Array<string | null>) => clientIds.map((clientId) => newEvent({ clientId, service }))

      const [first, again, mixed] = await appendAll(store, [send('a', 'b', 'a', 'A'), send('b'), send('c', 'a', null, 'c')])

      t.same(first?.duplicates, [2])
      t.same(first?.ids.map((id) => first.ids.indexOf(id)), [0, 1, 0, 3])
      t.same(again, { ids: [first?.ids[1]], duplicates: [0], conflicts: [], renamed: [] })
      t.same(mixed?.duplicates, [1, 3])
      t.same([mixed?.ids[1], mixed?.ids[3]], [first?.ids[0], mixed?.ids[0]])
      t.equal((await ownEvents(store, service)).length, 5)
    },

    'every field but the time of receipt makes another content': async (t, store) => {
      const clientId = ownService()
      const differences = [{}, { time: HOUR + 1 }, { level: 'WARN' }, { service: 'x' }, { type: 'x' }, { host: 'x' }, { traceId: 'x' }, { message: 'x' }, { meta: '{"a":1}' }] as const
      const send = (isTimed: boolean) => differences.map((fields) => newEvent({ clientId, idHint: '"x"', isTimed, ...fields }))

      const [timed, again, untimed, later] = await appendAll(store, [send(true), send(true), send(false), send(false).map((event) => ({ ...event, time: event.time + 5 }))])

      t.same(timed?.duplicates, [])
      t.same(again?.ids, timed?.ids)
      t.same(untimed?.duplicates, [1], 'without a time of their own the first two are one')
      t.same(later?.ids, untimed?.ids)
    },

    "other content under a logger's id is stored as an event of its own, its id in meta": async (t, store) => {
      const [service, clientId] = [ownService(), ownService()]
      const send = (message: string, idHint: string, meta: string | null = null) => newEvent({ clientId, idHint, message, service, meta })

      const [answer] = await appendAll(store, [[send('a', '42'), send('b', '42'), send('c', '"x"', '{"id":1,"big":12345678901234567890}'), send('b', '42')]])

      t.match(answer, { duplicates: [3], conflicts: [], renamed: [1, 2, 3] })
      t.equal(answer?.ids[3], answer?.ids[1])
      t.same((await ownEvents(store, service)).reverse().map(({ message, clientId, meta }) => [message, clientId, meta]),
        [['a', clientId, null], ['b', null, '{"id":42}'], ['c', null, '{"id_2":"x","id":1,"big":12345678901234567890}']])
      t.match(await store.read('getEvent', clientId), { message: 'a' })
      t.match(await store.read('getEvent', String(answer?.ids[1])), { message: 'b' })
    },

    'other content under an event_id is a conflict: told, and not stored': async (t, store) => {
      const [service, clientId] = [ownService(), ownService()]
      const send = (message: string) => newEvent({ clientId, message, service })

      const [, answer] = await appendAll(store, [[send('a')], [send('a'), send('b'), newEvent({ service, message: 'c' })]])

      t.match(answer, { duplicates: [0], conflicts: [1], renamed: [] })
      t.equal(answer?.ids[1], 0)
      t.same(messagesOf(await ownEvents(store, service)), ['c', 'a'])
    },

    'two tokens never meet: each has its own ids, and the first is answered by its own': async (t, store) => {
      const [service, clientId] = [ownService(), ownService()]
      const event = newEvent({ clientId, service })
      const send = async (tokenId: string, fields: Partial<typeof event> = {}) => store.append(submission([{ ...event, ...fields }], { tokenId }))

      const answers = [await send('one'), await send('two'), await send('two', { message: 'other' }), await send('three', { message: 'other' }), await send('two')]

      t.same(answers.map(({ duplicates, conflicts, renamed }) => [duplicates, conflicts, renamed]),
        [[[], [], []], [[], [], [0]], [[], [0], []], [[], [], [0]], [[0], [], [0]]])
      t.equal(answers[4]?.ids[0], answers[1]?.ids[0])
      t.match(await store.read('getEvent', clientId), { id: answers[0]?.ids[0] })
      t.match(await store.read('getRow', answers[3]?.ids[0] ?? 0), { message: 'other', clientId: null, meta: JSON.stringify({ event_id: clientId }) })
    },

    'events of equal content without ids are all kept': async (t, store) => {
      const service = ownService()

      await appendAll(store, [newEvents(3, () => ({ service })), newEvents(2, () => ({ service }))])

      t.equal((await ownEvents(store, service)).length, 5)
    },

    'a repeated Idempotency-Key gives the first answer and stores nothing': async (t, store) => {
      const service = ownService()
      const sent = submission([newEvent({ clientId: service, service }), newEvent({ service })], { key: keyOf(service), receipt: SO_FAR, rejections: REJECTIONS })
      const [first, raced] = await Promise.all([store.append(sent), store.append(sent)])
      const again = await store.append(submission([newEvent({ service, message: 'not looked at' })], { key: keyOf(service) }))

      t.equal(first.replayed, undefined)
      t.same([raced, again], [{ ...first, replayed: true }, { ...first, replayed: true }])
      t.equal((await ownEvents(store, service)).length, 2)
      t.equal((await rejectedOf(store, first.receipt?.receipt)).length, 2)
    },

    'an Idempotency-Key with another body is refused, and nothing is stored': async (t, store) => {
      const service = ownService()
      const [newest] = await store.read('listRejected', { limit: 1, before: undefined })
      await store.append(submission([newEvent({ service })], { key: keyOf(service) }))
      const other = submission([newEvent({ service })], { key: { ...keyOf(service), bodyHash: 'other' }, receipt: SO_FAR, rejections: REJECTIONS })

      const refusal = await store.append(other).catch((error: unknown) => error)

      t.ok(refusal instanceof AppError && refusal.code === 'mismatch', String(refusal))
      t.equal((await ownEvents(store, service)).length, 1)
      t.same((await store.read('listRejected', { limit: 1, before: undefined }))[0], newest)
    },

    'keys of another token, another key and another part are independent': async (t, store) => {
      const service = ownService()
      const key = keyOf(service)
      const keys = [key, { ...key, tokenId: 'other' }, { ...key, key: key.key.toUpperCase() }, { ...key, part: 1 }, { ...key, part: -1 }]

      const answers = await Promise.all(keys.map((key) => store.append(submission([newEvent({ service })], { key }))))

      t.same(answers.map(({ replayed }) => replayed), keys.map(() => undefined))
      t.equal((await ownEvents(store, service)).length, keys.length)
    },

    'a receipt adds the last part to those before it, and is found again': async (t, store) => {
      const [known, fresh] = [ownService(), ownService()]
      await appendAll(store, [[newEvent({ clientId: known })]])
      const before = Date.now()
      const events = [newEvent({ clientId: fresh }), newEvent({ clientId: known }), newEvent(), newEvent({ clientId: known, message: 'other' })]
      const receipt: ReceiptSoFar = { accepted: 10, duplicates: 20, rejected: 30, items: [{ index: 4, id: 'z', status: 'duplicate' }], notes: {}, all: false }

      const answer = await store.append(submission(events, { indexes: [5, 7, 9, 11], rejections: REJECTIONS.map((one) => ({ ...one, index: one.index + 5 })), receipt }))
      const found = await store.read('findReceipt', answer.receipt?.receipt ?? '')

      t.match(answer.receipt, { receipt: /^\d+$/, accepted: 12, duplicates: 21, rejected: 33 })
      t.same(answer.receipt?.items.map(({ index, id, status }) => [index, id, status]), [
        [4, 'z', 'duplicate'], [6, undefined, 'rejected'], [7, known, 'duplicate'], [8, undefined, 'rejected'], [11, known, 'conflict']
      ])
      t.same(found?.receipt, answer.receipt)
      t.ok(found !== undefined && found.receivedAt >= before && found.receivedAt <= Date.now(), 'it tells when it was received')
    },

    'a receipt lists the accepted ones too when asked, and only a submission that asks gets one': async (t, store) => {
      const clientId = ownService()

      const { receipt, ids } = await store.append(submission([newEvent(), newEvent({ clientId })], { receipt: { ...SO_FAR, all: true } }))
      const without = await store.append(submission([newEvent()]))

      t.same(receipt?.items, [{ index: 0, id: String(ids[0]), status: 'accepted' }, { index: 1, id: clientId, status: 'accepted' }])
      t.equal(without.receipt, undefined)
      for (const id of ['', 'x', '-1', '0', '1e3', String(ids[0]), '9'.repeat(20)]) t.equal(await store.read('findReceipt', id), undefined, id)
    },

    'what was rejected is kept with its faults, listed newest first, page by page, and can be taken out': async (t, store) => {
      const { receipt } = await store.append(submission([newEvent()], { rejections: REJECTIONS, receipt: SO_FAR }))
      await store.append(submission([], { rejections: [{ index: 0, faults: [], original: 'alone' }] }))

      const [newest, second] = await store.read('listRejected', { limit: 2, before: undefined })
      const [third, ...older] = await store.read('listRejected', { limit: 1, before: second?.id })

      t.match(newest, { receipt: null, index: 0, faults: [], original: 'alone' })
      t.same([third, second].map((one) => [one?.receipt, one?.index, one?.faults, one?.original]),
        REJECTIONS.map(({ index, faults, original }) => [receipt?.receipt, index, faults, original]))
      t.same(older, [])
      t.same(await store.read('findRejected', third?.id ?? ''), third)
      await store.write('deleteRejected', { id: third?.id ?? '' })
      for (const id of [third?.id ?? '', 'x', '']) t.equal(await store.read('findRejected', id), undefined, id)
      t.same((await store.read('listRejected', { limit: 2, before: undefined })).map(({ id }) => id), [newest?.id, second?.id])
    },

    'a page ends where its limit says, and has a next one only when there is more': async (t, store) => {
      const service = ownService()
      await appendAll(store, [newEvents(10, (index) => ({ time: HOUR + index, service, message: service }))])

      for (const q of [`service:${service}`, `"${service}"`, `service~${service}`]) {
        for (const [limit, count, hasNext] of [[1, 1, true], [9, 9, true], [10, 10, false], [11, 10, false]] as const) {
          const { events, next, isCut } = await page(store, { q, limit })
          t.same([events.length, next !== undefined, isCut], [count, hasNext, false], `${q}, limit ${limit}`)
        }
      }
    },

    'events that arrive while somebody pages move nothing': async (t, store) => {
      const service = ownService()
      const q = `service~${service}`
      await appendAll(store, [0, 1, 2].map((group) => newEvents(3, (index) => ({ time: HOUR + 3 * group + index, service }))))
      const before = await allEvents(store, { q })

      const first = await page(store, { q, limit: 4 })
      await appendAll(store, [newEvents(3, () => ({ time: HOUR + 100, service }))])
      const second = await page(store, { q, limit: 10, cursor: first.next })

      t.same([...first.events, ...second.events], before)
    }
  }
}

function keyOf (key: string): { tokenId: string, key: string, part: number, bodyHash: string } {
  return { tokenId: 'token', key, part: 0, bodyHash: 'one' }
}

async function ownEvents (store: Store, service: string): Promise<StoredEvent[]> {
  return allEvents(store, { q: `service:${service}` })
}

async function rejectedOf (store: Store, receipt: string | null | undefined): Promise<unknown[]> {
  return (await store.read('listRejected', { limit: 1_000, before: undefined })).filter((one) => one.receipt === receipt)
}
