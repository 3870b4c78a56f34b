import { test } from 'tap'
import { Appender } from '../../../../src/store/hot/events/appender.ts'
import { receivedAt } from '../../../../src/core/row-ids.ts'
import { eventsSince } from '../../../../src/store/hot/events/lookup.ts'
import { dayOf, type Partition } from '../../../../src/store/hot/days/partitions.ts'
import { findReceipt, listRejected, trimJournal } from '../../../../src/store/hot/events/receipts.ts'
import { pack } from '../../../../src/store/hot/events/submission.ts'
import { SO_FAR } from '../../../contract/appending.ts'
import { DAY_MS, HOUR_MS, newEvent, newEvents, submission } from '../../../contract/given.ts'
import { appendedOf, NOON, openParts, type Parts } from '../../support.ts'

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
