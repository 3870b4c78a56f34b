import { AppError } from '../../src/core/errors.ts'
import { allEvents, allPages, appendAll, cut, DAY_MS, EVER, HOUR, idsOf, newEvent, newEvents, page, pageArgs, type Group } from './given.ts'
import { histogramArgs } from './queries.ts'

const COUNT = 10_500
const SPREAD = { from: HOUR, to: HOUR + COUNT }
const TIED = { from: HOUR - DAY_MS - 1, to: HOUR - DAY_MS + 1 }

/** So many events that they are not searched in one step: counts, deadlines, callers who leave. */
export const manyEventsGroup: Group = {
  partitionBytes: 1e9,
  given: async (store) => {
    const spread = newEvents(COUNT, (index) => ({
      time: HOUR + index, service: 'api', level: index % 50 === 0 ? 'ERROR' : 'INFO', message: index % 500 === 0 ? 'rare thing' : 'usual thing'
    }))
    const tied = newEvents(COUNT, () => ({ time: HOUR - DAY_MS }))
    await appendAll(store, [[newEvent({ time: TIED.from, level: 'WARN' }), newEvent({ time: TIED.to, level: 'WARN' })], ...cut(tied, 2), ...cut(spread, 2)])
  },
  cases: {
    'a total is exact when asked, is capped else, and counts the whole range whatever the cursor': async (t, store) => {
      const total = async (args: Parameters<typeof page>[1]) => (await page(store, { limit: 1, range: SPREAD, ...args })).total

      t.same(await total({ total: 'exact' }), { count: COUNT, capped: false })
      t.same(await total({ total: 'exact', cursor: { time: HOUR + 5, id: 0 } }), { count: COUNT, capped: false })
      t.same(await total({ total: 'exact', q: 'level:error service:api' }), { count: COUNT / 50, capped: false })
      t.same(await total({ total: 'capped', range: { from: HOUR, to: HOUR + 9 } }), { count: 10, capped: false })
      const capped = await total({ total: 'capped' })
      t.equal(capped.capped, true)
      t.ok(capped.count <= 10_001, 'counting ends at the cap')
      t.equal((await total({ total: 'none' })).capped, true)
    },

    'a query that is out of time answers what it has, and its cursor goes on to the end': async (t, store) => {
      for (const order of ['asc', 'desc'] as const) {
        const expected = await allEvents(store, { q: 'level:error', order, range: SPREAD })
        const pages = await allPages(store, { q: 'level:error', order, range: SPREAD }, { timeoutMs: 0, most: 50 })

        t.equal(expected.length, COUNT / 50)
        t.ok(pages.length > 1 && pages.slice(0, -1).every(({ isCut }) => isCut), `${pages.length} pages, all but the last cut`)
        t.same(pages.flatMap(({ events }) => events), expected, order)
      }
    },

    'a query over more events of one time than a step takes goes on, too': async (t, store) => {
      for (const order of ['asc', 'desc'] as const) {
        for (const range of [TIED, EVER]) {
          const found = await allEvents(store, { q: 'level:warn', order, range }, { timeoutMs: 0, most: 50 })

          t.equal(found.length, 2, `${order} ${JSON.stringify(range)}`)
        }
      }
    },

    'a search for words that is out of time goes on by its cursor, too': async (t, store) => {
      const expected = idsOf(await allEvents(store, { q: 'rare' }))
      const found = idsOf(await allEvents(store, { q: 'rare' }, { timeoutMs: 0, most: 50 }))

      t.equal(expected.length, COUNT / 500)
      t.same(found, expected)
    },

    'counts that are out of time say which part of the range, the newest, they are of': async (t, store) => {
      const late = { timeoutMs: 0 }
      const inPart = async (part: typeof SPREAD, q: string) => (await page(store, { q, range: part, limit: 1, total: 'exact' })).total.count

      for (const q of ['usual', 'host:x OR usual']) {
        const { bins, partial = SPREAD } = await store.read('histogram', { ...histogramArgs(q, { binMs: 60_000, from: HOUR, bins: 1 }), range: SPREAD }, late)
        t.ok(partial.from > SPREAD.from && partial.to === SPREAD.to, JSON.stringify(partial))
        t.same([...bins], [[HOUR, countsOf(await inPart(partial, `level:error (${q})`), await inPart(partial, `level:info (${q})`))]])
      }
      const { values, missing, partial = EVER } = await store.read('facets', { where: undefined, range: EVER, field: 'service', limit: 10 }, late)
      t.ok(partial.from > SPREAD.from, JSON.stringify(partial))
      t.same([values, missing], [[{ value: 'api', count: await inPart(partial, '') }], 0])
      const { total } = await page(store, { q: 'usual', range: SPREAD, limit: 1, total: 'exact' }, late)
      t.same(total, { count: await inPart(total.partial ?? SPREAD, 'usual'), capped: true, partial: total.partial })
      t.ok((total.partial?.from ?? 0) > SPREAD.from)
    },

    'a query is ended when its caller leaves': async (t, store) => {
      const leaving = new AbortController()

      const running = store.read('pageEvents', pageArgs({ q: 'message~nowhere', total: 'exact' }), { signal: leaving.signal }).catch((error: unknown) => error)
      leaving.abort()
      const late = store.read('pageEvents', pageArgs(), { signal: AbortSignal.abort() }).catch((error: unknown) => error)

      for (const ended of [await running, await late]) t.ok(ended instanceof AppError && ended.code === 'timeout', String(ended))
      t.equal((await page(store, { limit: 5 })).events.length, 5, 'and others are answered')
    },

    'pages of frequent words join to the whole, too': async (t, store) => {
      for (const order of ['asc', 'desc'] as const) {
        const pages = await allPages(store, { q: 'thing -rare', limit: 700, order })
        const found = idsOf(pages.flatMap(({ events }) => events))

        t.equal(found.length, COUNT - COUNT / 500)
        t.same(found, [...new Set(found)].sort((a, b) => order === 'asc' ? a - b : b - a))
      }
    }
  }
}

function countsOf (errors: number, infos: number): Record<string, number> {
  return { ERROR: errors, INFO: infos }
}
