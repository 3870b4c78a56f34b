import { join } from 'node:path'
import { test } from 'tap'
import { newEvents } from '../contract/given.ts'
import { run } from '../program.ts'
import { insertChannel } from '../../src/store/hot/outbox/channels.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { NOON, openParts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const RULES = [
  'rules:',
  '  - id: errors',
  '    name: Errors',
  '    signal: { events: "level>=error" }',
  '    window: 30s',
  '    levels: { critical: { op: ">=", value: 3 } }'
]
const FINE = [...RULES, 'tests:', '  - { rule: errors, events: [{ at: 5s, count: 3, level: ERROR }], expect: [{ from: 10s, to: 40s }] }']
const FAILING = [...FINE, '  - { name: never, rule: errors, expect: [{ from: 10s }] }']

test('check tells what the settings and the file hold, or everything that is wrong, with exit code 3', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': FINE.join('\n'), 'other.yaml': 'rules: 5' })
  const [fine, other, none, missing, served] = await Promise.all([
    run(t, ['check'], { cwd }), run(t, ['check', 'other.yaml'], { cwd }), run(t, ['check'], { cwd: join(cwd, '..') }),
    run(t, ['check', 'gone.yaml'], { cwd }), run(t, ['serve', '--config-file', 'other.yaml'], { cwd })
  ])

  t.same(fine, { code: 0, stdout: 'the settings are fine, and bellwether.yaml with 1 rule, 0 channels, 0 silences, 1 test\n', stderr: '' })
  t.match(other, { code: 3, stdout: '', stderr: /1 thing is wrong with other\.yaml\n {2}other\.yaml:1: \/rules expected array, got 5/ })
  t.match(none, { code: 0, stdout: /there is no configuration file/ })
  t.match(missing, { code: 3, stderr: /gone\.yaml cannot be read/ })
  t.same(served, other, 'the service does not start')
})

test('check hints at what a query may not have meant', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': RULES.join('\n').replace('level>=error', 'level>=error or timeout') })

  const { code, stdout, stderr } = await run(t, ['check'], { cwd })

  t.match({ code, stdout }, { code: 0, stdout: /^the settings are fine, and bellwether.yaml with 1 rule/ })
  t.equal(stderr, 'hint: rule errors: /signal/events column 14: "or" is searched for as a word; write OR to ask for either side, or put it in quotes\n')
})

test('check tells the mistakes of the settings, of the file, and of the names in it in one round, and knows what the store holds', async (t) => {
  const rule = (name: string, more: string) => `  - { name: ${name}, levels: { warning: { op: ">", value: 1 } }, ${more} }`
  const text = ['rules:', rule('one', 'signal: { metric: queue_length }, channels: [pager]'), rule('two', 'signal: { metric: host_cpu_percnt }, depends_on: [gone]')].join('\n')
  const cwd = testFolder(t, { 'bellwether.yaml': text, data: {}, 'good.yaml': ['series: [queue_length]', text.split('\n').slice(0, 2).join('\n')].join('\n') })
  const known = await openParts(t, { dataDir: join(cwd, 'data') })
  await known.store(newEvents(1, () => ({})))
  await withDatabase(join(cwd, 'data'), (_, connection) => insertChannel(connection, { id: 'c1', name: 'pager', kind: 'webhook', url: 'https://example.com', secret: null, fallback: null, enabled: true, ackLinks: true, now: NOON }))

  const [wrong, fine, stored] = await Promise.all([
    run(t, ['check', '--port', 'x', '--retention-days', '0'], { cwd, env: { DATA_DIR: join(cwd, 'none') } }),
    run(t, ['check', 'good.yaml'], { cwd, env: { DATA_DIR: join(cwd, 'none'), WEBHOOK_URL: 'https://example.com' } }),
    run(t, ['check', 'good.yaml'], { cwd, env: { DATA_DIR: join(cwd, 'data') } })
  ])

  t.match(wrong, { code: 3, stdout: '' })
  t.match(wrong.stderr, /PORT: [^]*RETENTION_DAYS: [^]*4 things are wrong with bellwether.yaml[^]*:2: .*"queue_length"[^]*:2: .*"pager"[^]*:3: .*host_cpu_percent\?[^]*:3: .*no rule "gone"/)
  t.match(fine, { code: 3, stderr: /1 thing is wrong with good.yaml[^]*:3: .*no channel "pager"/ })
  t.match(stored, { code: 0 })
})

test('rules test runs the tests in the file, and fails with 1 when one does', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': FINE.join('\n'), 'failing.yaml': FAILING.join('\n') })
  const [fine, failing, none] = await Promise.all([run(t, ['rules', 'test'], { cwd }), run(t, ['rules', 'test', 'failing.yaml'], { cwd }), run(t, ['rules', 'test'], { cwd: join(cwd, '..') })])

  t.same(fine, { code: 0, stdout: 'ok      Errors\n1 passed, 0 failed\n', stderr: '' })
  t.match(failing, { code: 1, stdout: /ok {6}Errors\nFAILED {2}never\n +failing\.yaml:9 expected any level from 10s on, got no firing\n1 passed, 1 failed/ })
  t.match(none, { code: 2, stderr: /say which file/ })
})

test('rules replay tells what a rule of the file would have done with what is stored', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': RULES.join('\n'), data: {} })
  const env = { DATA_DIR: join(cwd, 'data') }
  const parts = await openParts(t, { dataDir: env.DATA_DIR })
  parts.clock.ms = NOON + 5_000
  parts.store(newEvents(3, () => ({ time: NOON, level: 'ERROR' })))
  const range = ['--from', new Date(NOON).toISOString(), '--to', new Date(NOON + 600_000).toISOString()]
  const [replayed, unknown, unnamed, empty] = await Promise.all([
    run(t, ['rules', 'replay', 'errors', ...range], { cwd, env }), run(t, ['rules', 'replay', 'gone'], { cwd, env }),
    run(t, ['rules', 'replay'], { cwd, env }), run(t, ['rules', 'replay', 'errors'], { cwd, env: { DATA_DIR: join(cwd, 'nothing') } })
  ])

  t.match(replayed, { code: 0, stderr: '' })
  t.same(replayed.stdout.split('\n').slice(1, 3), [
    '2026-06-01T12:00:10.000Z\t2026-06-01T12:00:40.000Z\tcritical\t3\t{}',
    '2026-06-01T12:00:00.000Z to 2026-06-01T12:10:00.000Z: 1 firings, 1 pages, 30 s firing'
  ])
  t.match(unknown, { code: 1, stderr: /there is no rule "gone"/ })
  t.match(unnamed, { code: 2, stderr: /say which rule/ })
  t.match(empty, { code: 1, stderr: /there is no store/ })
})
