import { test } from 'tap'
import { Appender } from '../../src/store/appender.ts'
import { dayOf, receivedAt, type Partition } from '../../src/store/partitions.ts'
import { pack } from '../../src/store/submission.ts'
import { SO_FAR } from '../contract/appending.ts'
import { DAY_MS, HOUR_MS, newEvent, newEvents, submission } from '../contract/given.ts'
import { appendedOf, NOON, openParts, type Parts } from './support.ts'

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

test('a partition that is full of text is closed on the same day, and ids of all stay in order', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1_000 })

  parts.store(...[400, 599, 1, 10].map((length) => [newEvent({ message: 'x'.repeat(length) })]))

  const [first, second] = partitionsOf(parts)
  t.same(partitionsOf(parts).map(({ day, rows, bytes }) => [day, rows, bytes]), [[20260601, 3, 1_000], [20260601, 1, 10]])
  t.ok(first !== undefined && second !== undefined && first.last_id < second.first_id && second.first_id <= second.last_id)
})

test('a clock that goes back neither reuses an id nor begins an earlier partition', async (t) => {
  const parts = await openParts(t)
  const ids = [0, -1, -DAY_MS, 5].flatMap((ms) => {
    parts.clock.ms = NOON + ms
    return parts.store(newEvents(2, () => ({}))).flatMap((answer) => answer.ids)
  })

  t.same(ids.map((id) => id - NOON * 1024), [0, 1, 2, 3, 4, 5, 5 * 1024, 5 * 1024 + 1])
  t.equal(partitionsOf(parts).length, 1)
})

test('more events in a ms than it has ids borrow from the next', async (t) => {
  const { store } = await openParts(t)

  const [answer] = store(newEvents(3_000, () => ({})))

  t.same(answer?.ids.map((id) => id - NOON * 1024), Array.from({ length: 3_000 }, (_, at) => at))
  t.equal(receivedAt(answer?.ids[2_999] ?? 0), NOON + 2)
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
