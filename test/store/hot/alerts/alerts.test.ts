import { test, type Test } from 'tap'
import { AlertBook } from '../../../../src/alerting/alert-book.ts'
import { ALERTS_KEPT_MS, NOTICES_WAIT_MS } from '../../../../src/store/hot/alerts/alert-retention.ts'
import { type Connection, openForWriting } from '../../../../src/store/hot/database.ts'
import { MOST_PENDING } from '../../../../src/store/hot/outbox/notices.ts'
import type { Store } from '../../../../src/store/store.ts'
import { announced, drain, due, dueIds, newChannel, newTransition, NOW, opening, ownId, tell } from '../../../contract/given-alerts.ts'
import { buildStore } from '../../../helper.ts'

const CHANNEL = 'main'

test('alerts, notices and silences go when they ended longer ago than 400 days, and open ones stay', async (t) => {
  const { store, retain } = await open(t)
  const [ended, firing] = [ownId('alert'), ownId('alert')]
  await tell(store, CHANNEL, { alertId: ended, resolved: true })
  await tell(store, CHANNEL, { alertId: firing })
  await drain(store, [CHANNEL])
  await store.write('insertSilence', { silence: { id: 's', target: {}, until: null, untilRecovered: true, reason: null, createdBy: null, createdAt: NOW } })
  await store.write('endSilence', { id: 's', now: NOW, by: null })
  const left = async () => [
    await store.read('getAlert', ended) !== undefined, await store.read('getAlert', firing) !== undefined,
    (await store.read('listNotices', { limit: 9, before: undefined, state: undefined, channelId: undefined, alertId: undefined })).length,
    (await store.read('listSilences', { isOpen: false, limit: 9 })).length
  ]

  await retain(NOW + ALERTS_KEPT_MS)
  t.same(await left(), [true, true, 3, 1])
  await retain(NOW + ALERTS_KEPT_MS + 10)

  t.same(await left(), [false, true, 0, 0])
  t.same((await store.read('getAlert', firing))?.timeline.length, 1)
})

test('nothing of what was dropped is left in any table', async (t) => {
  const { store, raw, retain } = await open(t)
  const alertId = ownId('alert')
  await store.write('applyAlerts', {
    ...announced(opening(alertId, 'firing'), CHANNEL), evidence: [{ alertId, body: {} }], heldBack: [{ alertId, cause: 'silence', causeId: 's', count: 1 }]
  })
  await store.write('applyAlerts', { now: NOW, transitions: [newTransition(alertId, 'resolved')] })
  await drain(store, [CHANNEL])

  await retain(NOW + ALERTS_KEPT_MS + 10)

  for (const table of ['alerts', 'transitions', 'evidence', 'held_back', 'notices', 'deliveries']) {
    t.equal(raw.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table)
  }
})

test('a notice that waited for a week is given up, and what comes after it is due', async (t) => {
  const { store, retain } = await open(t)
  const alertId = ownId('alert')
  const [first = ''] = await tell(store, CHANNEL, { alertId })
  const later = announced({ now: NOW + 100, transitions: [newTransition(alertId, 'resolved', { at: NOW + 100 })] }, CHANNEL)
  await store.write('applyAlerts', later)

  await retain(NOW + NOTICES_WAIT_MS)
  t.same(await dueIds(store, [CHANNEL]), [first])
  await retain(NOW + NOTICES_WAIT_MS + 1)

  t.match(await store.read('getNotice', first), { state: 'abandoned', doneAt: NOW + NOTICES_WAIT_MS + 1 })
  t.same(await dueIds(store, [CHANNEL], { now: NOW + NOTICES_WAIT_MS + 1 }), later.notices.map(({ id }) => id))
})

test('a full outbox takes nothing more, tells how much, and the ledger has it', async (t) => {
  const { store, raw } = await open(t)
  fill(raw, MOST_PENDING - 1)
  const alertId = ownId('alert')
  const fired = announced(opening(alertId, 'firing'), 'one', 'two')

  const { abandoned } = await store.write('applyAlerts', fired)

  t.equal(abandoned, 1)
  t.same(await Promise.all(fired.notices.map(async ({ id }) => (await store.read('getNotice', id))?.state)), ['pending', 'abandoned'])
  t.same(await dueIds(store, ['one', 'two']), [fired.notices[0]?.id])
  t.equal(await store.write('redeliverNotice', { id: fired.notices[1]?.id ?? '', now: NOW }), true, 'it can still be asked for')
})

test('retention of a store does it, and drops removed channels in the end', async (t) => {
  const { store, retain } = await open(t)
  await store.write('insertChannel', newChannel(CHANNEL))
  await store.write('removeChannel', { id: CHANNEL, now: NOW })

  await retain(NOW + ALERTS_KEPT_MS)
  t.equal((await store.read('listChannels', { all: true })).length, 1)
  await retain(NOW + ALERTS_KEPT_MS + 1)

  t.equal((await store.read('listChannels', { all: true })).length, 0)
})

/** A store, and a connection of its own to look behind it. */
async function open (t: Test): Promise<{ store: Store, raw: Connection['raw'], retain: (now: number) => Promise<unknown> }> {
  const { store, file } = await buildStore(t)
  const { raw, close } = openForWriting(file, 'fast')
  t.teardown(close)
  return { store, raw, retain: (now) => store.write('retain', { now, maxAgeMs: 1e12 }) }
}

/** Puts so many notices into the outbox, each of an alert of its own. */
function fill (raw: Connection['raw'], count: number): void {
  raw.prepare(`
    INSERT INTO notices (id, alert_id, transition_id, sequence, channel_id, via, type, body, state, attempts, tries, created_at, queued_at)
    WITH RECURSIVE list (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM list WHERE n < ?)
    SELECT 'm' || n, 'a' || n, 't', 1, 'full', 'full', 'alert.firing', '{}', 'pending', 0, 0, 1, 1 FROM list`).run(count)
}

const HOUR = 3_600_000

test('notices wait as long as they did, however the clock jumps', async (t) => {
  const { store } = await buildStore(t)
  await store.write('insertChannel', newChannel('a'))
  const [id] = await tell(store, 'a', { now: NOW + 2 * HOUR })
  const book = await AlertBook.open(store)

  t.same(await due(store, ['a']), [], 'made while the clock was two hours ahead')
  await book.shift({ at: NOW, ms: -2 * HOUR })
  t.match(await due(store, ['a']), [{ id }])
  t.same((await store.read('outboxBacklog', undefined)).channels, [{ channelId: 'a', pending: 1, oldestAt: NOW }])
  await book.shift({ at: NOW + HOUR, ms: HOUR })
  t.same(await due(store, ['a']), [])
  t.match(await due(store, ['a'], { now: NOW + HOUR }), [{ id }])
})

test('what bears a time that has not come yet was written by a clock that was ahead, and is moved back with it', async (t) => {
  const { store } = await buildStore(t)
  const [wrong, right] = [ownId('alert'), ownId('alert')]
  for (const [alertId, at] of [[wrong, NOW + 2 * HOUR], [right, NOW - HOUR]] as const) {
    await store.write('applyAlerts', { ...opening(alertId, 'firing', { at }), marks: [{ alertId, told: { announced: {}, held: {}, newsAt: at, lastAt: null } }] })
  }
  const silence = { target: { rule: 'r' }, until: NOW + 3 * HOUR, untilRecovered: false, reason: null, createdBy: null }
  for (const [id, createdAt] of [['wrong', NOW + 2 * HOUR], ['right', NOW - 1]] as const) await store.write('insertSilence', { silence: { ...silence, id, createdAt } })
  const book = await AlertBook.open(store)

  await book.shift({ at: NOW, ms: -2 * HOUR })

  t.match((await store.read('getAlert', wrong))?.alert, { startedAt: NOW, firedAt: NOW, told: { newsAt: NOW, lastAt: null } })
  t.match((await store.read('getAlert', right))?.alert, { startedAt: NOW - HOUR, firedAt: NOW - HOUR })
  const silences = await store.read('listSilences', { isOpen: true, limit: 9 })
  t.same(Object.fromEntries(silences.map(({ id, until }) => [id, until])), { wrong: NOW + HOUR, right: NOW + 3 * HOUR })
})
