import { setImmediate as nextTurn } from 'node:timers/promises'
import { test, type Test } from 'tap'
import type { App } from '../plugins/app-type.ts'
import { buildTestApp } from './helper.ts'
import { Receiver, status } from './notify/receiver.ts'
import { get } from './plugins/support.ts'

const OFTEN = { CANARY_INTERVAL: '50ms', WEBHOOK_ALLOW: '127.0.0.1' }

async function detail (t: Test, app: App, wanted: RegExp): Promise<string> {
  const end = Date.now() + 10_000
  while (Date.now() < end) {
    const { detail = '' } = (await get(app, '/health')).json().checks.canary
    if (wanted.test(detail)) return detail
    await nextTurn()
  }
  t.fail(`the canary never said ${wanted}`)
  return ''
}

test('the canary goes in, is found again, leaves its time, and calls outside', async (t) => {
  const receiver = await Receiver.open(t)
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url })

  await receiver.until(1)

  t.match(JSON.parse(receiver.received[0]?.body ?? ''), { ms: Number })
  t.match((await get(app, '/events?q=type:CANARY&limit=1')).json().events, [{ service: 'bellwether', level: 'DEBUG', message: 'canary' }])
  t.ok((await get(app, '/series/data?name=bellwether_canary_ms')).json().points.length > 0)
  t.match(await detail(t, app, /arrived \d+ s ago, after \d+ ms/), /arrived/)
})

test('nothing outside is called when the canary did not arrive', async (t) => {
  const receiver = await Receiver.open(t)
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url, INGEST_QUEUE_EVENTS: '1', INGEST_QUEUE_BYTES: '1000' })
  const other = app.service.admission.enter('somebody', 1_000)
  other.arrive(1_000)

  await detail(t, app, /more is on its way/)
  t.equal(receiver.received.length, 0)

  other.leave()
  await receiver.until(1)
  t.pass('it is called again afterwards')
})

test('an outside that does not answer is told by health', async (t) => {
  const receiver = await Receiver.open(t, status(500))
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url })

  t.match(await detail(t, app, /CANARY_URL/), /CANARY_URL could not be called: status 500/)
})

test('without an interval there is no canary', async (t) => {
  const app = await buildTestApp(t, { CANARY_INTERVAL: '0s' })

  t.match(app.service.health.report({ full: true }).checks['canary'], { status: 'ok', detail: /switched off/ })
})
