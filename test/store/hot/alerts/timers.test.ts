import { test } from 'tap'
import { AlertBook } from '../../../../src/alerting/alert-book.ts'
import { due, newChannel, NOW, opening, ownId, tell } from '../../../contract/given-alerts.ts'
import { buildStore } from '../../../helper.ts'

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
