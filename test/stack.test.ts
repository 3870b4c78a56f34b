import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { parse } from 'yaml'
import { FOLDER, generateDashboards } from '../grafana/generate.ts'
import { Settings } from '../schemas/env.ts'
import { loadConfig } from '../src/settings/config.ts'
import { Metrics } from '../src/metrics/metrics.ts'
import { isPinned, mountsOf, parseCompose } from './e2e/stack/compose.ts'
import { execForm, isIgnored, parseDockerfile, type Step } from './e2e/stack/dockerfile.ts'
import { choiceOf, interpolate, metricsIn, readDashboards, ruleExpressions, type Panel } from './e2e/stack/expressions.ts'
import { withTarget } from './e2e/stack/prometheus.ts'
import { testFolder } from './support/test-folder.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8')

const services = Object.entries(parseCompose(read('docker-compose.yml')))
const stages = parseDockerfile(read('Dockerfile'))
const steps = stages.flatMap((stage) => stage.steps)
const dashboards = [...readDashboards(FOLDER).values()]
const panels = dashboards.flatMap((dashboard) => dashboard.panels.map((panel) => ({ ...panel, name: `${dashboard.title}: ${panel.title}` })))
const rules = ['recording', 'alerts'].flatMap((file) => parseRules(read('prometheus', `${file}.rules.yml`)))

interface RuleText { record?: string, alert?: string, expr: string, labels?: { severity?: string } }

function parseRules (text: string): RuleText[] {
  return (parse(text, { merge: true }) as { groups: { rules: RuleText[] }[] }).groups.flatMap((group) => group.rules)
}

test('every image is pinned to a version', async (t) => {
  const bases = stages.map(({ base }) => base).filter((base) => !stages.some(({ name }) => name === base))

  for (const image of [...services.map(([, { image }]) => image), ...bases]) t.ok(isPinned(image), image)
})

test('every file that a container mounts is there', async (t) => {
  const mounts = services.flatMap(([, service]) => mountsOf(service))

  t.ok(mounts.length >= 5)
  for (const mount of mounts) t.ok(existsSync(join(ROOT, mount)), mount)
})

test('every container is locked down, watched, bounded, and published to this machine alone', async (t) => {
  t.match(services.map(([name]) => name), ['bellwether', 'prometheus', 'grafana', 'alertmanager'])
  for (const [name, service] of services) {
    t.match(service, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], mem_limit: /^\d+[mg]$/ }, name)
    t.equal(service.privileged, undefined, name)
    t.ok(service.healthcheck !== undefined || service.build !== undefined, `${name} has a healthcheck`)
    for (const port of service.ports ?? []) t.match(port, /^127\.0\.0\.1:\d+:\d+$/, name)
  }
  t.ok(steps.some(({ name }) => name === 'HEALTHCHECK'))
})

test('no password or token stands in the compose file', async (t) => {
  const secrets = services.flatMap(([, { environment = {} }]) => Object.entries(environment)).filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name))

  t.ok(secrets.length > 0)
  for (const [name, value] of secrets) t.match(value, name.endsWith('__FILE') ? /^\// : /^\$\{\w+:-\}$/, name)
})

test('what differs between machines is taken from the environment, and a fresh machine needs none of it', async (t) => {
  const { environment = {} } = Object.fromEntries(services)['bellwether'] ?? {}
  const defaults = { BASE_URL: 'http://localhost:8080', TRUST_PROXY: '', WEBHOOK_URL: '', OPS_API_TOKEN: '' }

  for (const [name, value] of Object.entries(defaults)) t.equal(environment[name], ['$', `{${name}:-${value}}`].join(''))
  t.same(Object.keys(environment).filter((name) => !(name in Settings.properties)), [])
})

/** What Node and the C library read. */
const OF_OTHERS = new Set(['NODE_ENV', 'MALLOC_ARENA_MAX'])

test('the service knows every setting that it is given', async (t) => {
  const given = [...steps.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(/\s+/).map((pair) => pair.split('='))), ...services
    .filter(([name]) => name === 'bellwether').flatMap(([, { environment = {} }]) => Object.entries(environment).filter(([, value]) => !value.startsWith('$')))]
  const settings: Record<string, string> = Object.fromEntries(given.filter(([name = '']) => !OF_OTHERS.has(name)))

  t.same(Object.keys(settings).filter((name) => !(name in Settings.properties)), [])
  t.match(loadConfig({ flags: {}, env: settings }), { host: '0.0.0.0', port: 8080, dataDir: '/data', metricsOpen: true, metricsToken: undefined })
})

test('the image holds what it copies, runs as somebody else than root, and lets signals through', async (t) => {
  const words = (name: string) => steps.filter((step) => step.name === name)
  const copied = words('COPY').filter(({ flags }) => flags['from'] === undefined).flatMap(({ text }) => text.split(/\s+/).slice(0, -1))

  for (const path of copied) t.ok(existsSync(join(ROOT, path)) && !isIgnored(read('.dockerignore'), path), path)
  t.match(words('USER').at(-1), { text: 'node' })
  t.same(execForm(words('CMD').at(-1)?.text ?? ''), ['node', 'bin/bellwether.js', 'serve'])
  t.ok(words('VOLUME').some(({ text }) => text === '/data'))
})

test('nothing gets into the build but what is named', async (t) => {
  const ignore = read('.dockerignore')

  for (const path of ['.env', '.git/config', 'data/bellwether.db', 'node_modules/x/index.js', 'test/helper.ts', 'bin/generate-docs.ts']) t.ok(isIgnored(ignore, path), path)
  for (const path of ['package.json', 'bin/bellwether.js', 'src/store/hot/sqlite.ts']) t.notOk(isIgnored(ignore, path), path)
})

test('the committed dashboards are those of the generator', async (t) => {
  for (const [name, text] of generateDashboards()) t.equal(read('grafana', 'dashboards', name), text, `${name}: npm run dashboards was forgotten`)
  t.equal(readDashboards(FOLDER).size, generateDashboards().size, 'no others beside them')
})

test('--check fails on an old dashboard and leaves it alone; without it the dashboard is renewed', async (t) => {
  const folder = testFolder(t, Object.fromEntries(generateDashboards()))
  const generator = join(ROOT, 'grafana', 'generate.ts')
  writeFileSync(join(folder, 'host.json'), '{}')

  const failure: unknown = await run(process.execPath, [generator, '--check', folder]).catch((error: unknown) => error)
  t.match(failure, { code: 1, stderr: /^host\.json: not current, run npm run dashboards/ })
  t.equal(readFileSync(join(folder, 'host.json'), 'utf8'), '{}')

  await run(process.execPath, [generator, folder])
  t.equal(readFileSync(join(folder, 'host.json'), 'utf8'), generateDashboards().get('host.json'))
  await run(process.execPath, [generator, '--check', folder])
})

test('every panel says what it shows, in which unit, under which name, and overlaps no other', async (t) => {
  for (const { name, type, description, unit, expressions, legends } of panels) {
    t.match(description, /^[A-Z].{15,}\.$/, name)
    t.ok(expressions.length > 0, name)
    if (type === 'table') continue
    t.not(unit, '', `${name} has a unit`)
    t.notOk(legends.includes(''), `${name} has legends`)
  }
  for (const dashboard of dashboards) {
    t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length, 'numbers are unique')
    t.same(dashboard.panels.flatMap((one) => dashboard.panels.filter((other) => one.id < other.id && overlap(one.at, other.at))), [])
  }
})

test('every metric in a dashboard or rule is one that is exported or recorded', async (t) => {
  const text = (await new Metrics().render()).toString()
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  const exported = families.flatMap(([, name, type]) => type === 'histogram' || type === 'summary' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name])
  const known = new Set([...exported, ...rules.map(({ record }) => record), 'up'])
  const used = new Set([...panels.flatMap(({ expressions }) => expressions), ...rules.map(({ expr }) => expr)].flatMap(metricsIn))

  t.ok(used.size > 50)
  t.same([...used].filter((name) => !known.has(name)), [])
})

test('every alert has a test of its rule, and says how grave it is', async (t) => {
  const tests = read('prometheus', 'alerts.test.yml')

  for (const { alert, labels } of rules) {
    if (alert === undefined) continue
    t.match(tests, new RegExp(`alertname="${alert}", alertstate="firing", severity="${labels?.severity}"|alertname: ${alert}`), alert)
    t.match(labels?.severity, /^(warning|critical)$/, alert)
  }
})

test('the parts of a rule that must have data are found', async (t) => {
  const parts = (query: string) => ruleExpressions({ name: 'a', query, type: 'alerting' }).map(({ expr }) => expr)

  t.same(parts('up{job="b"} == 0'), ['up{job="b"}'])
  t.same(parts('min_over_time(a[10m]) > 0 and delta(a[10m]) >= -1.5'), ['min_over_time(a[10m])', 'delta(a[10m])'])
  t.same(ruleExpressions({ name: 'r', query: 'a / (b > 0)', type: 'recording' }).map(({ expr }) => expr), ['a / (b > 0)'])
})

test('the metrics of an expression are told from its functions, labels, ranges and words', async (t) => {
  t.same(metricsIn('sum by (le, route) (rate(a_bucket{b="c or d"}[$__rate_interval])) or 0 * x:y:z5m'), ['a_bucket', 'x:y:z5m'])
  t.same(metricsIn('label_replace(up{a=~"b"}, "name", "c", "", "") unless on (job) time() - d > 1e3'), ['up', 'd'])
})

test('variables are filled in as Grafana does', async (t) => {
  t.equal(interpolate('a{job=~"$job", b="$' + '{c}"}[$__rate_interval]', { job: 'x', c: 'y', __rate_interval: '1m' }), 'a{job=~"x", b="y"}[1m]')
  t.throws(() => interpolate('a{job=~"$jobs"}', { job: 'x' }), { message: /nothing known for \$jobs/ })
  t.equal(choiceOf(['127.0.0.1:80']), '127\\\\.0\\\\.0\\\\.1:80')
  t.equal(choiceOf(['a', 'b']), '(a|b)')
})

test('only the target is replaced in the configuration of Prometheus', async (t) => {
  const config = read('prometheus.yml')

  t.equal(withTarget(config, '127.0.0.1:1').replace('127.0.0.1:1', 'bellwether:8080'), config)
  t.throws(() => withTarget('scrape_configs: []', '127.0.0.1:1'), { message: /must name one target/ })
})

test('a Dockerfile is read by stages, with its flags, comments and long lines', async (t) => {
  const text = 'FROM a:1 AS one\n# no\nRUN x \\\n  y\nfrom b:2\nCOPY --from=one --chown=n:n /a b/\n'
  const copy: Step = { name: 'COPY', flags: { from: 'one', chown: 'n:n' }, text: '/a b/' }

  t.same(parseDockerfile(text), [
    { name: 'one', base: 'a:1', steps: [{ name: 'RUN', flags: {}, text: 'x    y' }] },
    { name: '1', base: 'b:2', steps: [copy] }
  ])
})

const pins: [image: string, isFine: boolean][] = [
  ['node:24.21.0-bookworm-slim', true],
  ['prom/prometheus:v3.13.3', true],
  [`a@sha256:${'0'.repeat(64)}`, true],
  ['node:24-slim', false],
  ['node:24.21', false],
  ['node:latest', false],
  ['node', false]
]

test('a tag that moves is not pinned', async (t) => {
  for (const [image, isFine] of pins) t.equal(isPinned(image), isFine, image)
})

function overlap (a: Panel['at'], b: Panel['at']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
