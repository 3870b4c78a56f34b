import { test, type Test } from 'tap'
import { systemClock } from '../../../../src/core/clock.ts'
import { Deliverer } from '../../../../src/notify/deliver/deliverer.ts'
import type { Outbox } from '../../../../src/notify/deliver/outbox.ts'
import type { Store } from '../../../../src/store/store.ts'
import { newChannel, tell } from '../../../contract/given-alerts.ts'
import { buildStore } from '../../../helper.ts'
import { Receiver, type Received } from '../../../notify/receiver.ts'
import { loopback } from '../../../notify/support.ts'
import { until } from '../../../support/until.ts'
import { testFolder } from '../../../support/test-folder.ts'

const ALERTS = 40
/** Makes the waits of hours milliseconds. */
const HURRY = 1e-5

test('what a store holds is delivered at least once and in order, over failures and a restart in the middle', async (t) => {
  const dataDir = testFolder(t)
  const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length % 3 === 0 ? 500 : 200).end())
  const before = (await buildStore(t, { dataDir })).store
  await before.write('insertChannel', newChannel('one', { url: receiver.url }))
  const lanes = []
  for (let n = 0; n < ALERTS; n++) lanes.push(await tell(before, 'one', { resolved: true }))

  const first = deliver(t, before)
  await receiver.until(ALERTS / 2)
  await first.close(0)
  await before.close()
  const { store } = await buildStore(t, { dataDir })
  deliver(t, store)
  await until(async () => (await store.read('outboxBacklog', undefined)).pending === 0)

  const told = receiver.received.map(idOf)
  const delivered = await store.read('listNotices', { limit: 1_000, before: undefined, state: 'delivered', channelId: undefined, alertId: undefined })
  t.equal(delivered.length, 2 * ALERTS)
  t.ok(delivered.every(({ attempts }) => attempts.at(-1)?.status === 200), 'the last attempt of each went well')
  t.ok(lanes.every(([fired = '', ended = '']) => told.includes(ended) && told.lastIndexOf(fired) < told.indexOf(ended)), 'no end was told before its beginning')
})

function deliver (t: Test, store: Store): Deliverer {
  const outbox: Outbox = {
    channels: () => store.read('deliveryChannels', undefined),
    due: (question) => store.read('dueNotices', question),
    settle: (settlements) => store.write('settleNotices', settlements)
  }
  const deliverer = new Deliverer({
    outbox,
    clock: systemClock,
    guard: loopback,
    schedule: { factor: HURRY, random: () => 0 },
    timeoutMs: 60_000,
    pollMs: 5,
    onError: (error) => { throw error }
  })
  t.teardown(() => deliverer.close(0))
  deliverer.wake()
  return deliverer
}

function idOf ({ headers }: Received): string {
  return String(headers['webhook-id'])
}
