import t, { test } from 'tap'
import type { AlertFile } from '../../schemas/alert.ts'
import { auth } from '../helper.ts'
import { BUSY, world } from './world.ts'

const MINUTE = 60_000

const shared = await world(t, { EVALUATE_INTERVAL: '30m' })

test('whoever was told is told again, and others too, until somebody acknowledges; all of them hear of the end', async (t) => {
  const { app, clock, url, ask, measure, arrived, settled } = shared
  await ask('POST', '/channels', { name: 'lead', kind: 'webhook', url: `${url}?lead` })
  const made = await ask('POST', '/rules', { ...BUSY, window: '2h', renotify: '30m', escalate: { after: '10m', channels: ['lead'] } })
  // Nobody is reminded of what still waits.
  const after = async (ms: number): Promise<void> => {
    await settled()
    clock.time += ms
    await app.service.evaluator.evaluateNow()
  }

  await after(60 * MINUTE)
  await measure(50)
  await after(9 * MINUTE)
  await after(MINUTE)
  await after(20 * MINUTE)
  const [first] = await arrived(4)
  await app.service.alerts.acknowledge(String(first?.alert_id), { note: 'mine' }, { caller: undefined, from: 'test' })
  await after(45 * MINUTE)
  await measure(1)
  const notices = await arrived(6)

  t.equal(made.statusCode, 201, made.body)
  t.same(notices.map(({ type, state }) => `${type} ${state}`).sort(), [
    'alert.escalated firing', 'alert.firing firing', 'alert.firing firing', 'alert.firing firing', 'alert.resolved resolved', 'alert.resolved resolved'
  ])
  const file = (await app.inject({ url: `/alerts/${first?.alert_id}`, headers: auth })).json<AlertFile>()
  t.same(file.timeline.map(({ from, to, reason }) => `${from} ${to} ${reason}`), [
    'null firing crossed', 'firing firing unanswered', 'firing firing reminded', 'firing firing acknowledged', 'firing resolved recovered'
  ])
  t.same(file.deliveries.map(({ type }) => type), ['alert.firing', 'alert.escalated', 'alert.firing', 'alert.firing', 'alert.resolved', 'alert.resolved'])
})

test('a reminder and an escalation are checked when the rule is saved', async (t) => {
  const { ask } = shared
  const faultsOf = async (change: object): Promise<unknown> => (await ask('POST', '/rules', { ...BUSY, ...change })).json<{ errors: unknown }>().errors

  t.match(await faultsOf({ renotify: '1s' }), [{ path: '/renotify', message: /must be at least 1800s/ }])
  t.match(await faultsOf({ escalate: { after: '60d', channels: ['default'] } }), [{ path: '/escalate/after', message: /at most 30d/ }])
  t.match(await faultsOf({ escalate: { after: '5m', channels: ['nobody'] } }), [{ path: '/escalate/channels/0', message: /there is no channel "nobody"/ }])
  t.match(await faultsOf({ escalate: { after: '5m', channels: [] } }), [{ path: '/escalate/channels' }])
})
