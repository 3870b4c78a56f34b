import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { renew, replaceBlock, ruleTable, settingsTable } from '../bin/generate-docs.ts'
import { Settings } from '../schemas/env.ts'
import { NewRule } from '../schemas/rule.ts'
import { BUILT_IN_SERIES } from '../src/monitor/built-in-series.ts'
import { parseConfigFile } from '../src/settings/config-file.ts'
import { runRuleTest } from '../src/alerting/rule-tests.ts'
import { buildTestApp } from './helper.ts'
import { testFolder } from './support/test-folder.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const ALERTS = join(ROOT, 'docs', 'alerts.md')
const GENERATOR = join(ROOT, 'bin', 'generate-docs.ts')
const MARKED = '# T\n\n<!-- generated:settings -->\nold\n<!-- /generated:settings -->\n\nend\n'

test('the tables in the README and in the page on alerts are current', async (t) => {
  const [readme, alerts] = [readFileSync(join(ROOT, 'README.md'), 'utf8'), readFileSync(ALERTS, 'utf8')]

  t.match(readme, /<!-- generated:settings -->[^]*<!-- generated:routes -->/)
  t.match(alerts, /<!-- generated:rule -->[^]*<!-- generated:channel -->/)
  t.equal(await renew(readme), readme, 'npm run docs was forgotten')
  t.equal(await renew(alerts), alerts, 'npm run docs was forgotten')
})

test('every field of a rule has a row with its meaning', async (t) => {
  const rows = ruleTable().split('\n').slice(2)

  t.same(rows.map((row) => row.split('`')[1]), Object.keys(NewRule.properties))
  for (const row of rows) t.match(row, /^\| `[a-z_]+` \| .* \| [^|]+ \|$/)
})

const PAGES = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => readFileSync(join(ROOT, 'docs', name), 'utf8'))

/** Everything on the pages that a pattern finds, by its groups. */
function examples (pattern: RegExp): string[][] {
  return PAGES.flatMap((page) => Array.from(page.matchAll(pattern), ([, ...groups]) => groups))
}

test('every configuration file on the pages is good, names what there is, and its tests of rules pass', async (t) => {
  const names = { channels: [], rules: [], series: [] }
  const files = examples(/```yaml\n([^]*?)```/g)
    .map(([text = '']) => parseConfigFile({ path: 'bellwether.yaml', text }, { configFile: undefined, evaluateIntervalMs: 10_000, webhookAllow: [], retentionDays: 30, names }))

  t.same(files.map(({ rules, channels, retention }) => [rules.length, channels.length, retention.length]), [[1, 1, 0], [0, 0, 2]])
  t.match(files.flatMap(({ tests }) => tests).map((one) => runRuleTest(one, 10_000)), [{ isFine: true }])
})

test('every body on the pages is taken by the route that it is for', async (t) => {
  const now = Date.parse('2026-01-31T12:00:05Z')
  const app = await buildTestApp(t, { WEBHOOK_ALLOW: '127.0.0.1', QUERY_TIMEOUT: '60s' }, { now: () => now })
  const { secret } = await app.service.access.create({ name: 'ada', scopes: ['admin'], expiresAt: null })
  const send = async (url: string, payload: string, method: 'POST' | 'PUT' = 'POST'): Promise<void> => {
    const { statusCode, body } = await app.inject({ method, url, payload, headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } })
    t.ok(statusCode === 200 || statusCode === 201, `${method} ${url} ${payload}: ${statusCode} ${body}`)
  }
  for (const name of ['pager', 'lead']) await send('/channels', JSON.stringify({ name, kind: 'webhook', url: 'http://127.0.0.1:9/' }))

  const bodies = examples(/```json\n([^]*?)```/g)
  const pipelines = bodies.filter(([text = '']) => text.includes('"processors"'))
  const rules = bodies.filter((body) => !pipelines.includes(body))
  const shown = examples(/`POST (\/[a-z]+)`[^|\n]*?: `(\{"[^`]*\})`/g)
  const sent = examples(/(?:127\.0\.0\.1:8080| \.\.\. )(\/[a-z/]+)[ \\\n]+-d '([^']+)'/g)
  const members = examples(/`("[a-z_]+": [^`]*[}"])`/g)

  t.same([rules, pipelines, shown, sent, members].map(({ length }) => length), [1, 1, 2, 3, 1])
  for (const [rule = ''] of rules) await send('/rules', rule)
  for (const [pipeline = ''] of pipelines) await send('/pipelines/shown', pipeline, 'PUT')
  for (const [url = '', body = ''] of [...shown, ...sent]) await send(url, body)
  for (const [text = ''] of members) await send('/rules', rules[0]?.[0]?.replace('{', `{${text},`) ?? '')
})

test('every series that the service measures is on the page on numbers', async (t) => {
  const page = readFileSync(join(ROOT, 'docs', 'numbers.md'), 'utf8')

  t.same(BUILT_IN_SERIES.filter((name) => !page.includes(`\`${name}`)), [])
})

test('every setting has a row with its default and meaning', async (t) => {
  const rows = settingsTable().split('\n').slice(2)

  t.same(rows.map((row) => row.split('`')[1]), Object.keys(Settings.properties))
  t.match(rows[1], /^\| `PORT` \| `8080` \| port to listen on; .*; 0 to 65535 \|$/)
  for (const row of rows) t.match(row, /^\| `[A-Z_]+` \| .+ \| .+ \|$/)
})

test('a block is replaced between its markers, and nothing else', async (t) => {
  t.equal(replaceBlock(MARKED, 'settings', 'new $& $1'), MARKED.replace('old', () => 'new $& $1'))
})

test('a text without its markers, with two or in the wrong order is refused', async (t) => {
  const open = '<!-- generated:x -->'
  const close = '<!-- /generated:x -->'

  for (const text of ['', open, close, `${close} ${open}`, `${open}${open}${close}`, `${open}${close}${close}`]) {
    t.throws(() => replaceBlock(text, 'x', 'new'), { message: /once each/ }, text)
  }
})

test('--check fails on an old README and leaves it alone; without it the README is renewed', async (t) => {
  const file = join(testFolder(t, { 'README.md': MARKED }), 'README.md')

  const failure: unknown = await run(process.execPath, [GENERATOR, '--check', file]).catch((error: unknown) => error)
  t.match(failure, { code: 1, stderr: /is not current: run npm run docs/ })
  t.equal(readFileSync(file, 'utf8'), MARKED)

  await run(process.execPath, [GENERATOR, file])
  t.equal(readFileSync(file, 'utf8'), await renew(MARKED))
  t.match(await run(process.execPath, [GENERATOR, '--check', file]), { stderr: '' })
})

test('every decision has a number of its own and a row in the table, and no page holds two versions of a text', async (t) => {
  const records = readdirSync(join(ROOT, 'docs', 'adr'))
  const table = readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8')

  t.same(records.map((name) => Number(name.slice(0, 3))), records.map((_, index) => index + 1))
  for (const name of records) t.ok(table.includes(`[${name.slice(0, 3)}](adr/${name})`), name)
  for (const page of PAGES) t.notMatch(page, /^[<>]{7} /m)
})
