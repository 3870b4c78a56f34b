import { test } from 'tap'
import { around, arrive, catchUp, heldCount, MOST_HELD, MOST_LIVE, NO_ROWS, release, rowsOf, withPage, type Rows } from '../../dashboard/pages/events/rows.ts'
import type { Event } from '../../schemas/event.ts'

/** An event at a second of the hour. */
function eventAt (second: number, id = `e${second}`): Event {
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
  return {
    id,
    time,
    received_at: time,
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    trace_id: null,
    message: id,
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] }
  }
}

const events = (...seconds: number[]): Event[] => seconds.map((second) => eventAt(second))
const ids = ({ rows }: Rows): string[] => rows.map(({ id, kind }) => kind === 'event' ? id : kind)
const page = (...seconds: number[]): Rows => withPage(NO_ROWS, events(...seconds), 'next')

test('pages follow one another, and a row that was there is not there twice', async (t) => {
  const list = withPage(page(9, 8, 7), events(7, 6, 5), null)

  t.same(ids(list), ['e9', 'e8', 'e7', 'e6', 'e5'])
  t.equal(list.next, undefined)
  t.same(page(9).next, { cursor: 'next' })
})

test('rows arrive at the place of their time, and what is older than all that was read waits for its page', async (t) => {
  const list = arrive(page(9, 7, 5), rowsOf(events(11, 10, 8, 7, 3)), false)

  t.same(ids(list), ['e11', 'e10', 'e9', 'e8', 'e7', 'e5'])
  t.same(ids(arrive(withPage(NO_ROWS, events(9), null), rowsOf(events(3)), false)), ['e9', 'e3'], 'unless there is no other page')
})

test('while somebody reads nothing moves: what comes is counted and let in later', async (t) => {
  const before = page(9, 8, 7)
  const list = arrive(arrive(before, rowsOf(events(10, 9)), true), rowsOf(events(12, 11, 10)), true)

  t.equal(list.rows, before.rows)
  t.equal(heldCount(list), 3)
  t.same(ids(release(list)), ['e12', 'e11', 'e10', 'e9', 'e8', 'e7'])
  t.equal(heldCount(release(list)), 0)
})

test('of more than can wait the oldest are counted, and a divider says how many', async (t) => {
  const many = Array.from({ length: MOST_HELD + 200 }, (_, at) => 100 + at)
  const list = many.reduce((now, second) => arrive(now, rowsOf(events(second)), true), page(9, 8))

  t.equal(heldCount(list), MOST_HELD + 200)
  const after = release(list)
  t.equal(after.rows.length, MOST_HELD + 2)
  t.match(after.rows[MOST_HELD - 1], { kind: 'divider', why: 'held', count: 201, from: Date.parse(eventAt(100).time), at: Date.parse(eventAt(300).time) })
  t.equal(after.rows[MOST_HELD]?.id, 'e9')
})

test('a list that is followed for long stays short, and goes on where it was cut', async (t) => {
  const list = arrive(page(2, 1), rowsOf(events(...Array.from({ length: MOST_LIVE }, (_, at) => 10 + at))), false)

  t.equal(list.rows.length, MOST_LIVE)
  t.same(list.next, { before: Date.parse(eventAt(10).time) + 1 })
})

test('a span that was missed is put in whole, or with a divider that counts what is not there', async (t) => {
  const missed = { events: events(14, 13, 9), isCapped: false, from: Date.parse(eventAt(8).time), why: 'away' as const }

  t.same(ids(catchUp(page(9, 8), { ...missed, total: 4 }, false)), ['e14', 'e13', 'e9', 'e8'], 'one of the four was there')
  const list = catchUp(page(9, 8), { ...missed, events: events(14, 13), total: 60 }, false)
  t.same(ids(list), ['e14', 'e13', 'divider', 'e9', 'e8'])
  t.match(list.rows[2], { count: 56, why: 'away', from: missed.from })
  const held = catchUp(page(9, 8), { ...missed, events: events(14, 13), total: 60 }, true)
  t.equal(heldCount(held), 58)
  t.same(ids(release(held)), ids(list))
  t.same(ids(catchUp(list, { ...missed, events: events(14, 13), total: 60, why: 'sampled' }, false)), ids(list), 'what a divider stands for is not missed twice')
})

test('a linked event stands among its neighbours, under word of newer ones', async (t) => {
  const list = around({ newer: events(6, 7), event: eventAt(5), older: events(5, 4), next: 'more', hasNewer: true })

  t.same(ids(list), ['divider', 'e7', 'e6', 'e5', 'e4'])
  t.same(list.next, { cursor: 'more' })
  t.same(ids(around({ newer: [], event: eventAt(5), older: events(4), next: null, hasNewer: false })), ['e5', 'e4'], 'also one that the filter hides')
})
