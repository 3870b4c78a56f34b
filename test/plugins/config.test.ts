import t, { test, type Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import type { App } from '../../plugins/app-type.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import { Settings } from '../../schemas/env.ts'
import { DEFAULT_THRESHOLDS, RunTimeValues, type ConfigView } from '../../schemas/settings.ts'
import { toJsonText } from '../../src/core/text/json-text.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { auth, buildTestApp } from '../helper.ts'
import { guest, type Headers } from './people.ts'
import { pathsOf, problemFaults } from './support.ts'

interface People {
  app: App
  admin: Headers
  operator: Headers
}

async function withPeople (t: Test, settings: Record<string, string> = {}): Promise<People> {
  const app = await buildTestApp(t, settings)
  const [admin, operator] = await Promise.all([guest(app, 'ann', 'admin'), guest(app, 'olga', 'operator')])
  return { app, admin: admin.bearer, operator: operator.bearer }
}

function patch (app: App, headers: Headers, payload: object | string, url = '/config'): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'PATCH', url, headers: { 'content-type': 'application/json', ...headers }, payload })
}

function put (app: App, headers: Headers, payload: object | string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'PUT', url: '/config', headers: { 'content-type': 'application/json', ...headers }, payload })
}

async function view (app: App): Promise<ConfigView> {
  return (await app.inject({ url: '/config', headers: auth })).json<ConfigView>()
}

async function entriesOf (app: App, admin: Headers): Promise<AuditPage['entries']> {
  const response = await app.inject({ url: '/audit?action=setting.update,threshold.update', headers: admin })
  return response.json<AuditPage>().entries
}

/** Tests that do not stop it share one. */
const shared = await withPeople(t)

test('thresholds and run-time settings', async (t) => {
  const { app, admin, operator } = shared

  await t.test('the defaults are answered on both paths, and where each comes from', async (t) => {
    const settings = { retention_days: 30, retention_bytes: 10e9, log_level: 'info' }
    const sources = Object.fromEntries([
      ...Object.keys(DEFAULT_THRESHOLDS).map((name) => [`/thresholds/${name}`, 'default']),
      ...Object.keys(settings).map((name) => [`/settings/${name}`, 'default'])
    ])

    const wanted = { thresholds: DEFAULT_THRESHOLDS, settings, sources, read_only: [] }

    t.same(await view(app), wanted)
    t.same((await app.inject({ url: '/api/config', headers: auth })).json(), wanted)
    t.same(DEFAULT_THRESHOLDS, {
      cpu_percent: { warning: 80, critical: 95, for: '1m' },
      memory_percent: { warning: 85, critical: 95, for: '1m' },
      latency_p95_ms: { warning: 100, critical: 500, for: '1m' }
    })
  })

  await t.test('PATCH changes what is named, and says so in the audit', async (t) => {
    const response = await patch(app, operator, { thresholds: { cpu_percent: { warning: 70.5 } } }, '/api/config')

    t.equal(response.statusCode, 200)
    t.same(response.json(), await view(app))
    t.match(await view(app), { thresholds: { ...DEFAULT_THRESHOLDS, cpu_percent: { warning: 70.5, critical: 95, for: '1m' } }, sources: { '/thresholds/cpu_percent': 'stored', '/thresholds/memory_percent': 'default' } })
    t.match(await entriesOf(app, admin), [{
      action: 'threshold.update', actor: { kind: 'user', name: 'olga' }, from: '127.0.0.1', target: 'cpu_percent', detail: { from: { warning: 80 }, to: { warning: 70.5 } }
    }])
  })

  await t.test('PUT sets all thresholds, and leaves settings that it does not name', async (t) => {
    const thresholds = { ...DEFAULT_THRESHOLDS, latency_p95_ms: { warning: 250, critical: 250, for: '0s' } }

    const response = await put(app, operator, { thresholds })

    t.equal(response.statusCode, 200)
    t.match(await view(app), { thresholds, settings: { retention_days: 30 } })
    t.same((await entriesOf(app, admin)).slice(0, 2).map(({ target }) => target), ['latency_p95_ms', 'cpu_percent'])
  })

  await t.test('what is the same already is no change', async (t) => {
    const before = (await entriesOf(app, admin)).length
    const { thresholds, settings } = await view(app)

    t.equal((await put(app, operator, { thresholds, settings })).statusCode, 200)

    t.equal((await entriesOf(app, admin)).length, before)
  })

  await t.test('retention takes an admin, the level of the log an operator', async (t) => {
    t.same(problemFaults(await patch(app, operator, { settings: { retention_days: 29 } }), 403), [])
    t.same(problemFaults(await patch(app, operator, { settings: { retention_bytes: 1e9, log_level: 'debug' } }), 403), [])
    t.match(await view(app), { settings: { retention_days: 30, retention_bytes: 10e9, log_level: 'info' } }, 'all or nothing')

    t.equal((await patch(app, admin, { settings: { retention_days: 29 } })).statusCode, 200)
    t.equal((await patch(app, operator, { settings: { log_level: 'debug' } })).statusCode, 200)
    t.match(await entriesOf(app, admin), [
      { action: 'setting.update', actor: { name: 'olga' }, target: 'log_level', detail: { from: 'info', to: 'debug' } },
      { action: 'setting.update', actor: { name: 'ann' }, target: 'retention_days', detail: { from: 30, to: 29 } }
    ])
  })

  await t.test('it is in force at once: the log follows, and the next retention takes the new bounds', async (t) => {
    await patch(app, admin, { settings: { log_level: 'error', retention_days: 3, retention_bytes: 5e6 } })

    t.equal(app.service.log.level, 'error')
    t.same([app.service.settings.retentionDays, app.service.settings.retentionBytes], [3, 5e6])
  })

  await t.test('changes that come at once are all made, one after the other', async (t) => {
    const changes = [{ warning: 10 }, { critical: 99 }, { for: '5m' }]

    const answers = await Promise.all(changes.map((change) => patch(app, operator, { thresholds: { memory_percent: change } })))

    t.same(answers.map(({ statusCode }) => statusCode), [200, 200, 200])
    t.same((await view(app)).thresholds.memory_percent, { warning: 10, critical: 99, for: '5m' })
    await Promise.all([
      patch(app, operator, { thresholds: { memory_percent: { warning: 90 } } }), patch(app, operator, { thresholds: { memory_percent: { critical: 50 } } })
    ])
    const { warning, critical } = (await view(app)).thresholds.memory_percent
    t.ok(warning <= critical, 'two that are fine alone and not together do not both get in')
  })
})

const whole = { warning: 1, critical: 2, for: '1m' }
const bad: ReadonlyArray<[what: string, body: string, path: string]> = [
  ['a warning above critical', '{"thresholds":{"cpu_percent":{"warning":96}}}', '/thresholds/cpu_percent/warning'],
  ['a critical under the warning', '{"thresholds":{"latency_p95_ms":{"critical":99}}}', '/thresholds/latency_p95_ms/warning'],
  ['more than any number', '{"thresholds":{"cpu_percent":{"critical":1e999}}}', '/thresholds/cpu_percent/critical'],
  ['less than any number', '{"thresholds":{"cpu_percent":{"warning":-1e999}}}', '/thresholds/cpu_percent/warning'],
  ['a text for a number', '{"thresholds":{"cpu_percent":{"warning":"80"}}}', '/thresholds/cpu_percent/warning'],
  ['a text that is no number', '{"thresholds":{"cpu_percent":{"warning":"NaN"}}}', '/thresholds/cpu_percent/warning'],
  ['null', '{"thresholds":{"cpu_percent":{"warning":null}}}', '/thresholds/cpu_percent/warning'],
  ['true', '{"thresholds":{"cpu_percent":{"warning":true}}}', '/thresholds/cpu_percent/warning'],
  ['a list', '{"thresholds":{"cpu_percent":[80,95]}}', '/thresholds/cpu_percent'],
  ['under 0 %', '{"thresholds":{"memory_percent":{"warning":-0.1}}}', '/thresholds/memory_percent/warning'],
  ['over 100 %', '{"thresholds":{"memory_percent":{"critical":100.1}}}', '/thresholds/memory_percent/critical'],
  ['over an hour', '{"thresholds":{"latency_p95_ms":{"critical":3600001}}}', '/thresholds/latency_p95_ms/critical'],
  ['a time without unit', '{"thresholds":{"cpu_percent":{"for":"60"}}}', '/thresholds/cpu_percent/for'],
  ['a number for a time', '{"thresholds":{"cpu_percent":{"for":60}}}', '/thresholds/cpu_percent/for'],
  ['a time before', '{"thresholds":{"cpu_percent":{"for":"-1m"}}}', '/thresholds/cpu_percent/for'],
  ['eight days', '{"thresholds":{"cpu_percent":{"for":"8d"}}}', '/thresholds/cpu_percent/for'],
  ['an unknown threshold', '{"thresholds":{"disk_percent":{"warning":1,"critical":2,"for":"1m"}}}', '/thresholds/disk_percent'],
  ['an unknown field of a threshold', '{"thresholds":{"cpu_percent":{"warn":1}}}', '/thresholds/cpu_percent/warn'],
  ['an unknown setting', '{"settings":{"port":1}}', '/settings/port'],
  ['an unknown member', '{"sources":{}}', '/sources'],
  ['a threshold of nothing', '{"thresholds":{"cpu_percent":{}}}', '/thresholds/cpu_percent'],
  ['nothing', '{}', ''],
  ['an array', '[]', ''],
  ['a text', '"x"', ''],
  ['no days', '{"settings":{"retention_days":0}}', '/settings/retention_days'],
  ['half a day', '{"settings":{"retention_days":0.5}}', '/settings/retention_days'],
  ['too many days', '{"settings":{"retention_days":36501}}', '/settings/retention_days'],
  ['too few bytes', '{"settings":{"retention_bytes":999999}}', '/settings/retention_bytes'],
  ['a size as text', '{"settings":{"retention_bytes":"10GB"}}', '/settings/retention_bytes'],
  ['an unknown level', '{"settings":{"log_level":"INFO"}}', '/settings/log_level']
]

test('what is wrong is 400 with its path, and changes nothing', async (t) => {
  const { app, admin } = shared
  // The warnings and limits that the faults of the table are measured by.
  await put(app, admin, { thresholds: DEFAULT_THRESHOLDS })
  const [before, acts] = [await view(app), await entriesOf(app, admin)]

  for (const [what, body, path] of bad) {
    const response = await patch(app, admin, body)
    t.same(problemFaults(response, 400), [], what)
    t.ok(pathsOf(response).includes(path), `${what}: ${pathsOf(response).join()}`)
  }
  for (const [what, body] of [['nothing', ''], ['half', '{"thresholds":'], ['no JSON', 'NaN'], ['a prototype', '{"__proto__":{}}']] as const) {
    const response = await patch(app, admin, body)
    t.same(problemFaults(response, 400), [], what)
    t.same(pathsOf(response), [''], what)
  }
  const missing = await put(app, admin, { thresholds: { cpu_percent: whole, memory_percent: whole } })
  t.same(problemFaults(missing, 400), [])
  t.ok(pathsOf(missing).includes('/thresholds/latency_p95_ms'), 'PUT takes all')
  t.same(pathsOf(await put(app, admin, { thresholds: { cpu_percent: { warning: 1, critical: 2 }, memory_percent: whole, latency_p95_ms: whole } })).slice(0, 1), ['/thresholds/cpu_percent/for'])

  t.same(await view(app), before)
  t.same(await entriesOf(app, admin), acts)
})

test('what was set at the start says so, and is changed there alone', async (t) => {
  const { app, admin } = await withPeople(t, { RETENTION_DAYS: '7', LOG_LEVEL: 'warn' })

  t.match(await view(app), {
    settings: { retention_days: 7, log_level: 'warn' },
    sources: { '/settings/retention_days': 'environment', '/settings/retention_bytes': 'default', '/settings/log_level': 'environment' },
    read_only: ['/settings/retention_days', '/settings/log_level']
  })

  const response = await patch(app, admin, { settings: { retention_days: 8, retention_bytes: 2e6 } })
  t.same(problemFaults(response, 409), [])
  t.same(response.json().errors, [{ path: '/settings/retention_days', message: 'is set by RETENTION_DAYS (environment): change it there' }])
  t.match(await view(app), { settings: { retention_days: 7, retention_bytes: 10e9 } })
  t.equal((await patch(app, admin, { settings: { retention_days: 7, retention_bytes: 2e6 } })).statusCode, 200, 'the value that it has is no change')
})

test('what was changed holds after a restart, unless it is set at the start now', async (t) => {
  const { app, admin } = await withPeople(t)
  await patch(app, admin, { thresholds: { cpu_percent: { warning: 60 } }, settings: { retention_days: 5, log_level: 'error' } })
  const { dataDir } = app.service.config
  await app.close()
  await app.service.close()

  await withDatabase(dataDir, (db) => db.insertInto('settings').values([
    { name: '/thresholds/memory_percent', value: toJsonText({ warning: 'of another version' }), updated_at: 1 }, { name: '/settings/of_another_version', value: toJsonText(1), updated_at: 1 }
  ]).execute())
  const again = await buildTestApp(t, { DATA_DIR: dataDir, RETENTION_DAYS: '9' })

  t.match(await view(again), {
    thresholds: { cpu_percent: { warning: 60, critical: 95 }, memory_percent: DEFAULT_THRESHOLDS.memory_percent },
    settings: { retention_days: 9, log_level: 'error' },
    sources: { '/thresholds/cpu_percent': 'stored', '/settings/retention_days': 'environment', '/settings/log_level': 'stored' }
  })
  t.equal(again.service.log.level, 'error')
})

test('the bounds at run time are those at the start', async (t) => {
  const { retention_days: days, retention_bytes: bytes, log_level: level } = RunTimeValues.properties
  const read = (env: Record<string, string>) => loadConfig({ flags: {}, env })

  t.equal(read({ RETENTION_DAYS: Settings.properties.RETENTION_DAYS.least }).retentionDays, days.minimum)
  t.equal(read({ RETENTION_DAYS: Settings.properties.RETENTION_DAYS.most }).retentionDays, days.maximum)
  t.equal(read({ RETENTION_BYTES: Settings.properties.RETENTION_BYTES.least }).retentionBytes, bytes.minimum)
  t.equal(read({ RETENTION_BYTES: Settings.properties.RETENTION_BYTES.most }).retentionBytes, bytes.maximum)
  t.same(level.anyOf.map(({ const: name }) => name), Settings.properties.LOG_LEVEL.choices)
})
