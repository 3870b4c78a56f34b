import { pino } from 'pino'
import { test, type Test } from 'tap'
import { AccessControl } from '../../src/access/access-control.ts'
import { RetentionTime } from '../../src/time/retention-time.ts'
import type { Space } from '../../src/store/hot/files/free-space.ts'
import type { Store } from '../../src/store/store.ts'
import { Housekeeping } from '../../src/health/housekeeping.ts'
import { appendAll, newEvent } from '../contract/given.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { get } from '../plugins/support.ts'
import { until } from '../support/until.ts'
import { testFolder } from '../support/test-folder.ts'

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
