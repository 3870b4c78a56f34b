import { deepEqual } from 'node:assert/strict'
import SqliteDatabase from 'better-sqlite3'
import fc from 'fast-check'
import { sql } from 'kysely'
import { test, type Test } from 'tap'
import { receivedAt } from '../../../../src/core/row-ids.ts'
import { matcher } from '../../../../src/query/match.ts'
import { parseQuery } from '../../../../src/query/parse.ts'
import type { ReadContext } from '../../../../src/store/hot/contexts.ts'
import { dayOf, FAR_MS, type Partition, PARTITION_KINDS } from '../../../../src/store/hot/days/partitions.ts'
import { Appender } from '../../../../src/store/hot/events/appender.ts'
import { eventColumns, fetchEvents } from '../../../../src/store/hot/events/event-rows.ts'
import { condition } from '../../../../src/store/hot/events/filter.ts'
import { eventsSince } from '../../../../src/store/hot/events/lookup.ts'
import { NameBook } from '../../../../src/store/hot/events/names.ts'
import { pageEvents, type PageRequest } from '../../../../src/store/hot/events/pages.ts'
import { findReceipt, listRejected, trimJournal } from '../../../../src/store/hot/events/receipts.ts'
import { pack } from '../../../../src/store/hot/events/submission.ts'
import { Guard } from '../../../../src/store/hot/guard.ts'
import { reads } from '../../../../src/store/hot/reads.ts'
import { SO_FAR } from '../../../contract/appending.ts'
import { DAY_MS, EVER, HOUR_MS, MINUTE_MS, newEvent, newEvents, oldestFirst, pageArgs, type StoredEvent, submission, wantedOf } from '../../../contract/given.ts'
import { someEvents } from '../../../contract/random.ts'
import { appendedOf, NOON, openParts, type Parts, patient, ticking } from '../../support.ts'

test('a day of receipt in UTC begins a partition, whatever the times of the events are', async (t) => {
  const parts = await openParts(t)
  const midnight = NOON + 12 * HOUR_MS

  for (const now of [NOON, midnight - 1, midnight, midnight + 1, midnight + 3 * DAY_MS]) {
    parts.clock.ms = now
    parts.store([newEvent({ time: 0 }), newEvent({ time: now + DAY_MS })])
  }

  t.same(partitionsOf(parts).map(({ day, rows }) => [day, rows]), [[20260601, 4], [20260602, 4], [20260605, 2]])
  t.same(partitionsOf(parts).map(({ min_time: min, max_time: max }) => [min, max]),
    [[0, midnight - 1 + DAY_MS], [0, midnight + 1 + DAY_MS], [0, midnight + 4 * DAY_MS]])
})

test('a partition that is full is closed on the same day, and ids of all stay in order', async (t) => {
  const parts = await openParts(t, { partitionBytes: 3 * 150 + 1.6 * 1_000 })

  parts.store(...[400, 599, 1, 10].map((length) => [newEvent({ message: 'x'.repeat(length) })]))

  const [first, second] = partitionsOf(parts)
  t.same(partitionsOf(parts).map(({ day, rows, bytes }) => [day, rows, bytes]), [[20260601, 3, 1_000], [20260601, 1, 10]])
  t.ok(first !== undefined && second !== undefined && first.last_id < second.first_id && second.first_id <= second.last_id)
})

test('a clock that goes back reuses no id, and what comes then bears its own time of receipt', async (t) => {
  const parts = await openParts(t)
  const clocks = [0, -1, -HOUR_MS, -HOUR_MS + 5, 400 * DAY_MS, 7, 400 * DAY_MS + 8]
  const answers = clocks.flatMap((ms) => {
    parts.clock.ms = NOON + ms
    return parts.store(newEvents(2, () => ({})))
  })
  const events = await eventsSince(parts.reading(), { after: 0, where: undefined, limit: 100 })
  const ids = answers.flatMap((answer) => answer.ids)

  t.same(ids, ids.toSorted((a, b) => a - b))
  t.equal(new Set(ids).size, ids.length)
  t.same(events.map(({ receivedAt: at }) => at - NOON), clocks.flatMap((ms) => ms === -1 ? [0, 0] : [ms, ms]))
  t.same(answers.map(({ ids: [id = 0], leadMs }) => receivedAt(id, leadMs ?? 0) - NOON), clocks.map((ms) => ms === -1 ? 0 : ms))
  t.equal(partitionsOf(parts).length, 5, 'one for each time that the clock went back, and for each day')
})

test('while ids lead the clock, receipts and the reject box tell the time of receipt, and the far index is used', async (t) => {
  const parts = await openParts(t)
  parts.clock.ms = NOON + 400 * DAY_MS
  parts.store([newEvent()])
  parts.clock.ms = NOON
  const refused = submission([newEvent({ time: NOON, message: 'near' }), newEvent({ time: NOON - DAY_MS, message: 'far' })], { receipt: SO_FAR, rejections: [{ index: 0, faults: [], original: 'x' }] })
  const receipt = parts.commit(refused).map((outcome) => appendedOf(outcome).receipt?.receipt)[0] ?? ''
  const { db } = parts.reading()

  t.equal((await findReceipt(db, receipt))?.receivedAt, NOON)
  t.same((await listRejected(db, { limit: 9, before: undefined })).map(({ receivedAt: at }) => at), [NOON])
  const far = parts.writer.raw.prepare<[], string>(`SELECT message FROM events_2 AS e INDEXED BY events_2_far WHERE e.time - (e.id >> 10) + ${400 * DAY_MS} NOT BETWEEN -30000 AND 30000`).pluck()
  t.same(far.all(), ['far'])
  await trimJournal(parts.writer.db, { now: NOON, oldest: NOON })
  t.not(await findReceipt(db, receipt), undefined)
  await trimJournal(parts.writer.db, { now: NOON, oldest: NOON + 1 })
  t.equal(await findReceipt(db, receipt), undefined)
})

test('more events in a ms than it has ids borrow from the next', async (t) => {
  const { store } = await openParts(t)

  const [answer] = store(newEvents(3_000, () => ({})))

  t.same(answer?.ids.map((id) => id - NOON * 1024), Array.from({ length: 3_000 }, (_, at) => at))
  t.equal(receivedAt(answer?.ids[2_999] ?? 0, 0), NOON + 2)
})

test('receipts and rejected items get no id twice, even if the clock stands still over a reopening', async (t) => {
  const parts = await openParts(t)
  const refused = submission([], { receipt: SO_FAR, rejections: [{ index: 0, faults: [], original: 'x' }] })
  const full = submission([newEvent()], { receipt: SO_FAR, rejections: [{ index: 1, faults: [], original: 'y' }] })
  const outcomes = parts.commit(full, refused)

  const reopened = new Appender(parts.writer.raw, { partitionBytes: 1e9, now: () => NOON })
  const later = [refused, full].flatMap((one) => reopened.commit([pack(one)]))

  const receipts = [...outcomes, ...later].map((outcome) => appendedOf(outcome).receipt?.receipt)
  t.equal(new Set(receipts).size, 4)
  t.same(parts.writer.raw.prepare('SELECT count(*) FROM rejected').pluck().get(), 4)
})

test('the day of a time is that of UTC', (t) => {
  t.equal(dayOf(0), 19700101)
  t.equal(dayOf(NOON - 12 * HOUR_MS), 20260601)
  t.equal(dayOf(NOON - 12 * HOUR_MS - 1), 20260531)
  t.end()
})

function partitionsOf ({ writer }: Parts): Partition[] {
  return writer.raw.prepare<[], Partition>('SELECT * FROM partitions ORDER BY n').all()
}

const LEAVES = ['pattern:1', 'pattern:17', 'pattern:1*', 'pattern~7', 'pattern:01', 'pattern:1.0', 'pattern:*', 'pattern:2,17', 'anomaly:true', 'anomaly:false', 'anomaly:*',
  'anomaly:1', 'anomaly:0', 'anomaly>=0.5', 'anomaly<1', 'anomaly<=1', 'anomaly>1', 'anomaly>-1', 'level>=warn', 'timeout']

/** Ingest sets neither column yet, so that they are set here. */
test('patterns and anomalies are found by the condition as by the matcher', async (t) => {
  const parts = await openParts(t)
  parts.store(someEvents(100, 23))
  parts.writer.raw.exec(`UPDATE events_1 SET
    pattern_id = CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN 1 WHEN 2 THEN 17 WHEN 3 THEN 117 ELSE 2 END,
    anomaly = CASE id % 7 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 0.5 WHEN 3 THEN 0.999 WHEN 4 THEN 1 WHEN 5 THEN 1.5 ELSE -1 END`)
  const { db } = parts.reading()
  const all = await fetchEvents(db, sql`SELECT ${eventColumns({ lead_ms: 0 })} FROM events_1 AS e`)
  const leaf = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...LEAVES)).map((parts) => parts.join(''))

  await fc.assert(fc.asyncProperty(leaf, leaf, fc.constantFrom(' ', ' OR '), async (a, b, join) => {
    const where = parseQuery(`-(${a}${join}${b})`)
    if (where === undefined) return false
    const expected = all.filter(matcher(where)).map(({ id }) => id)
    const found = await fetchEvents(db, sql`SELECT ${eventColumns({ lead_ms: 0 })} FROM events_1 AS e WHERE ${condition(where)}`)
    return found.map(({ id }) => id).join() === expected.join()
  }), { numRuns: 300 })
  t.equal(all.filter(({ anomaly, patternId }) => anomaly === null && patternId === null).length > 0, true)
})

const MORE_THAN_IT_KEEPS = 20_500

test('a name keeps its number, also when more names come than the book keeps in mind', (t) => {
  const { raw, book } = open(t)
  const names = Array.from({ length: MORE_THAN_IT_KEEPS }, (_, index) => `name ${index}`)
  raw.exec('BEGIN')
  const ids = names.map((name) => book.idOf(name))

  const again = names.map((name) => book.idOf(name))

  t.equal(new Set(ids).size, MORE_THAN_IT_KEEPS)
  t.same(again, ids)
  t.equal(raw.prepare('SELECT count(*) FROM names').pluck().get(), MORE_THAN_IT_KEEPS)
  t.end()
})

test('names differ by case, accents and blanks; none has no number', (t) => {
  const { book } = open(t)

  const ids = ['api', 'API', 'api ', 'äpi', 'a\u0308pi'].map((name) => book.idOf(name))

  t.equal(new Set(ids).size, ids.length)
  t.equal(book.idOf(null), null)
  t.end()
})

test('numbers given in a transaction that was rolled back are forgotten', (t) => {
  const { raw, book } = open(t)
  raw.exec('BEGIN')
  book.idOf('lost')
  raw.exec('ROLLBACK')
  book.forget()

  const [kept, lost] = [book.idOf('kept'), book.idOf('lost')]

  t.same(raw.prepare('SELECT name, id FROM names ORDER BY id').raw().all(), [['kept', kept], ['lost', lost]])
  t.end()
})

function open (t: Test): { raw: SqliteDatabase.Database, book: NameBook } {
  const raw = new SqliteDatabase(':memory:')
  t.teardown(() => raw.close())
  raw.exec('CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)')
  return { raw, book: new NameBook(raw) }
}

/** More than are looked up one by one: the search goes by windows then. */
const MANY = 2_500
const NEAR_AND_FAR = [0, 1, -1, FAR_MS, FAR_MS + 1, -FAR_MS, -FAR_MS - 1, FAR_MS - 1, 1 - FAR_MS, DAY_MS, -400 * DAY_MS]

test('words are found in any range, however far the time of an event is from its receipt', async (t) => {
  const parts = await openParts(t, { partitionBytes: 60_000 })
  for (let ms = 0; ms < 50; ms++) {
    parts.clock.ms = NOON + ms * 7 * MINUTE_MS
    parts.store(newEvents(MANY / 50, (index) => ({ time: parts.clock.ms + (NEAR_AND_FAR[index % 11] ?? 0), message: index % 10 === 0 ? 'common rare' : 'common word' })))
  }
  const all = await everything(parts)
  const edge = fc.tuple(fc.integer({ min: -3, max: 52 }), fc.constantFrom(...NEAR_AND_FAR)).map(([at, offset]) => NOON + at * 7 * MINUTE_MS + offset)
  const q = fc.constantFrom('common', 'common -rare', '"common word"', 'common level:info', 'rare', 'commo*', 'rare OR word')

  await fc.assert(fc.asyncProperty(edge, edge, q, fc.constantFrom('asc', 'desc'), fc.integer({ min: 1, max: 3_000 }), async (a, b, q, order, limit) => {
    const range = { from: Math.min(a, b), to: Math.max(a, b) }
    const expected = wantedOf(all, q).filter(({ time }) => time >= range.from && time <= range.to)
    if (order === 'desc') expected.reverse()

    const page = await pageEvents(parts.reading(), pageArgs({ q, range, order, limit, total: 'exact' }))

    deepEqual(page.events.map(({ id }) => id), expected.slice(0, limit).map(({ id }) => id))
    deepEqual([page.total, page.next !== undefined], [{ count: expected.length, capped: false }, expected.length > limit])
  }), { numRuns: 60 })
  t.equal(all.length, MANY)
})

test('a capped total stops at 10,001, and an exact one goes on', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  parts.store(newEvents(6_000, () => ({ time: NOON })), newEvents(4_500, () => ({ time: NOON })))
  const total = async (kind: PageRequest['total'], range: PageRequest['range']) => (await pageEvents(parts.reading(), pageArgs({ limit: 1, range, total: kind }))).total

  t.same(await total('capped', EVER), { count: 10_001, capped: true })
  t.same(await total('exact', EVER), { count: 10_500, capped: false })
})

test('a count that takes long is left at what was counted by then, and the page is whole all the same', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(9_000, (index) => ({ time: NOON + index })))

  const page = await pageEvents(parts.reading(ticking(100)), pageArgs({ limit: 10, total: 'capped' }))

  t.equal(page.events.length, 10)
  t.equal(page.isCut, false)
  t.same(page.total, { count: 4_001, capped: true })
})

test('a query whose caller has left ends with an error, not with a cut page', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(9_000, (index) => ({ time: NOON + index })))
  const guard = patient()
  guard.cancel()

  await t.rejects(pageEvents(parts.reading(guard), pageArgs({ q: 'level:error' })), { code: 'timeout', message: /left/ })
})

test('a query goes on when retention drops a partition under its hands, as if it had come later', async (t) => {
  const range = { from: NOON, to: NOON + HOUR_MS - 1 }
  const queries: Record<string, (context: ReadContext) => Promise<unknown>> = {
    'a page': (context) => reads.pageEvents(context, pageArgs()),
    'rare words': (context) => reads.pageEvents(context, pageArgs({ q: 'happened' })),
    'events since': (context) => reads.eventsSince(context, { after: 0, where: undefined, limit: 100 }),
    'a histogram of rollups, in more than one go': (context) => reads.histogram(context, { where: undefined, range, binMs: 90_000, origin: NOON }),
    'a histogram of rows': (context) => reads.histogram(context, { where: undefined, range, binMs: 1_000, origin: NOON }),
    facets: (context) => reads.facets(context, { where: undefined, range, field: 'service', limit: 10 })
  }

  for (const [name, query] of Object.entries(queries)) {
    const parts = await openParts(t, { partitionBytes: 1 })
    parts.store(...['a', 'b', 'c'].map((service) => newEvents(3, () => ({ time: NOON, service }))))
    let isDropped = false
    const found = await query(parts.reading(new Guard(Infinity, () => {
      if (!isDropped) dropSecond(parts)
      isDropped = true
      return 0
    })))

    t.ok(isDropped)
    t.same(found, await query(parts.reading()), name)
    await parts.close()
  }
})

/** At once, as between two steps of a query. */
function dropSecond ({ writer }: Parts): void {
  writer.raw.exec(`BEGIN; ${PARTITION_KINDS.map((kind) => `DROP TABLE ${kind}_2;`).join('')} DELETE FROM partitions WHERE n = 2; COMMIT`)
}

async function everything (parts: Parts): Promise<StoredEvent[]> {
  const { events } = await pageEvents(parts.reading(), pageArgs({ limit: 1e6 }))
  return events.sort(oldestFirst)
}
