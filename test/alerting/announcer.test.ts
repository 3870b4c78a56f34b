import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { AlertsPage } from '../../schemas/alert.ts'
import type { NewEvent } from '../../schemas/event.ts'
import { Evidence } from '../../src/alerting/evidence.ts'
import { runningSince } from '../../src/alerting/mute-book.ts'
import { runRuleTest, type TestVerdict } from '../../src/alerting/rule-tests.ts'
import { parseConfigFile } from '../../src/settings/config-file.ts'
import { advance, type AlertRecord, openAlert } from '../../src/store/hot/alerts/alert-rows.ts'
import { withReads } from '../../src/store/hot/offline.ts'
import type { Store } from '../../src/store/store.ts'
import { newAlert } from '../contract/given-alerts.ts'
import { newEvent } from '../contract/given.ts'
import { post } from '../plugins/support.ts'
import { BUSY, makeRule, world, type World } from '../plugins/world.ts'
import { aCompiledRule, MINUTE } from '../rules/support.ts'
import { NOON, openParts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const QUEUES = 100
/** Neither among the first that are stored together nor among the last. */
const JAMMED = 'queue-77'

/** Has the store refuse the alert of one queue, until the function that it returns is called. */
function jam (dataDir: string): () => void {
  const change = (sql: string): void => {
    const raw = new SqliteDatabase(join(dataDir, 'bellwether.db'))
    raw.exec(sql)
    raw.close()
  }
  change(`CREATE TRIGGER jam BEFORE INSERT ON alerts WHEN NEW.labels LIKE '%"${JAMMED}"%' BEGIN SELECT RAISE(ABORT, 'jammed'); END`)
  return () => change('DROP TRIGGER jam')
}

async function fillAll ({ app, clock }: World, value: number): Promise<void> {
  clock.time += 1_000
  const time = new Date(clock.time).toISOString()
  await post(app, '/samples', Array.from({ length: QUEUES }, (_, n) => ({ name: 'queue_length', value, labels: { queue: `queue-${n}` }, time })))
}

async function firing ({ ask }: World): Promise<number> {
  return (await ask('GET', '/alerts?state=firing&limit=1000')).json<AlertsPage>().alerts.length
}

async function jammed (t: Test): Promise<{ all: World, free: () => void }> {
  const dataDir = testFolder(t)
  const all = await world(t, { DATA_DIR: dataDir })
  await makeRule(all, { ...BUSY, levels: { critical: { op: '>', value: 10 } } })
  return { all, free: jam(dataDir) }
}

test('a storm that broke off in the middle of being stored is finished by the next evaluation: all are told, each once', async (t) => {
  const { all, free } = await jammed(t)
  await fillAll(all, 50)

  await t.rejects(all.app.service.evaluator.evaluateNow(), /jammed/)
  const stored = await firing(all)
  t.ok(stored > 0 && stored < QUEUES, `${stored} were stored before`)
  free()
  await fillAll(all, 50)
  await all.app.service.evaluator.evaluateNow()
  await fillAll(all, 1)
  await all.app.service.evaluator.evaluateNow()

  const notices = await all.arrived(2 * QUEUES)
  const told = notices.map(({ type, labels }) => `${type} ${labels['queue']}`)
  t.equal(told.length, 2 * QUEUES)
  t.equal(new Set(told).size, 2 * QUEUES)
  t.equal(new Set(notices.map(({ alert_id: id }) => id)).size, QUEUES)
  t.ok(notices.every(({ evidence }) => 'compared' in evidence), 'also the end is told with what was frozen at the beginning')
})

test('what sets timers is stored whole or not at all, since the next evaluation would set them once more', async (t) => {
  const { all, free } = await jammed(t)
  all.clock.time += 10 * 3_600_000
  await fillAll(all, 50)

  await t.rejects(all.app.service.evaluator.evaluateNow(), /jammed/)

  t.equal(await firing(all), 0)
  free()
})

const HOUR = 3_600_000
const NIGHTLY = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }

test('a recurring maintenance lasts from each of its times on, in its time zone', async (t) => {
  const cases: Array<[now: string, since: string | undefined]> = [
    ['2026-01-10T01:29:59Z', undefined],
    ['2026-01-10T01:30:00Z', '2026-01-10T01:30:00.000Z'],
    ['2026-01-10T03:29:59Z', '2026-01-10T01:30:00.000Z'],
    ['2026-01-10T03:30:00Z', undefined],
    ['2026-07-10T00:30:00Z', '2026-07-10T00:30:00.000Z'],
    ['2026-07-10T02:30:00Z', undefined]
  ]
  for (const [now, since] of cases) {
    const found = runningSince(NIGHTLY, 2 * HOUR, Date.parse(now))
    t.equal(found === undefined ? undefined : new Date(found).toISOString(), since, now)
  }
})

const NOW = NOON + 60_000
const RULE = aCompiledRule({ signal: { events: 'service:api' } })
const NODE_AT_WORK = { pid: 7, name: 'node', cpuPercent: 199.98765, rssBytes: 5, startedAt: NOON + 1, parent: { pid: 1, name: 'init' } }

/** Opens a store that holds events, each a second after the one before. */
async function given<T> (t: Test, events: Array<Partial<NewEvent>>, task: (store: Pick<Store, 'read'>) => Promise<T>): Promise<T> {
  const dataDir = testFolder(t)
  const parts = await openParts(t, { dataDir })
  for (const [second, event] of events.entries()) {
    parts.clock.ms = NOON + second * 1_000
    parts.store([newEvent({ time: parts.clock.ms, service: 'api', ...event })])
  }
  return withReads(dataDir, task)
}

function evidenceOf (store: Pick<Store, 'read'>, mostMs?: number): Evidence {
  return new Evidence({ store, sampler: { busiest: async () => [NODE_AT_WORK] }, log: pino({ level: 'silent' }), startedAt: NOON + 30_000, ...(mostMs === undefined ? {} : { mostMs }) })
}

function alerts (count: number): Array<{ alert: AlertRecord, rule: typeof RULE }> {
  return Array.from({ length: count }, (_, index) => {
    const { opened, first } = newAlert(`a${index}`, { at: NOW })
    return { alert: advance(openAlert(opened, first), first), rule: RULE }
  })
}

test('evidence holds events with their meta and without their secrets, and lists what came before, oldest first', async (t) => {
  const meta = JSON.stringify({ user: 'ann', 'x-api-key': 'abc', long: 'x'.repeat(3_000), n: 5 })
  const events = [
    { type: 'DEPLOY', message: 'version 7 with token=abc' }, { type: 'DEPLOY', message: 'version 8' }, { type: 'RESTART', message: 'restarted' },
    { message: 'login with password=hunter2 failed', meta }
  ]
  const body = await given(t, events, async (store) => (await evidenceOf(store).of(alerts(1), NOW)).get('a0'))

  t.match(body, {
    events: [{ message: 'login with password=[redacted] failed' }, {}, {}, {}],
    deploys: [{ message: 'version 7 with token=[redacted]' }, { message: 'version 8' }],
    restarts: [{ message: 'restarted' }, { service: 'bellwether' }],
    processes: [{ pid: 7, cpu_percent: 199.988, started_at: '2026-06-01T12:00:00.000Z', parent: { pid: 1, name: 'init' } }],
    changes: { length: 0 }
  })
  t.same(parseEvents(body)[0]?.['meta'], { user: 'ann', 'x-api-key': '[redacted]', n: 5 })
  t.notOk(body !== undefined && 'missing' in body)
})

test('what is not found in time is left out, and named', async (t) => {
  await given(t, [{ type: 'DEPLOY' }], async (store) => {
    const slow: Pick<Store, 'read'> = { read: (name, args, options) => name === 'newestReceived' ? new Promise(() => {}) : store.read(name, args, options) }
    const broken: Pick<Store, 'read'> = { read: (name, args, options) => name === 'listAudit' ? Promise.reject(new Error('the disk is bad')) : store.read(name, args, options) }

    const late = (await evidenceOf(slow, 500).of(alerts(1), NOW)).get('a0')
    const partly = (await evidenceOf(broken).of(alerts(1), NOW)).get('a0')

    t.same(late?.['missing'], ['events', 'restarts', 'deploys'].map((part) => ({ part, why: 'timeout' })))
    t.same(Object.keys(late ?? {}).toSorted(), ['changes', 'compared', 'missing', 'processes'])
    t.same(partly?.['missing'], [{ part: 'changes', why: 'error' }])
  })
})

test('of more alerts than fifty at one moment the rest gets what is the same for all, and says so', async (t) => {
  const bodies = await given(t, [{}], (store) => evidenceOf(store, MINUTE).of(alerts(51), NOW))

  t.equal(parseEvents(bodies.get('a49')).length, 1)
  t.notOk(bodies.get('a49')?.['missing'])
  t.match(bodies.get('a50'), { events: undefined, processes: [{ pid: 7 }], missing: [{ part: 'events', why: 'too_many_alerts' }] })
})

function parseEvents (body: Record<string, unknown> | undefined): Array<Record<string, unknown>> {
  return body?.['events'] as Array<Record<string, unknown>>
}

const INTERVAL_MS = 10_000
const SETTINGS = { configFile: undefined, evaluateIntervalMs: INTERVAL_MS, webhookAllow: [], retentionDays: 30 }
const HEAT = { name: 'Heat', signal: { metric: 'heat' }, aggregate: 'max', window: '10s', for: '20s', levels: { warning: { op: '>', value: 80 }, critical: { op: '>', value: 95 } } }
const ERRORS = { name: 'Errors', signal: { events: 'level>=error -service:test' }, group_by: ['host'], window: '30s', levels: { critical: { op: '>=', value: 3 } } }

function verdictOf (rule: { name: string }, entry: object): TestVerdict {
  const text = JSON.stringify({ rules: [rule], tests: [{ rule: rule.name, ...entry }] })
  const [found] = parseConfigFile({ path: 'rules.yaml', text }, SETTINGS).tests
  if (found === undefined) throw new Error('the test was not read')
  return runRuleTest(found, INTERVAL_MS)
}

const heat = (values: string, labels = {}) => ({ series: [{ name: 'heat', values, labels }] })
const error = { level: 'ERROR', host: 'a' }

const cases: ReadonlyArray<[title: string, rule: { name: string }, entry: object, told: RegExp | undefined]> = [
  ['a firing that ends', HEAT, { ...heat('50x3 90x4 50x4'), expect: [{ from: '50s', to: '70s', level: 'warning' }] }, undefined],
  ['a firing that goes on', HEAT, { ...heat('50 99x6'), expect: [{ from: '30s', level: 'critical' }] }, undefined],
  ['no firing', HEAT, { ...heat('90x2 50x4 _x5'), expect: [] }, undefined],
  ['another series', HEAT, { series: [{ name: 'cold', values: '99x9' }], expect: [] }, undefined],
  ['series that are joined', HEAT, { series: [{ name: 'heat', values: '1x9', labels: { room: 'a' } }, { name: 'heat', values: '99x9', labels: { room: 'b' } }], expect: [{ from: '20s' }] }, undefined],
  ['a longer step', HEAT, { series: [{ name: 'heat', values: '99x2', every: '1m' }], lasts: '2m', expect: [] }, undefined],
  ['events of a group', ERRORS, { events: [{ at: '15s', count: 3, ...error }], expect: [{ from: '20s', to: '50s', labels: { host: 'a' } }] }, undefined],
  ['events again and again', ERRORS, { events: [{ at: '5s', every: '10s', until: '25s', ...error }], expect: [{ from: '30s', to: '40s' }] }, undefined],
  ['events that do not match', ERRORS, { events: [{ at: '5s', count: 9, ...error, service: 'test' }, { at: '5s', count: 9, level: 'WARN' }], expect: [] }, undefined],
  ['a time between two evaluations is that of the next', HEAT, { ...heat('50 99x6'), expect: [{ from: '21s' }] }, undefined],
  ['one that did not come', HEAT, { ...heat('50x9'), expect: [{ from: '30s' }] }, /rules\.yaml:1 expected any level from 30s on, got no firing$/],
  ['one too many', HEAT, { ...heat('99x3'), expect: [] }, /expected no firing, got critical from 20s on$/],
  ['another level', HEAT, { ...heat('99x3'), expect: [{ from: '20s', level: 'warning' }] }, /expected warning from 20s on, got critical from 20s on$/],
  ['another time', HEAT, { ...heat('50 99x6'), expect: [{ from: '20s' }] }, /from 20s on, got critical from 30s on$/],
  ['an end that did not come', HEAT, { ...heat('99x3'), expect: [{ from: '20s', to: '30s' }] }, /from 20s to 30s, got critical from 20s on$/],
  ['another group', ERRORS, { events: [{ at: '15s', count: 3, ...error }], expect: [{ from: '20s', to: '50s', labels: { host: 'b' } }] }, /got critical from 20s to 50s {"host":"a"}$/]
]

for (const [title, rule, entry, told] of cases) {
  test(`a test of a rule: ${title}`, async (t) => {
    const { isFine, text } = verdictOf(rule, entry)

    t.equal(isFine, told === undefined, text)
    if (told !== undefined) t.match(text, told)
  })
}
