import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { Channel } from '../../schemas/channel.ts'
import type { Health } from '../../schemas/health.ts'
import type { RuleView } from '../../schemas/rule.ts'
import type { Silence } from '../../schemas/alert.ts'
import { guest, type Headers } from '../plugins/people.ts'
import { buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'

const RULE = "signal: { metric: host_cpu_percent }, levels: { critical: { op: '>', value: 95 } }"
const FIRST = `
rules: [{ id: one, name: One, ${RULE} }, { id: two, name: Two, ${RULE} }]
channels: [{ name: room, kind: slack, url: 'http://127.0.0.1:9/a' }, { name: siren, kind: webhook, url: 'http://127.0.0.1:9/b' }]
silences: [{ id: quiet, rule: one, until: '2040-01-01T00:00:00Z' }, { id: other, rule: two, until: '2040-01-01T00:00:00Z' }]
`
const SECOND = `
rules: [{ id: two, name: Two, ${RULE} }, { id: three, name: Three, ${RULE} }]
channels: [{ name: siren, kind: webhook, url: 'http://127.0.0.1:9/c' }, { name: spare, kind: discord, url: 'http://127.0.0.1:9/d' }]
silences: [{ id: other, rule: two, until: '2040-01-01T00:00:00Z' }, { id: late, rule: three, until: '2041-01-01T00:00:00Z' }]
retention: [{ level: DEBUG, days: 2 }]
`

interface World {
  app: App
  admin: Headers
  write: (text: string) => void
  remove: () => void
}

async function open (t: Test, text: string, clock?: { now: () => number }): Promise<World> {
  const path = join(testFolder(t, { 'bellwether.yaml': text }), 'bellwether.yaml')
  const app = await buildTestApp(t, { CONFIG_FILE: path, DATA_DIR: join(path, '..', 'data'), WEBHOOK_ALLOW: '127.0.0.1' }, clock)
  return { app, admin: (await guest(app, 'ann', 'admin')).bearer, write: (changed) => writeFileSync(path, changed), remove: () => unlinkSync(path) }
}

/** What is in force, as the API tells it. */
async function inForce ({ app, admin: headers }: World): Promise<unknown> {
  const get = async <T>(url: string): Promise<T> => (await app.inject({ url, headers })).json<T>()
  const { rules } = await get<{ rules: RuleView[] }>('/rules')
  const { channels } = await get<{ channels: Channel[] }>('/channels')
  const { silences } = await get<{ silences: Silence[] }>('/silences')
  return {
    rules: rules.filter(({ origin }) => origin === 'file').map(({ id, version }) => `${id} ${version}`),
    channels: channels.map(({ name, url }) => `${name} ${url.at(-1)}`),
    silences: silences.map(({ id }) => id),
    retention: app.service.reload.file.retention
  }
}

async function told ({ app, admin: headers }: World): Promise<{ status: string | undefined, detail: string | undefined, success: string | undefined, audit: unknown }> {
  const { checks } = (await app.inject({ url: '/health', headers })).json<Health>()
  const metrics = (await app.inject({ url: '/metrics', headers })).body
  const { entries } = (await app.inject({ url: '/audit?action=config.reload', headers })).json<AuditPage>()
  const success = /^bellwether_config_reload_success (\d)$/m.exec(metrics)?.[1]
  return { ...{ status: undefined, detail: undefined }, ...checks['configuration'], success, audit: entries.map(({ actor, detail }) => [actor?.name, detail]) }
}

const AFTER_FIRST = { rules: ['one 1', 'two 1'], channels: ['room a', 'siren b'], silences: ['quiet', 'other'], retention: [] }
const AFTER_SECOND = { rules: ['two 1', 'three 1'], channels: ['siren c', 'spare d'], silences: ['other', 'late'], retention: [{ level: 'DEBUG', days: 2 }] }

test('a changed configuration file is in force after it was read again: rules, channels, silences, retention', async (t) => {
  let now = Date.now()
  const world = await open(t, FIRST, { now: () => now })
  t.same(await inForce(world), AFTER_FIRST)
  t.match(await told(world), { status: 'ok', success: '1', audit: [] })

  now += 60_000
  world.write(SECOND)
  t.equal(await world.app.service.reload.run(), true)

  t.same(await inForce(world), AFTER_SECOND)
  t.match(await told(world), { status: 'ok', success: '1', audit: [['SIGHUP', { result: 'taken', rules: 2, channels: 2, silences: 2 }]] })
  const { silences } = (await world.app.inject({ url: '/silences', headers: world.admin })).json<{ silences: Silence[] }>()
  t.same(silences.map(({ created_at: at }) => Date.parse(at) === now), [false, true], 'a silence of which the file says the same goes on')
})

test('a bad configuration file is refused as a whole with all its mistakes, and what was in force stays', async (t) => {
  const world = await open(t, FIRST)
  world.write(SECOND.replace('metric:', 'metrc:').replace('kind: discord', 'kind: pigeon').replace('days: 2', 'days: -2'))

  t.equal(await world.app.service.reload.run(), false)

  t.same(await inForce(world), AFTER_FIRST)
  const { status, success, detail } = await told(world)
  t.same([status, success], ['degraded', '0'])
  for (const mistake of [/yaml:2: .*signal/, /yaml:3: .*kind/, /yaml:5: .*days/]) t.match(detail, mistake)
  t.match((await told(world)).audit, [['SIGHUP', { result: 'refused', reason: /kind/ }]])

  world.write(SECOND)
  t.equal(await world.app.service.reload.run(), true)
  t.same(await inForce(world), AFTER_SECOND)
  t.match(await told(world), { status: 'ok', success: '1' })
})

test('a file that cannot stand beside what was made by hand, is empty or is gone, is refused too', async (t) => {
  const world = await open(t, FIRST)
  await world.app.inject({ method: 'POST', url: '/channels', headers: world.admin, payload: { name: 'spare', kind: 'slack', url: 'http://127.0.0.1:9/x' } })
  const asItWas = { ...AFTER_FIRST, channels: [...AFTER_FIRST.channels, 'spare x'].sort() }

  for (const [break_, mistake] of [
    [() => world.write(SECOND), /"spare" was made by hand/],
    [() => world.write('rules: [\n'), /yaml:/],
    [() => world.remove(), /ENOENT/]
  ] as const) {
    break_()
    t.equal(await world.app.service.reload.run(), false)
    t.match(await told(world), { status: 'degraded', detail: mistake, success: '0' })
    t.same(await inForce(world), asItWas)
  }
})
