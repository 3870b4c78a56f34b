import t, { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { NotificationsPage } from '../../schemas/notification.ts'
import type { SeriesData } from '../../schemas/sample.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { due, newChannel, NOW, settle, tell } from '../contract/given-alerts.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { Receiver, status, type Answer } from '../notify/receiver.ts'
import { askUntil, until } from '../support/until.ts'
import { guest } from './people.ts'
import { get, pathsOf, problemFaults } from './support.ts'
import { testFolder } from '../support/test-folder.ts'

interface Surroundings {
  settings?: Record<string, string>
  clock?: Clock
}

/** A service that starts with so many notices in its outbox, all for one receiver. */
async function withNotices (t: Test, count: number, answer: Answer = status(200), { settings = {}, clock = systemClock }: Surroundings = {}): Promise<{ app: App, receiver: Receiver, ids: string[] }> {
  const dataDir = testFolder(t)
  const receiver = await Receiver.open(t, answer)
  const { store } = await buildStore(t, { dataDir })
  await store.write('insertChannel', newChannel('pager', { url: receiver.url, name: 'the pager' }))
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push(...await tell(store, 'pager', { now: clock.now() }))
  await store.close()
  return { app: await buildTestApp(t, { DATA_DIR: dataDir, WEBHOOK_ALLOW: '127.0.0.1', ...settings }, clock), receiver, ids }
}

async function ledger (app: App, query = ''): Promise<NotificationsPage> {
  return (await get(app, `/notifications${query}`)).json<NotificationsPage>()
}

/** Asks until the ledger has so many notices in this state. */
function listed (app: App, state: string, count: number): Promise<NotificationsPage> {
  return askUntil(() => ledger(app, `?state=${state}`), ({ notifications }) => notifications.length >= count)
}

/** Tests that need no more than what was delivered share one. */
const shared = await withNotices(t, 3)

test('what waited in the outbox is sent at the start, and the ledger tells of every attempt', async (t) => {
  const { app, receiver, ids } = shared

  const { notifications } = await listed(app, 'delivered', 3)

  t.same(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])), new Set(ids))
  t.same(notifications.map(({ id }) => id), ids.toReversed(), 'newest first')
  t.match(notifications[0], { channel: { id: 'pager', name: 'the pager' }, state: 'delivered', attempts: [{ channel: 'pager', result: 'delivered', status: 200 }], repeat: null })
  t.match((await get(app, '/metrics')).body, /bellwether_notifications_total\{channel="the pager",result="delivered"\} 3/)
})

test('the ledger is paged, and filtered by channel, alert and state', async (t) => {
  const { app, ids } = shared
  await listed(app, 'delivered', 3)

  const first = await ledger(app, '?limit=2')
  const second = await ledger(app, `?limit=2&cursor=${first.next}`)

  t.same([...first.notifications, ...second.notifications].map(({ id }) => id), ids.toReversed())
  t.equal(second.next, null)
  t.equal((await ledger(app, '?channel=the%20pager')).notifications.length, 3)
  t.equal((await ledger(app, `?alert=${first.notifications[0]?.alert_id}`)).notifications.length, 1)
  t.same(await ledger(app, '?channel=nobody'), { notifications: [], next: null })
  t.same(await ledger(app, '?state=failed'), { notifications: [], next: null })
  t.same(pathsOf(await get(app, '/notifications?state=lost')), ['state'])
})

test('an operator has a notice sent again, under the same id', async (t) => {
  const { app, receiver, ids: [id = ''] } = shared
  const { bearer: headers } = await guest(app, 'olga', 'operator')
  await listed(app, 'delivered', 3)

  const response = await app.inject({ method: 'POST', url: `/notifications/${id}/redeliver`, headers })
  await receiver.until(4)

  t.equal(response.statusCode, 202)
  t.equal(receiver.received[3]?.headers['webhook-id'], id)
  t.same(problemFaults(await app.inject({ method: 'POST', url: '/notifications/none/redeliver', headers }), 404), [])
})

test('a notice that used up the table of retries goes through it again when it is asked for', async (t) => {
  const dataDir = testFolder(t)
  const receiver = await Receiver.open(t, status(500))
  const { store } = await buildStore(t, { dataDir })
  await store.write('insertChannel', newChannel('pager', { url: receiver.url }))
  const [id = ''] = await tell(store, 'pager')
  for (const attempts of Array(10).keys()) {
    const [notice] = await due(store, ['pager'])
    await settle(store, notice, attempts < 9 ? { state: 'waiting', dueAt: NOW, via: 'pager' } : { state: 'failed' }, { state: 'well' })
  }
  await store.close()
  const app = await buildTestApp(t, { DATA_DIR: dataDir, WEBHOOK_ALLOW: '127.0.0.1' })
  const { bearer: headers } = await guest(app, 'olga', 'operator')

  await app.inject({ method: 'POST', url: `/notifications/${id}/redeliver`, headers })
  const again = await askUntil(() => ledger(app), ({ notifications: [notice] }) => notice?.attempts.length !== 10)

  t.match(again, { notifications: [{ id, state: 'pending', attempts: { length: 11 }, done_at: null }] })
  t.match(receiver.received.map(({ headers }) => headers['webhook-id']), [id])
})

test('one that waits is not sent again, nor one whose channel is gone', async (t) => {
  const { app, receiver, ids: [id = ''] } = await withNotices(t, 1, status(503))
  const { bearer: headers } = await guest(app, 'ann', 'admin')
  await receiver.until(1)

  const waiting = await app.inject({ method: 'POST', url: `/notifications/${id}/redeliver`, headers })
  await app.inject({ method: 'DELETE', url: '/channels/pager', headers })
  const gone = await app.inject({ method: 'POST', url: `/notifications/${id}/redeliver`, headers })

  t.match([waiting.json(), gone.json()], [{ status: 409, detail: /waits/ }, { status: 409, detail: /"the pager" was removed/ }])
  t.match((await ledger(app)).notifications, [{ state: 'abandoned', channel: { name: 'the pager' } }])
})

test('a channel that its receiver gave up is told by health, and a built-in rule tells another channel of it', async (t) => {
  const clock = { time: Date.now(), now: () => clock.time }
  const other = await Receiver.open(t)
  const settings = { WEBHOOK_URL: other.url, EVALUATE_INTERVAL: '1h' }
  const { app, receiver } = await withNotices(t, 1, status(410), { settings, clock })
  await listed(app, 'failed', 1)
  app.service.delivery.wake()
  await until(() => /nothing gets through/.test(app.service.delivery.check().detail ?? ''))
  t.match(app.service.delivery.check(), { status: 'degraded', detail: /nothing gets through to the channel the pager/ })
  await app.service.evaluator.evaluateNow()
  await app.close()
  await app.service.close()

  // At a start the channels are looked at, and the stop was shorter than the window of the rule.
  clock.time += 10_000
  const again = await buildTestApp(t, { ...settings, DATA_DIR: app.service.config.dataDir, WEBHOOK_ALLOW: '127.0.0.1' }, clock)
  const told = other.until(1)
  await brokenSeen(again)
  clock.time += 1_000
  await again.service.evaluator.evaluateNow()
  await told

  t.match(JSON.parse(other.received[0]?.body ?? ''), { type: 'alert.firing', rule: { id: 'builtin-channel' }, severity: 'critical', value: 1, labels: { channel: 'the pager' } })
  t.equal(receiver.received.length, 1, 'what gave up is not called again')
})

/** Asks until the series says that nothing gets through to the pager. */
function brokenSeen (app: App): Promise<void> {
  return until(async () => {
    const { points } = (await get(app, '/series/data?name=bellwether_channel_broken&labels=channel%3Dthe%20pager')).json<SeriesData>()
    return points.some(({ max }) => max === 1)
  })
}
