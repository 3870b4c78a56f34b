import type { ReadValue } from '../../src/store/store.ts'
import { appendAll, DAY_MS, HOUR, newEvent, newEvents, ownService, pageArgs, submission, type Group } from './given.ts'

type Answered = ReadValue<'countEvents'>

/** What rules count: events by their receipt, whatever time they bear. */
export const receivedGroup: Group = {
  partitionBytes: 1,
  cases: {
    'events count when they were received, late and early ones too, over partitions': async (t, store) => {
      const service = ownService()
      const answers = await appendAll(store, [0, HOUR - DAY_MS, HOUR + 30 * DAY_MS, HOUR].map((time) => newEvents(2, () => ({ time, service }))))
      const ids = answers.flatMap((answer) => answer.ids)
      const { where } = pageArgs({ q: `service:${service}` })
      const received = { from: receiptOf(ids[0]), to: receiptOf(ids.at(-1)) }
      const count = async (range: typeof received) => store.read('countEvents', { where, received: range, groupBy: [], most: 9 })

      t.same(await count(received), { rows: [{ labels: {}, value: 8 }], other: 0 })
      t.same(await count({ from: 0, to: received.from - 1 }), { rows: [], other: 0 })
      t.same(await count({ from: received.to + 1, to: received.to + DAY_MS }), { rows: [], other: 0 })
      t.same((await store.read('newestReceived', { where, received, limit: 3 })).map(({ id }) => id), ids.toReversed().slice(0, 3))
    },

    'events that were imported are kept, and not counted': async (t, store) => {
      const service = ownService()
      const old = newEvents(2, () => ({ service, time: HOUR - 40 * DAY_MS }))
      const near = newEvents(2, () => ({ service }))
      const { ids: [first] } = await store.append(submission(near.slice(0, 1)))
      await store.append(submission([...old, ...near], { isImport: true }))
      const { ids: [last] } = await store.append(submission(near.slice(0, 1)))
      const request = { where: pageArgs({ q: `service:${service}` }).where, received: { from: receiptOf(first), to: receiptOf(last) } }

      t.same(await store.read('countEvents', { ...request, groupBy: [], most: 9 }), { rows: [{ labels: {}, value: 2 }], other: 0 })
      t.same((await store.read('newestReceived', { ...request, limit: 9 })).map(({ id }) => id), [last, first])
      t.equal((await store.read('pageEvents', pageArgs({ q: `service:${service}` }))).events.length, 6)
    },

    'groups come with the most events first, and the rest is told as other': async (t, store) => {
      const service = ownService()
      const hosts = ['a', 'größe', 'größe', null, null, null]
      const [answer] = await appendAll(store, [hosts.map((host) => newEvent({ service, host, level: host === null ? 'WARN' : 'ERROR' }))])
      const received = { from: receiptOf(answer?.ids[0]), to: receiptOf(answer?.ids.at(-1)) }
      const count = async (groupBy: string[], most: number): Promise<Answered> =>
        store.read('countEvents', { where: pageArgs({ q: `service:${service}` }).where, received, groupBy, most })

      t.same(await count(['host', 'level'], 2), {
        rows: [{ labels: { host: '', level: 'WARN' }, value: 3 }, { labels: { host: 'größe', level: 'ERROR' }, value: 2 }], other: 1
      })
      t.same((await count(['host'], 9)).rows.map(({ labels, value }) => [labels.host, value]), [['', 3], ['größe', 2], ['a', 1]])
      await t.rejects(count(['nothing'], 9), { code: 'invalid' })
    },

    'a count that is out of time is refused': async (t, store) => {
      await appendAll(store, [newEvents(3, () => ({}))])
      const received = { from: 0, to: Date.now() + DAY_MS }

      await t.rejects(store.read('countEvents', { where: undefined, received, groupBy: [], most: 9 }, { timeoutMs: 0 }), { code: 'timeout' })
    }
  }
}

function receiptOf (id: number | undefined): number {
  return Math.floor((id ?? 0) / 1024)
}
