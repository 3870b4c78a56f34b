import { execFile } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Silence } from '../../schemas/alert.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { Channel } from '../../schemas/channel.ts'
import type { Health } from '../../schemas/health.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { AppError } from '../../src/core/errors.ts'
import { loadSecret } from '../../src/settings/generated-secrets.ts'
import { buildTestApp } from '../helper.ts'
import { guest, type Headers } from '../plugins/people.ts'
import { testFolder } from '../support/test-folder.ts'

const run = promisify(execFile)

const modeOf = (path: string) => statSync(path).mode & 0o777

test('a secret is made once: 32 random bytes, mode 0600, in a folder of mode 0700', async (t) => {
  const dataDir = join(testFolder(t, {}), 'deep', 'data')

  const made = loadSecret(dataDir, 'jwt')

  t.match(made, /^[\w-]{43}$/)
  t.equal(Buffer.from(made, 'base64url').length, 32)
  t.equal(modeOf(dataDir), 0o700)
  t.equal(modeOf(join(dataDir, 'jwt.secret')), 0o600)
  t.same(readdirSync(dataDir), ['jwt.secret'], 'no draft is left behind')
  t.equal(loadSecret(dataDir, 'jwt'), made)
})

test('secrets of different names differ', async (t) => {
  const dataDir = testFolder(t, {})

  t.not(loadSecret(dataDir, 'jwt'), loadSecret(dataDir, 'cursor'))
})

test('a secret that a person wrote is taken without its line end', async (t) => {
  const dataDir = testFolder(t, { 'jwt.secret': `${'k'.repeat(32)}\n` })
  chmodSync(join(dataDir, 'jwt.secret'), 0o600)

  t.equal(loadSecret(dataDir, 'jwt'), 'k'.repeat(32))
})

for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644]) {
  test(`a secret of mode 0${mode.toString(8)} is refused with the chmod to run`, async (t) => {
    const dataDir = testFolder(t, { 'jwt.secret': 'k'.repeat(40) })
    const file = join(dataDir, 'jwt.secret')
    chmodSync(file, mode)

    t.throws(() => loadSecret(dataDir, 'jwt'), { code: 'invalid', message: `mode 0${mode.toString(8)}): run chmod 600 ` })
    t.equal(modeOf(file), mode, 'and left as it is')
  })
}

test('the chmod to run can be pasted when the path has blanks and quotes', async (t) => {
  const dataDir = join(testFolder(t, {}), "it's here")
  loadSecret(dataDir, 'jwt')
  chmodSync(join(dataDir, 'jwt.secret'), 0o644)
  const message = messageOf(() => loadSecret(dataDir, 'jwt'))

  await run('sh', ['-c', message.slice(message.indexOf('chmod 600'))])

  t.equal(modeOf(join(dataDir, 'jwt.secret')), 0o600)
})

for (const text of ['', '\n', 'k'.repeat(31), `${'k'.repeat(31)}   \n`]) {
  test(`a secret of ${text.trim().length} characters in ${text.length} is refused and not shown`, async (t) => {
    const dataDir = testFolder(t, { 'jwt.secret': text })
    chmodSync(join(dataDir, 'jwt.secret'), 0o600)

    const message = messageOf(() => loadSecret(dataDir, 'jwt'))

    t.match(message, /holds less than 32 bytes/)
    t.notMatch(message, /kkk/)
  })
}

test('a folder in the place of a secret is refused, and so is a file in the place of the data folder', async (t) => {
  const folder = testFolder(t, { 'jwt.secret': {}, data: 'a file' })

  t.throws(() => loadSecret(folder, 'jwt'), { code: 'invalid', message: /jwt.secret is no file/ })
  t.throws(() => loadSecret(join(folder, 'data'), 'jwt'), { code: 'invalid', message: /can be neither read nor made/ })
})

test('a draft that a crash left behind does no harm', async (t) => {
  const dataDir = testFolder(t, { 'jwt.secret.1.abc': 'half' })

  t.match(loadSecret(dataDir, 'jwt'), /^[\w-]{43}$/)
})

test('processes that start together get the same secret', async (t) => {
  const dataDir = join(testFolder(t, {}), 'data')
  const module = new URL('../../src/settings/generated-secrets.ts', import.meta.url).href
  const code = `import { loadSecret } from ${JSON.stringify(module)}; process.stdout.write(loadSecret(process.argv[1], 'jwt'))`

  const outputs = await Promise.all(Array.from({ length: 6 }, () =>
    run(process.execPath, ['--input-type=module', '-e', code, dataDir])))

  t.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1)
  t.equal(outputs[0]?.stdout, readFileSync(join(dataDir, 'jwt.secret'), 'utf8'))
  t.same(readdirSync(dataDir), ['jwt.secret'])
})

test('a secret in a removed folder is made anew', async (t) => {
  const dataDir = join(testFolder(t, {}), 'data')
  const first = loadSecret(dataDir, 'jwt')
  rmSync(dataDir, { recursive: true })

  t.not(loadSecret(dataDir, 'jwt'), first)
})

function messageOf (call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

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
