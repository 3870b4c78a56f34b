import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Check } from '../../schemas/health.ts'
import type { NewRule } from '../../schemas/rule.ts'
import { CANARY_CHANNEL } from '../../schemas/words.ts'
import { AccessControl } from '../../src/access/access-control.ts'
import { VERSION } from '../../src/core/version.ts'
import { addresseesProbe } from '../../src/health/channel-check.ts'
import { HealthMonitor } from '../../src/health/health-monitor.ts'
import { Housekeeping } from '../../src/health/housekeeping.ts'
import { CANARY_RULE } from '../../src/rules/built-in.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import type { Space } from '../../src/store/hot/files/free-space.ts'
import type { Store } from '../../src/store/store.ts'
import { RetentionTime } from '../../src/time/retention-time.ts'
import { appendAll, newEvent } from '../contract/given.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { Receiver, status } from '../notify/receiver.ts'
import { countEvents, get } from '../plugins/support.ts'
import { testFolder } from '../support/test-folder.ts'
import { askUntil, until } from '../support/until.ts'

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

const LOAD: NewRule = { name: 'Load', signal: { metric: 'host_load1' }, levels: { warning: { op: '>', value: 4 }, critical: { op: '>', value: 9, channels: ['siren'] } }, channels: ['pager'] }

function probe (rule: NewRule, present: readonly string[], off: readonly string[] = []) {
  const compiled = [compileRule(completeRule('load', rule), { intervalMs: 0 })]
  const channels = {
    unknownOf: (names: readonly string[]) => names.filter((name) => !present.includes(name)),
    switchedOff: (names: readonly string[]) => names.filter((name) => off.includes(name)),
    idsOf: () => present.filter((name) => name === 'default')
  }
  return addresseesProbe({ compiled }, channels)()
}

test('rules that name a channel that there is not degrade the health, unless nobody is to be told anyway', async (t) => {
  t.match(probe(LOAD, ['pager', 'siren']), { status: 'ok', detail: /are there/ })
  t.match(probe(LOAD, ['pager']), { status: 'degraded', detail: /rules name "siren"/ })
  t.match(probe(LOAD, ['pager', 'siren'], ['pager']), { status: 'degraded', detail: /^"pager" is switched off/ })
  t.match(probe({ ...LOAD, channels: [] }, ['siren', 'default'], ['default']), { status: 'degraded', detail: /^"default" is switched off/ })
  t.match(probe({ ...LOAD, draft: true }, []), { status: 'ok' })
  t.match(probe({ ...LOAD, enabled: false }, []), { status: 'ok' })
})

test('rules without a channel degrade the health while there is none for them', async (t) => {
  const critical = { op: '>' as const, value: 9, channels: ['siren'] }

  t.match(probe({ ...LOAD, channels: [] }, ['siren']), { status: 'degraded', detail: /no channel is called default; set WEBHOOK_URL/ })
  t.match(probe({ ...LOAD, levels: { critical }, channels: [] }, ['siren']), { status: 'ok' }, 'each of its levels has one')
  t.match(probe({ ...LOAD, channels: [] }, ['siren', 'default']), { status: 'ok', detail: /are there/ })
})

function monitor (...statuses: Array<Check['status']>): HealthMonitor {
  return new HealthMonitor({ now: () => 0 }, Object.fromEntries(statuses.map((status, n) => [`part${n}`, () => ({ status, detail: `of ${n}` })])))
}

const verdicts: ReadonlyArray<[statuses: Array<Check['status']>, status: Check['status'], ok: boolean]> = [
  [[], 'ok', true],
  [['ok', 'ok'], 'ok', true],
  [['ok', 'degraded'], 'degraded', true],
  [['degraded', 'down', 'ok'], 'down', false],
  [['down', 'degraded'], 'down', false]
]
for (const [statuses, status, ok] of verdicts) {
  test(`parts that are ${statuses.join(', ') || 'none'} make a service that is ${status}`, async (t) => {
    t.match(monitor(...statuses).report({ full: false }), { ok, status })
  })
}

test('the details are in the full report only', async (t) => {
  t.same(monitor('ok').report({ full: false }).checks, { part0: { status: 'ok' } })
  t.same(monitor('ok').report({ full: true }).checks, { part0: { status: 'ok', detail: 'of 0' } })
})

test('uptime is counted in whole seconds from when it was made', async (t) => {
  let now = 5_000
  const health = new HealthMonitor({ now: () => now }, {})

  t.match(health.report({ full: false }), { uptime_seconds: 0, version: VERSION })
  now += 2_999
  t.equal(health.report({ full: false }).uptime_seconds, 2)
})

test('it is ready only in its phase, and while nothing is down', async (t) => {
  const health = monitor('degraded')
  t.notOk(health.isReady, 'starting')
  health.phase = 'ready'
  t.ok(health.isReady)
  health.phase = 'draining'
  t.notOk(health.isReady)

  const down = monitor('down')
  down.phase = 'ready'
  t.notOk(down.isReady)
})

const DAY = 86_400_000

async function parts (t: Test, time = Date.now()) {
  // One partition a commit, so that retention has something to drop.
  const { store } = await buildStore(t, { partitionBytes: 1 })
  const clock = { now: () => time }
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { logged.push(line) } })
  const access = new AccessControl({ store, clock, opsApiToken: undefined, metricsToken: undefined })
  const space: Space = { storeBytes: 10, usedBytes: 10, reusableBytes: 0, diskFreeBytes: 2_000, budgetBytes: 1e9, isLow: false }
  const commits: number[] = []
  const onCommits = (seconds: readonly number[]): void => { commits.push(...seconds) }
  const retentionTime = await RetentionTime.open({ store, clock, log })
  return { store, retentionTime, clock, log, logged, access, callers: [access], shortAges: () => [], space, commits, onCommits, settings: { retentionDays: 7, retentionBytes: 1e9 } }
}

test('the store is checked by what was last seen of the disk', async (t) => {
  const given = await parts(t)
  const housekeeping = new Housekeeping(given)
  const low = new Housekeeping({ ...given, space: { ...given.space, isLow: true } })

  t.same(housekeeping.check(), { status: 'ok', detail: '10 bytes stored, 2000 bytes of disk free' })
  t.same(low.check(), { status: 'down', detail: '10 bytes stored, 2000 bytes of disk free, less than MIN_FREE_BYTES: events are refused' })
  await Promise.all([housekeeping.close(), low.close()])
})

test('old partitions are dropped at the start, and that is logged', async (t) => {
  const given = await parts(t, Date.now() + 8 * DAY)
  for (const message of ['old', 'newest']) {
    await given.store.append({
      tokenId: 't',
      indexes: [0],
      rejections: [],
      events: [{ time: Date.now(), level: 'INFO', severity: 'LOW', service: null, type: null, host: null, traceId: null, clientId: message, message, meta: null, idHint: null, isTimed: true }]
    })
  }

  await new Housekeeping(given).close()

  t.equal(await given.store.read('getEvent', 'old'), undefined)
  t.match(given.logged, [/partitions were dropped by retention/])
})

test('what the configuration file gives a shorter age goes earlier than the rest', async (t) => {
  const dataDir = testFolder(t, { 'bellwether.yaml': 'retention: [{ level: DEBUG, days: 2 }, { service: noisy, days: 1 }]' })
  const { store } = await buildStore(t, { dataDir, partitionBytes: 1 })
  await appendAll(store, [[
    newEvent({ clientId: 'debug', level: 'DEBUG' }), newEvent({ clientId: 'noisy', service: 'noisy' }), newEvent({ clientId: 'rest' })
  ], [newEvent({ clientId: 'newest' })]])
  await store.close()

  const app = await buildTestApp(t, { DATA_DIR: dataDir, CONFIG_FILE: `${dataDir}/bellwether.yaml` }, { now: () => Date.now() + 1.5 * DAY })
  const has = async (id: string) => (await get(app, `/events/${id}`)).statusCode === 200
  await until(async () => !await has('noisy'))

  t.same([await has('debug'), await has('rest')], [true, true])
})

test('retention takes the bounds that hold when it runs', async (t) => {
  const given = await parts(t)
  const asked: unknown[] = []
  const store: Store = {
    fault: undefined,
    read: (...args) => given.store.read(...args),
    append: (submission) => given.store.append(submission),
    close: () => given.store.close(),
    write: (name, args) => {
      if (name === 'retain' || name === 'keepBudget') asked.push(args)
      return given.store.write(name, args)
    }
  }
  const housekeeping = new Housekeeping({ ...given, store })

  given.settings.retentionDays = 2
  given.settings.retentionBytes = 5e6
  await housekeeping.close()

  t.match(asked, [{ maxAgeMs: 2 * DAY }, { maxBytes: 5e6, partitionBytes: 5e5 }])
})

test('the last use of tokens is written when it closes', async (t) => {
  const given = await parts(t)
  const { secret } = await given.access.create({ name: 'used', scopes: ['read'], expiresAt: null })
  const housekeeping = new Housekeeping(given)
  await given.access.identify(secret)

  await housekeeping.close()

  t.match(await given.store.read('listTokens', undefined), [{ lastUsedAt: given.clock.now() }])
})

test('a store that fails is down, with the reason, and the operator is told', async (t) => {
  const given = await parts(t)
  await given.access.identify('unknown')
  await given.store.close()
  const housekeeping = new Housekeeping(given)
  await new Promise((resolve) => setImmediate(resolve))

  t.match(housekeeping.check(), { status: 'down', detail: /closed/ })
  t.match(given.logged, [/"level":50.*upkeep of the store failed/])
  await housekeeping.close()
})
