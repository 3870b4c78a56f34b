import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import { CANARY_CHANNEL } from '../../schemas/words.ts'
import { CANARY_RULE } from '../../src/rules/built-in.ts'
import { buildTestApp } from '../helper.ts'
import { Receiver, status } from '../notify/receiver.ts'
import { countEvents, get } from '../plugins/support.ts'
import { askUntil, until } from '../support/until.ts'
import { testFolder } from '../support/test-folder.ts'

const OFTEN = { CANARY_INTERVAL: '50ms', EVALUATE_INTERVAL: '1s', WEBHOOK_ALLOW: '127.0.0.1' }
const HOUR = 3_600_000
const ARRIVED = /^arrived \d+ s ago, after \d+ ms$/

/** Evaluates the rules until the check of the canary says what is wanted. */
function check (app: App, wanted: RegExp): Promise<{ status: string, detail: string }> {
  return askUntil(async () => {
    await app.service.evaluator.evaluateNow()
    return (await get(app, '/health')).json().checks.canary
  }, ({ detail }) => wanted.test(detail))
}

test('the canary goes in, past its rule and through the outbox, leaves its time, and calls outside', async (t) => {
  const receiver = await Receiver.open(t)
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url })

  const { status: health } = await check(app, ARRIVED)

  t.equal(health, 'ok')
  t.match(JSON.parse(receiver.received[0]?.body ?? ''), { ms: Number })
  t.match((await get(app, '/events?q=type:CANARY&limit=1')).json().events, [{ service: 'bellwether', level: 'DEBUG', message: 'canary', meta: { beat: /^canary_/ } }])
  t.ok((await get(app, '/series/data?name=bellwether_canary_ms')).json().points.length > 0)
  t.match((await get(app, '/rules/builtin-canary')).json(), { origin: 'builtin', signal: { absent: /CANARY/ }, window: '10s' })

  await t.test('and nobody else hears of it', async (t) => {
    t.same((await get(app, '/notifications')).json().notifications, [])
    t.same((await get(app, '/alerts')).json().alerts, [])
    t.same(await app.service.channels.list(), [])
    t.same(app.service.channels.unknownOf([CANARY_CHANNEL]), [CANARY_CHANNEL], 'no rule can name it')
    t.match((await get(app, '/health')).json().checks.outbox, { status: 'ok', detail: 'nothing waits' })
    const metrics = (await get(app, '/metrics')).body
    t.match(metrics, /^bellwether_outbox_pending 0$/m)
    t.notMatch(metrics, /\(canary\)|bellwether_notifications_total\{/)
  })
})

test('nothing outside is called when the canary does not come in', async (t) => {
  const receiver = await Receiver.open(t)
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url, MIN_FREE_BYTES: '1000TB' })

  await check(app, /stuck at ingest: /)

  t.equal(receiver.received.length, 0)
})

test('a canary that finds no room is told with the reason, and arrives when there is room again', async (t) => {
  const app = await buildTestApp(t, { ...OFTEN, INGEST_QUEUE_BYTES: '1000' })
  const other = app.service.admission.enter('somebody', 0)
  other.arrive(1_000)
  await check(app, /stuck at ingest: .*more is on its way/)

  other.leave()

  t.match(await check(app, ARRIVED), { status: 'ok' })
})

test('a canary that its rule does not see goes no further; being late is told with the place; without an address it arrives all the same', async (t) => {
  let aheadMs = 0
  const app = await buildTestApp(t, { ...OFTEN, EVALUATE_INTERVAL: '1h' }, { now: () => Date.now() + aheadMs })
  const { rules, health } = app.service
  const by = { caller: undefined, from: 'test' }
  await rules.patch(CANARY_RULE, { enabled: false }, by)
  await until(async () => await countEvents(app, 'q=type:CANARY') > 0)
  await app.service.evaluator.evaluateNow()

  aheadMs = 7 * HOUR
  t.same(health.report({ full: true }).checks['canary'], { status: 'degraded', detail: 'none arrived yet; stuck at rule' })
  aheadMs = 0

  await rules.patch(CANARY_RULE, { enabled: true }, by)
  t.match(await check(app, ARRIVED), { status: 'ok' })
})

test('an outside that does not answer is told by health, and holds up nobody', async (t) => {
  const receiver = await Receiver.open(t, status(500))
  const app = await buildTestApp(t, { ...OFTEN, CANARY_URL: receiver.url })

  t.match(await check(app, /CANARY_URL/), { detail: /stuck at ping: CANARY_URL could not be called: status 500/ })

  t.match((await get(app, '/health')).json().checks.outbox, { status: 'ok', detail: 'nothing waits' })
  t.same((await get(app, '/notifications')).json().notifications, [])
})

test('without an interval there is no canary, and the rule of an earlier start is gone', async (t) => {
  const DATA_DIR = testFolder(t)
  const before = await buildTestApp(t, { DATA_DIR, CANARY_INTERVAL: '1m' })
  t.equal((await get(before, '/rules/builtin-canary')).statusCode, 200)
  await before.close()
  await before.service.close()

  const app = await buildTestApp(t, { DATA_DIR, CANARY_INTERVAL: '0s' })

  t.match(app.service.health.report({ full: true }).checks['canary'], { status: 'ok', detail: /switched off/ })
  t.equal((await get(app, '/rules/builtin-canary')).statusCode, 404)
})
