import t, { test } from 'tap'
import type { Alert, AlertFile, AlertsPage, Silence } from '../../schemas/alert.ts'
import { buildTestApp } from '../helper.ts'
import { get, pathsOf, post } from './support.ts'
import { afresh, BUSY, makeRule, measureOn, world, type World } from './world.ts'
import { testFolder } from '../support/test-folder.ts'

/** Tests that do not stop it share one, of which the first has it new, since what comes in is dated by the clock of the machine. */
const shared = await world(t)

async function onlyAlert ({ ask }: World): Promise<Alert> {
  const { alerts } = (await ask('GET', '/alerts?state=firing')).json<AlertsPage>()
  const [alert] = alerts
  if (alert === undefined || alerts.length > 1) throw new Error(`${alerts.length} alerts fire`)
  return alert
}

test('an alert fires, escalates and is resolved, each told once, with its evidence and its timeline', async (t) => {
  const all = shared
  const { ask, measure, arrived } = all
  const rule = await makeRule(all)

  await post(all.app, '/events', { message: 'version 7 is out, token=abc', type: 'DEPLOY', service: 'mail', meta: { password: 'x', commit: 'abc' } })
  await measure(50)
  await measure(60)
  await measure(500)
  await measure(1)
  const notices = await arrived(3)

  t.same(notices.map(({ type, severity, value, limit }) => [type, severity, value, limit]), [
    ['alert.firing', 'warning', 50, 10],
    ['alert.escalated', 'critical', 500, 100],
    ['alert.resolved', 'critical', 1, 100]
  ])
  t.equal(new Set(notices.map(({ alert_id: id }) => id)).size, 1, 'all of one alert')
  t.same(notices.map(({ annotations }) => annotations['summary']), ['Queue is long: 50 on mail', 'Queue is long: 500 on mail', 'Queue is long: 1 on mail'])
  t.match(notices[0]?.evidence, { compared: { value: 50, limit: 10, op: '>' }, deploys: [{ message: 'version 7 is out, token=[redacted]', meta: { password: '[redacted]', commit: 'abc' } }], changes: [{ action: 'rule.create', actor: 'ada' }] })
  t.ok(Array.isArray(notices[0]?.evidence['processes']))

  const file = (await ask('GET', `/alerts/${notices[0]?.alert_id}`)).json<AlertFile>()
  t.match(file, { rule: { id: rule.id, name: 'Queue is long', version: 1 }, state: 'resolved', labels: { queue: 'mail' }, evidence: { compared: { value: 50 } } })
  t.same(file.timeline.map(({ from, to, reason, rule_version: version }) => [from, to, reason, version]), [
    [null, 'firing', 'crossed', 1], ['firing', 'firing', 'escalated', 1], ['firing', 'resolved', 'recovered', 1]
  ])
  t.same(file.deliveries.map(({ type, channel }) => [type, channel]), [['alert.firing', 'default'], ['alert.escalated', 'default'], ['alert.resolved', 'default']])
  t.same(file.annotations, notices[2]?.annotations)
  t.match(notices[2], { started_at: file.started_at, fired_at: file.fired_at, ended_at: file.ended_at })

  await measure(50)
  t.match((await ask('GET', `/alerts/${(await onlyAlert(all)).id}`)).json<AlertFile>().timeline, [{ from: null, to: 'firing' }], 'the next one is a story of its own')
})

test('an acknowledged alert is not told again at its level, but when it gets worse and when it ends', async (t) => {
  const all = await afresh(shared)
  const { ask, measure, arrived } = all
  await makeRule(all)
  await measure(50)
  const { id } = await onlyAlert(all)

  const until = new Date(all.clock.time + 7_200_000).toISOString()
  const acknowledged = await ask('POST', `/alerts/${id}/ack`, { note: 'I look', until: '2h' })
  await measure(60)
  await measure(1)

  t.match(acknowledged.json(), { acknowledged_by: 'ada', acknowledged_until: until, note: 'I look', state: 'firing' })
  t.same((await arrived(2)).map(({ type }) => type), ['alert.firing', 'alert.resolved'])
  t.match((await ask('GET', `/alerts/${id}`)).json<AlertFile>().timeline[1], { reason: 'acknowledged', actor: 'ada', note: 'I look' })
  t.equal((await ask('POST', `/alerts/${id}/ack`)).statusCode, 409, 'what is over cannot be acknowledged')
  t.equal((await ask('POST', `/alerts/${id}/unack`)).statusCode, 409)
  t.equal((await ask('POST', '/alerts/none/resolve')).statusCode, 404)
})

test('a webhook and /alerts mean the same by started_at when an alert was pending first; ended there, it is over', async (t) => {
  const all = await world(t)
  const { ask, measure, arrived, clock } = all
  await makeRule(all, { ...BUSY, for: '1s' })
  await measure(50)
  const began = clock.time
  await measure(60)
  await measure(50, 'other')
  const [notice] = await arrived(1)
  const pending = (await ask('GET', '/alerts?state=pending')).json<AlertsPage>().alerts[0]

  t.match(notice, { started_at: new Date(began).toISOString(), fired_at: (await ask('GET', `/alerts/${notice?.alert_id}`)).json<AlertFile>().fired_at })
  t.not(notice?.started_at, notice?.fired_at)
  t.match((await ask('POST', `/alerts/${pending?.id}/resolve`)).json(), { state: 'resolved' })
})

test('a silence holds back new notices and says how many; what still fires when it ends is told', async (t) => {
  const all = await afresh(shared)
  const { ask, measure, arrived, notices } = all
  const rule = await makeRule(all)
  await measure(50, 'a')
  await arrived(1)

  const made = await ask('POST', '/silences', { rule: rule.id, until: '2100-01-01', reason: 'we know' })
  await measure(70, 'b')
  const { silenced_by: silencedBy } = (await ask('GET', '/alerts?state=firing')).json<AlertsPage>().alerts.find(({ labels }) => labels['queue'] === 'b') ?? {}
  const [silence] = (await ask('GET', '/silences')).json<{ silences: Silence[] }>().silences

  t.match(made.json(), { would_have_held_back: 1, until: '2100-01-01T00:00:00.000Z', created_by: 'ada' })
  t.equal(silencedBy, silence?.id)
  t.equal(silence?.held_back, 1)
  t.equal(notices.length, 1)

  t.equal((await ask('DELETE', `/silences/${silence?.id}`)).statusCode, 204)
  t.match(await arrived(2), [{}, { type: 'alert.firing', labels: { queue: 'b' } }])
  t.equal((await ask('DELETE', `/silences/${silence?.id}`)).statusCode, 404, 'it has ended')
})

test('a silence with the query of a rule holds back the notices of that rule, and a narrower one does not', async (t) => {
  const all = await afresh(shared)
  const { ask, app, clock, arrived } = all
  const query = 'service:printer level:warn'
  await post(app, '/events', { message: 'paper jam', service: 'printer', level: 'warn' })
  const [wide, narrow] = await Promise.all([query, `${query} jam`].map(async (query) => (await ask('POST', '/silences', { query, until: '2100-01-01' })).json<Silence>()))

  const rule = await makeRule(all, { name: 'Warnings of the printer', signal: { events: query }, levels: { warning: { op: '>=', value: 1 } }, window: '7d' })
  clock.time += 1_000
  await app.service.evaluator.evaluateNow()

  t.match((await ask('GET', `/alerts?state=firing&rule=${rule.id}`)).json<AlertsPage>().alerts, [{ silenced_by: wide?.id }])
  t.match(all.notices, [])
  t.equal((await ask('DELETE', `/silences/${wide?.id}`)).statusCode, 204)
  t.match(await arrived(1), [{ type: 'alert.firing', rule: { id: rule.id } }])
  t.equal((await ask('DELETE', `/silences/${narrow?.id}`)).statusCode, 204)
})

test('an operator resolves an alert, which is told; while its limit is crossed it begins anew', async (t) => {
  const all = await afresh(shared)
  const { ask, measure, arrived } = all
  await makeRule(all)
  await measure(50)
  const { id } = await onlyAlert(all)

  t.match((await ask('POST', `/alerts/${id}/resolve`)).json(), { state: 'resolved' })
  t.match(await arrived(2), [{ type: 'alert.firing' }, { type: 'alert.resolved', alert_id: id }])
  await measure(50)
  t.not((await onlyAlert(all)).id, id)
})

test('a rule that is removed resolves its alerts, and its name stays', async (t) => {
  const all = await afresh(shared)
  const { ask, measure, arrived, clock, app } = all
  const rule = await makeRule(all)
  await measure(50)

  t.equal((await ask('DELETE', `/rules/${rule.id}`)).statusCode, 204)
  clock.time += 1_000
  await app.service.evaluator.evaluateNow()

  t.match((await arrived(2))[1], { type: 'alert.resolved', rule: { name: 'Queue is long' } })
  t.equal((await ask('GET', `/rules/${rule.id}`)).statusCode, 404)
})

test('the end of an alert is not kept for a channel that was removed', async (t) => {
  const all = await afresh(shared)
  const { ask, measure, arrived, url } = all
  await ask('POST', '/channels', { name: 'former', kind: 'webhook', url })
  const rule = await makeRule(all, { ...BUSY, channels: ['former'] })
  await measure(50)
  await arrived(1)
  await ask('PATCH', `/rules/${rule.id}`, { channels: [] })
  t.equal((await ask('DELETE', '/channels/former')).statusCode, 204)

  await measure(1)

  t.same((await ask('GET', '/notifications?state=pending')).json(), { notifications: [], next: null })
})

test('a rule counts events as they come, and those of before it was made', async (t) => {
  const all = await afresh(shared)
  const { app, ask, clock } = all
  await post(app, '/events', [{ message: 'out of paper', level: 'error' }, { message: 'out of paper', level: 'error' }])

  await makeRule(all, { name: 'Errors', signal: { events: 'level>=error' }, levels: { critical: { op: '>=', value: 2 } }, window: '2d' })
  clock.time += 1_000
  await app.service.evaluator.evaluateNow()

  const alert = await onlyAlert(all)
  t.match(alert, { rule: { name: 'Errors' }, value: 2, severity: 'critical' })
  t.match((await ask('GET', `/alerts/${alert.id}`)).json<AlertFile>().evidence, { events: [{ message: 'out of paper', level: 'ERROR' }, {}] })
})

test('old events that are imported are found, and fire nothing', async (t) => {
  const app = await buildTestApp(t, { EVALUATE_INTERVAL: '1h' })
  const old = ['first', 'second'].map((message) => ({ message, level: 'fatal', service: 'old', time: '2026-01-01T00:00:00Z' }))
  const rule = await app.service.rules.create({ name: 'Any', signal: { events: 'service:old' }, levels: { warning: { op: '>=', value: 1 } }, window: '1h', group_by: ['level'] }, { caller: undefined, from: 'test' })
  const firing = async () => {
    await app.service.evaluator.evaluateNow()
    return (await get(app, `/alerts?state=firing&rule=${rule.id}`)).json<AlertsPage>().alerts.map(({ value }) => value)
  }

  t.match((await post(app, '/events?import=true', old)).json(), { accepted: 2 })
  t.same(await firing(), [])
  t.match((await get(app, '/events?q=service:old&from=2025-12-31&to=2026-01-02')).json(), { events: [{}, {}] })
  await post(app, '/events', old.slice(1))
  t.same(await firing(), [1])
  t.match((await get(app, `/alerts/${(await get(app, `/alerts?rule=${rule.id}`)).json<AlertsPage>().alerts[0]?.id}`)).json(), {
    evidence: { compared: { counted_by: 'received_at' }, events: [{ time: '2026-01-01T00:00:00.000Z', received_at: String }] }
  })
})

test('label sets beyond the cap of a rule are counted and told while it is so', async (t) => {
  const { app, ask, clock } = await world(t)
  await makeRule({ ask }, { ...BUSY, name: 'Crowd' })
  const lengths = (value: number) => Array.from({ length: 102 }, (_, queue) => ({ name: 'queue_length', value, labels: { queue: `q${queue}` }, time: new Date(clock.time).toISOString() }))
  const rulesCheck = async (value: number) => {
    clock.time += 1_000
    await post(app, '/samples', lengths(value))
    await app.service.evaluator.evaluateNow()
    return app.service.evaluator.check()
  }

  t.match(await rulesCheck(50), { status: 'degraded', detail: /"Crowd" has 100 label sets in trouble.*: 2 more get no alert/ })
  t.match((await app.service.metrics.render()).toString(), /^bellwether_rule_groups_refused_total 2$/m)
  t.match(await rulesCheck(1), { status: 'ok' })
})

test('bad rules, silences and maintenances are refused with the place of each fault', async (t) => {
  const { ask } = await afresh(shared)
  const cases: Array<[url: string, body: object, paths: string[]]> = [
    ['/rules', { ...BUSY, levels: {} }, ['/levels']],
    ['/rules', { ...BUSY, name: 'a\ud800', labels: { team: 'b\0' } }, ['/labels/team', '/name']],
    ['/rules', { ...BUSY, signal: { metric: 'a b' } }, ['/signal/metric']],
    ['/rules', { ...BUSY, signal: { pattern: 'new' } }, ['/signal']],
    ['/rules', { ...BUSY, channels: ['nobody'] }, ['/channels/0']],
    ['/rules', { ...BUSY, annotations: { summary: '{valeu}' } }, ['/annotations/summary']],
    ['/rules', { ...BUSY, depends_on: ['nothing'] }, ['/depends_on/0']],
    ['/silences', { until: '2100-01-01' }, ['']],
    ['/silences', { query: 'a', until: '2000-01-01' }, ['/until']],
    ['/silences', { query: 'a' }, ['/until']],
    ['/silences', { query: '(', until: '2100-01-01' }, ['/query']],
    ['/silences', { labels: {}, until: '2100-01-01' }, ['']],
    ['/silences', { rule: 'CPU', until: '2100-01-01' }, ['/rule']],
    ['/silences', { query: '', until: '2100-01-01', reason: 'a\ud800' }, ['/reason']],
    ['/maintenance', { name: 'a\0', query: '', duration: '1h' }, ['/name']],
    ['/maintenance', { name: 'x', rule: 'builtin-cpu', duration: '1h', cron: 'sometimes' }, ['/cron']],
    ['/maintenance', { name: 'x', rule: 'builtin-cpu', duration: '1h', cron: '0 2 * * *', time_zone: 'Mars/Base' }, ['/time_zone']],
    ['/maintenance', { name: 'x', rule: 'builtin-cpu', duration: '1h', cron: '0 2 * * *', from: 'now' }, ['/from']],
    ['/alerts/alr_1/ack', { note: 'x'.repeat(1_001) }, ['/note']],
    ['/alerts/alr_1/ack', { note: 'a\0' }, ['/note']],
    ['/silences', { query: 'a', until: 'soon' }, ['/until']],
    ['/silences', { query: 'a', until: '0h' }, ['/until']],
    ['/maintenance', { query: 'a', duration: '1h' }, ['/name']],
    ['/alerts/alr_1/unack', { note: 'no' }, ['/note']],
    ['/alerts/alr_1/resolve', { note: 'no' }, ['/note']],
    ['/alerts/alr_1/ack', { until: 5, colour: 'red' }, ['/colour', '/until']]
  ]
  for (const [url, body, paths] of cases) {
    const response = await ask('POST', url, body)
    t.equal(response.statusCode, 400, JSON.stringify(body))
    t.same(pathsOf(response), paths, response.body)
  }
})

test('a built-in rule follows its threshold, takes channels and switches, and stays', async (t) => {
  const { ask } = await afresh(shared)
  const url = '/rules/builtin-cpu'

  t.match((await ask('PATCH', url, { enabled: true })).json(), { enabled: true })
  await ask('PATCH', url, { enabled: false })
  await ask('PATCH', '/config', { thresholds: { cpu_percent: { warning: 42 } } })

  t.match((await ask('GET', url)).json(), { version: 5, origin: 'builtin', enabled: false, levels: { warning: { value: 42 } } })
  t.same(pathsOf(await ask('PATCH', url, { window: '2h' })), ['/window'])
  t.equal((await ask('PUT', url, BUSY)).statusCode, 409)
  t.equal((await ask('DELETE', url)).statusCode, 409)
})

test('what was told is remembered over a restart: nobody is paged again, and the end is told', async (t) => {
  const DATA_DIR = testFolder(t)
  const all = await world(t, { DATA_DIR })
  await makeRule(all)
  await all.measure(50)
  await all.arrived(1)
  await all.app.close()
  await all.app.service.close()

  const again = await buildTestApp(t, { DATA_DIR, EVALUATE_INTERVAL: '1h', WEBHOOK_URL: all.url, WEBHOOK_ALLOW: '127.0.0.1' }, all.clock)
  const next = { ...all, app: again }
  await measureOn(next, 60)
  await measureOn(next, 1)

  t.same((await all.arrived(2)).map(({ type }) => type), ['alert.firing', 'alert.resolved'])
})
