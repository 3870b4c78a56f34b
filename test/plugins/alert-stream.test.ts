import { test } from 'tap'
import type { Alert } from '../../schemas/alert.ts'
import { auth } from '../helper.ts'
import { SseClient } from './sse.ts'
import { makeRule, world } from './world.ts'

test('who follows alerts sees one fire and end, and no events', async (t) => {
  const all = await world(t)
  const address = await all.app.listen({ host: '127.0.0.1', port: 0 })
  const client = await SseClient.open(`${address}/stream?topics=alerts`, auth)
  t.teardown(() => client.close())
  await makeRule(all)

  await all.measure(50)
  await client.until(() => client.messages.length >= 1)
  await all.measure(1)
  await client.until(() => client.messages.length >= 2)

  t.same(client.messages.map(({ event }) => event), ['alerts', 'alerts'])
  t.match(client.messages.map(({ data }) => parseAlerts(data)), [
    [{ state: 'firing', severity: 'warning', value: 50, rule: { name: 'Queue is long' }, labels: { queue: 'mail' } }],
    [{ state: 'resolved', value: 1 }]
  ])
})

function parseAlerts (text: string): Alert[] {
  return JSON.parse(text) as Alert[]
}
