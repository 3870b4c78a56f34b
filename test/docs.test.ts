import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { renew, replaceBlock, ruleTable, settingsTable } from '../bin/generate-docs.ts'
import { Settings } from '../schemas/env.ts'
import { NewRule } from '../schemas/rule.ts'
import { parseConfigFile } from '../src/config-file.ts'
import { runRuleTest } from '../src/rule-tests.ts'

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

test('the configuration file on the page on alerts is good, and its test of a rule passes', async (t) => {
  const [, text = ''] = /<!-- checked by test\/docs.test.ts -->\n```yaml\n([^]*?)```/.exec(readFileSync(ALERTS, 'utf8')) ?? []

  const { rules, channels, tests } = parseConfigFile({ path: 'bellwether.yaml', text }, { configFile: undefined, evaluateIntervalMs: 10_000, webhookAllow: [], retentionDays: 30 })

  t.same([rules.length, channels.length], [1, 1])
  t.match(tests.map((one) => runRuleTest(one, 10_000)), [{ isFine: true }])
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
  const file = join(t.testdir({ 'README.md': MARKED }), 'README.md')

  const failure: unknown = await run(process.execPath, [GENERATOR, '--check', file]).catch((error: unknown) => error)
  t.match(failure, { code: 1, stderr: /is not current: run npm run docs/ })
  t.equal(readFileSync(file, 'utf8'), MARKED)

  await run(process.execPath, [GENERATOR, file])
  t.equal(readFileSync(file, 'utf8'), await renew(MARKED))
  t.match(await run(process.execPath, [GENERATOR, '--check', file]), { stderr: '' })
})
