import type { ReadArgs, Store } from '../../src/store/store.ts'
import { SO_FAR } from './appending.ts'
import { allEvents, appendAll, cut, DAY_MS, EVER, HOUR, newEvent, newEvents, ownService, page, submission, type Group, type StoredEvent } from './given.ts'
import { compareHistograms } from './queries.ts'
import { someEvents } from './random.ts'

/** What is dropped, and what is left then. The newest partition of a case is the oldest of the next. */
export const retentionGroup: Group = {
  partitionBytes: 1,
  cases: {
    'retention by age drops whole partitions by their receipt, never the newest': async (t, store) => {
      const service = ownService()
      await appendAll(store, [0, 1, 2, 3].map((at) => [newEvent({ service, time: at })]))
      const now = Date.now()

      const kept = await store.write('retain', { now, maxAgeMs: DAY_MS })
      const dropped = await store.write('retain', { now: now + DAY_MS + 1_000, maxAgeMs: DAY_MS })
      const again = await store.write('retain', { now: now + 100 * DAY_MS, maxAgeMs: DAY_MS })

      t.same(kept.dropped, [], 'an old event that came today stays')
      t.equal(dropped.dropped.length, 3)
      t.same(again.dropped, [])
      t.same((await allEvents(store)).map(({ time }) => time), [3])
      t.equal((await store.read('partitions', undefined)).length, 1)
    },

    'retention by bytes drops the oldest partitions until the rest fits': async (t, store) => {
      const service = ownService()
      const filler = 'x'.repeat(30_000)
      await dropAllButNewest(store)
      await appendAll(store, [0, 1, 2].map((time) => newEvents(40, () => ({ service, time, message: filler }))))
      const used = await usedBytes(store)

      const dropped = await keepTo(store, used - 1_000_000)

      t.equal(dropped.length, 2, 'the one before this case, which is too small, and the oldest')
      t.ok(await usedBytes(store) <= used - 1_000_000)
      t.same([...new Set((await allEvents(store, { order: 'asc' })).map(({ time }) => time))], [1, 2])
      t.equal((await keepTo(store, 0)).length, 1, 'but not the newest')
    },

    'with a partition go its events, words, counts and ids; what is left is all found': async (t, store) => {
      const names = [ownService(), ownService(), ownService()]
      const answers = await appendAll(store, names.map((name, at) => [newEvent({ message: name, clientId: name, time: HOUR + at, service: name })]))

      await dropAllButNewest(store)

      for (const [at, name] of names.entries()) {
        const isLeft = at === 2
        for (const q of [`"${name}"`, `service:${name}`, `message~${name}`]) t.equal((await page(store, { q })).events.length, isLeft ? 1 : 0, q)
        t.equal((await store.read('getEvent', name))?.id, isLeft ? answers[at]?.ids[0] : undefined)
      }
      t.same((await store.read('facets', { where: undefined, range: EVER, field: 'service', limit: 9 })).values, [{ value: names[2], count: 1 }])
      t.equal((await store.read('eventsSince', { after: 0, where: undefined, limit: 9 })).length, 1)
      t.equal((await page(store, { total: 'exact' })).total.count, 1)
    },

    'histograms count what retention left': async (t, store) => {
      await appendAll(store, cut(someEvents(100, 3), 4))

      await dropAllButNewest(store)

      t.equal((await allEvents(store)).length, 25)
      await compareHistograms(t, store)
    },

    'an id that retention freed may be sent and stored again': async (t, store) => {
      const names = [ownService(), ownService()]
      const send = () => names.map((clientId) => newEvent({ clientId }))
      await appendAll(store, send().map((event) => [event]))

      await dropAllButNewest(store)
      const [answer] = await appendAll(store, [send()])

      t.same(answer?.duplicates, [1])
    },

    'events of a level or a service can go earlier, with their words, counts and ids; the others are all found': async (t, store) => {
      const [service, other] = [ownService(), ownService()]
      await dropAllButNewest(store)
      await appendAll(store, [
        someEvents(2_500, 5).map((event, at) => ({ ...event, service: at % 3 === 0 ? service : other, clientId: at % 2 === 0 ? `${service}-${at}` : null, message: `${event.message} ${service}` })),
        [newEvent({ service, level: 'DEBUG' })]
      ])
      const before = await allEvents(store)
      const [newest] = before.toSorted((a, b) => b.id - a.id)
      const soon = Date.now() + 1_000
      const isGone = (event: StoredEvent) => event.id !== newest?.id && (event.level === 'DEBUG' || (event.service === service && event.level === 'INFO'))

      await thinAll(store, { level: 'DEBUG', before: 0 })
      t.same(await allEvents(store), before, 'what is younger stays')
      await thinAll(store, { level: 'DEBUG', before: soon })
      await thinAll(store, { level: 'INFO', service, before: soon })
      t.equal(await store.read('partitionToThin', { level: 'DEBUG', before: soon }), undefined, 'the newest partition is left alone')

      const left = before.filter((event) => !isGone(event))
      t.ok(left.length < before.length && left.some(({ level }) => level === 'INFO'))
      t.same(await allEvents(store), left)
      t.equal((await page(store, { q: service, total: 'exact' })).total.count, left.filter(({ message }) => message.includes(service)).length)
      const freed = before.find((event) => isGone(event) && event.clientId !== null)
      t.equal(await store.read('getEvent', freed?.clientId ?? ''), undefined)
      t.same((await store.append(submission([newEvent({ clientId: freed?.clientId ?? '' })]))).duplicates, [])
      await compareHistograms(t, store)
    },

    'a slice of a partition that is gone meanwhile is done': async (t, store) => {
      t.equal(await store.write('thin', { n: 9_999, after: 0, level: 'DEBUG' }), undefined)
    },

    'retention forgets answers under keys after a day, receipts with their events, and the oldest of a full reject box': async (t, store) => {
      const key = { tokenId: 'token', key: 'k', part: 0, bodyHash: 'one' }
      const reject = (count: number) => submission([], { rejections: newEvents(count, () => ({})).map((_, index) => ({ index, faults: [], original: '' })) })
      const { receipt } = await store.append(submission([newEvent()], { key, receipt: SO_FAR }))
      await store.append(reject(3))
      await store.append(reject(10_000))
      const now = Date.now()
      const retainAt = (ms: number) => store.write('retain', { now: ms, maxAgeMs: 30 * DAY_MS })
      const newest = await store.read('listRejected', { limit: 10_000, before: undefined })

      await retainAt(now + DAY_MS - 60_000)
      const replay = await store.append(submission([newEvent()], { key }))
      await retainAt(now + DAY_MS + 60_000)
      const fresh = await store.append(submission([newEvent()], { key }))
      const found = await store.read('findReceipt', receipt?.receipt ?? '')
      await retainAt(now + 31 * DAY_MS)

      t.equal(replay.replayed, true)
      t.equal(fresh.replayed, undefined)
      t.same(found?.receipt, receipt)
      t.equal(await store.read('findReceipt', receipt?.receipt ?? ''), undefined)
      t.same(await store.read('listRejected', { limit: 20_000, before: undefined }), newest, 'the newest 10,000 stay')
    }
  }
}

async function dropAllButNewest (store: Store): Promise<void> {
  await keepTo(store, 0)
}

/** Goes on until the budget is kept, or as near as it comes. Answers which partitions went. */
async function keepTo (store: Store, maxBytes: number): Promise<number[]> {
  const dropped: number[] = []
  for (;;) {
    const step = await store.write('keepBudget', { maxBytes })
    if (step.dropped !== undefined) dropped.push(step.dropped)
    if (step.isDone) return dropped
  }
}

/** Deletes events of a kind as upkeep does: slice by slice, until no partition has any. */
async function thinAll (store: Store, kind: ReadArgs<'partitionToThin'>): Promise<void> {
  const { before, ...which } = kind
  for (let n = await store.read('partitionToThin', kind); n !== undefined; n = await store.read('partitionToThin', kind)) {
    for (let after: number | undefined = 0; after !== undefined;) after = await store.write('thin', { ...which, n, after })
  }
}

async function usedBytes (store: Store): Promise<number> {
  return (await store.write('space', undefined)).usedBytes
}
