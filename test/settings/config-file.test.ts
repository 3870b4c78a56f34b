import { test, type Test } from 'tap'
import type { KnownNames } from '../../src/settings/known-names.ts'
import { AppError, type Fault } from '../../src/core/errors.ts'
import { parseConfigFile, readConfigFile, slug, type ConfigFile } from '../../src/settings/config-file.ts'
import { testFolder } from '../support/test-folder.ts'

const SETTINGS = { configFile: undefined, evaluateIntervalMs: 10_000, webhookAllow: ['127.0.0.1:9999'], retentionDays: 30 }
const RULE = "{ name: CPU hot, signal: { metric: host_cpu_percent }, levels: { critical: { op: '>', value: 95 } } }"

function parse (text: string, env: Record<string, string> = {}, names?: KnownNames): ConfigFile {
  return parseConfigFile({ path: 'folder/bellwether.yaml', text }, { ...SETTINGS, names }, env)
}

function faultsOf (text: string, names?: KnownNames): readonly Fault[] {
  try {
    parse(text, {}, names)
    return []
  } catch (error) {
    if (error instanceof AppError) return error.faults
    throw error
  }
}

function inFolder (t: Test, files: Record<string, string>): void {
  const before = process.cwd()
  process.chdir(testFolder(t, files))
  t.teardown(() => process.chdir(before))
}

test('rules, channels and silences are read, completed, and know where they stand', async (t) => {
  const { path, rules, channels, silences } = parse([
    'rules:',
    `  - ${RULE}`,
    '  - id: errors',
    "    name: 'Errors!'",
    "    signal: { events: 'level>=error' }",
    '    levels: { warning: { op: ">", value: 5 } }',
    'channels:',
    '  - { name: Ops Room, kind: webhook, url: "http://127.0.0.1:9999/hook", secret_env: OPS_SECRET }',
    'silences:',
    "  - { rule: errors, until: '2030-01-01T00:00:00Z' }"
  ].join('\n'), { OPS_SECRET: 'eight-letters' })

  t.equal(path, 'folder/bellwether.yaml')
  t.match(rules, [
    { rule: { id: 'cpu-hot', window: '1m', for: '0s', enabled: true }, source: { file: 'bellwether.yaml', line: 2 } },
    { rule: { id: 'errors', name: 'Errors!' }, source: { line: 3 } }
  ])
  t.same(channels, [{ id: 'ops-room', channel: { name: 'Ops Room', kind: 'webhook', url: 'http://127.0.0.1:9999/hook', secret: 'eight-letters' }, source: { file: 'bellwether.yaml', line: 8 } }])
  t.match(silences, [{ id: 'silence-1', silence: { rule: 'errors', until: '2030-01-01T00:00:00Z' }, source: { line: 10 } }])
})

const faulty: ReadonlyArray<[title: string, lines: string[], told: Array<[line: number, message: RegExp]>]> = [
  ['no YAML', ['rules:', '  - name: ['], [[2, /^Flow sequence/]]],
  ['a key twice', ['rules: []', 'rules: []'], [[2, /^Map keys must be unique/]]],
  ['another shape', ['rules: 5'], [[1, /^\/rules expected array, got 5$/]]],
  ['a word that is unknown', ['rule: []'], [[1, /^\/rule is not known here$/]]],
  ['a signal that is unknown', ['rules:', `  - ${RULE.replace('metric:', 'metrics:')}`], [[2, /^\/rules\/0\/signal must be one of \{metric: \.\.\.\}, /]]],
  ['what is missing', ['rules:', '  - signal: { metric: a }', '    levels: {}'], [[2, /^\/rules\/0\/name is missing$/], [3, /\/levels at least one of/]]],
  ['everything at once, in the order of the lines', [
    'channels:',
    '  - name: ops',
    '    kind: webhook',
    '    url: http://10.0.0.1/',
    'rules:',
    `  - ${RULE}`,
    '  - name: cpu HOT',
    '    signal: { metric: a }',
    '    levels:',
    "      critical: { op: '>', value: 1, recover: 2 }",
    '    annotations: { summary: "{nobody}" }',
    '    for: 99d'
  ], [[4, /\/url names 10\.0\.0\.1, which is not a public address/], [7, /has the id cpu-hot, which \/rules\/0 has already/], [10, /recover must be at most/], [11, /\{nobody\}/], [12, /\/for must be at most 30d/]]],
  ['shapes, queries and names in one round', [
    'colour: red',
    'rules:',
    '  - name: one',
    '    signal: { events: "level>=" }',
    '    levels: { warning: { op: "=>", value: 1 } }',
    '    annotations: { summary: "{nobody}" }',
    '  - name: two',
    '    signal: { metrics: a }',
    '    aggregate: avg',
    '    levels: { warning: { op: ">", value: 1, recover: 2 } }',
    '    for: 99d',
    'channels:',
    '  - { id: a, name: room, kind: webhook, url: "https://example.com" }',
    '  - { id: b, name: room, kind: pigeon, url: "http://10.0.0.1" }',
    'silences:',
    '  - { until: 5, query: "(" }',
    'retention:',
    '  - { level: LOUD, days: 1 }',
    '  - { level: DEBUG, days: 1 }',
    '  - { level: DEBUG, days: 2 }',
    '  - { service: a, days: 99 }',
    'tests:',
    '  - { rule: gone, expect: 5 }'
  ], [[1, /colour is not known/], [4, /a value is missing/], [5, /levels\/warning\/op must be one of/], [6, /\{nobody\}/], [8, /signal must be one of/], [11, /at most 30d/],
    [14, /has the name room/], [14, /kind must be one of/], [14, /10\.0\.0\.1/], [16, /until expected/], [16, /bracket/], [18, /level must be one of/],
    [20, /has the level and service DEBUG \*/], [21, /less than RETENTION_DAYS/], [23, /"gone"/], [23, /expect expected array/]]],
  ['a key twice, and what else is wrong', ['rules: []', 'retention:', '  - { level: DEBUG, days: 99 }', 'rules: []'], [[3, /less than/], [4, /unique/]]],
  ['a name of which no id can be made', ['rules:', `  - ${RULE.replace('CPU hot', '"!!"')}`], [[2, /needs an id/]]],
  ['the id of a built-in rule', ['rules:', `  - ${RULE.replace('{ name', '{ id: builtin-cpu, name')}`], [[2, /begin with builtin-/]]],
  ['rules in a circle', ['rules:', `  - ${RULE.replace('{ name', '{ id: a, depends_on: [b], name')}`, `  - ${RULE.replace('{ name', '{ id: b, depends_on: [a], name')}`], [[2, /\/rules\/0\/depends_on makes a circle: a -> b -> a/]]],
  ['a secret that is not set', ['channels:', '  - { name: a, kind: webhook, url: "https://example.com", secret_env: NOWHERE }'], [[2, /names NOWHERE, which is not set/]]],
  ['a secret that is too short', ['channels:', '  - { name: a, kind: webhook, url: "https://example.com", secret: short }'], [[2, /secret must be whsec_/]]],
  ['a silence without an end', ['silences:', '  - rule: a'], [[2, /needs until or until_recovered/]]],
  ['a silence about nothing', ['silences:', '  - until_recovered: true', '    labels: {}'], [[2, /say what it is about/]]],
  ['a name that cannot be kept', ['rules:', '  - { name: "a\\0", signal: { metric: a }, levels: { warning: { op: \'>\', value: 1 } } }'], [[2, /must not hold a NUL/]]],
  ['a silence with a bad query and end', ['silences:', '  - query: "a:b"', '    until: tomorrow'], [[2, /\/query .*there is no field "a"/], [3, /"tomorrow" is no time/]]],
  ['a test of a rule that there is not', ['tests:', '  - { rule: gone, expect: [] }'], [[2, /\/tests\/0\/rule names "gone"/]]],
  ['an age that is no shorter, and one of all events', ['retention:', '  - { level: DEBUG, days: 30 }', '  - { days: 3 }'],
    [[2, /\/retention\/0\/days must be less than RETENTION_DAYS, which is 30, got 30/], [3, /needs a level, a service, or both/]]]
]

for (const [title, lines, told] of faulty) {
  test(`what is wrong is told with its line: ${title}`, async (t) => {
    const faults = faultsOf(lines.join('\n'))

    t.same(faults.map(({ path }) => path), told.map(([line]) => `folder/bellwether.yaml:${line}`))
    for (const [line, message] of told) t.ok(faults.some(({ path, message: text }) => path === `folder/bellwether.yaml:${line}` && message.test(text)), `${line} ${String(message)}`)
  })
}

const NAMED = [
  'rules:',
  '  - { id: own, name: Own, signal: { metric: queue_length }, levels: { critical: { op: ">", value: 1, channels: [pager, nobody] } }, channels: [room, default] }',
  '  - { name: Typo, signal: { metric: host_cpu_percnt }, levels: { critical: { op: ">", value: 1 } }, depends_on: [own, builtin-cpu, made-by-hand, gone] }',
  '  - { name: Told, signal: { metric: orders }, levels: { critical: { op: ">", value: 1 } }, escalate: { after: 5m, channels: [nowhere] } }',
  'channels:',
  '  - { name: room, kind: webhook, url: "https://example.com", fallback: nobody }',
  'silences:',
  '  - { rule: typo, until_recovered: true }',
  '  - { rule: tpyo, until_recovered: true }',
  'series: [orders, host_orders]'
]

test('names of channels, rules and series that there are not are told, where it is known what there is', async (t) => {
  const text = NAMED.join('\n')
  const names = { channels: ['default', 'pager'], rules: ['builtin-cpu', 'made-by-hand'], series: [] }

  const faults = faultsOf(text, names)

  t.same(faults.map(({ path, message }) => `${path.split(':')[1]} ${message.replace(/ in this file.*| own numbers.*/, '')}`), [
    '2 /rules/0/signal/metric there is no series "queue_length":',
    '2 /rules/0/levels/critical/channels/1 there is no channel "nobody"',
    '3 /rules/1/signal/metric there is no series "host_cpu_percnt": the service measures no such thing; did you mean host_cpu_percent?',
    '3 /rules/1/depends_on/3 there is no rule "gone"',
    '4 /rules/2/escalate/channels/0 there is no channel "nowhere"',
    '6 /channels/0/fallback there is no channel "nobody"',
    '9 /silences/1/rule there is no rule "tpyo"',
    '10 /series/1 there is no series "host_orders": the service measures no such thing'
  ])
  t.same(faultsOf(text), [], 'a service starts all the same')
})

test('aliases stand for what they name, and cannot be made to fill the memory', async (t) => {
  const { rules } = parse([
    'rules:',
    "  - { name: a, signal: { metric: a }, levels: &limits { critical: { op: '>', value: 95 } } }",
    '  - { name: b, signal: { metric: b }, levels: *limits }'
  ].join('\n'))
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...['b', 'c', 'd', 'e', 'f'].map((name, at) => `${name}: &${name} [${new Array(9).fill(`*${'abcde'[at]}`).join(', ')}]`)]

  t.match(rules, [{}, { rule: { id: 'b', levels: { critical: { value: 95 } } } }])
  t.match(faultsOf(bomb.join('\n')), [{ message: /alias/i }])
})

test('without a file there is nothing, unless one was named', async (t) => {
  inFolder(t, {})

  t.match(readConfigFile(SETTINGS), { path: undefined, rules: [], channels: [], silences: [], tests: [] })
  t.throws(() => readConfigFile({ ...SETTINGS, configFile: 'other.yaml' }), { code: 'invalid', message: /other\.yaml cannot be read: ENOENT/ })
})

test('bellwether.yaml is read when it is there, an empty one is no fault, and a huge one is refused', async (t) => {
  inFolder(t, { 'bellwether.yaml': `rules:\n  - ${RULE}\n`, 'empty.yaml': '', 'huge.yaml': `# ${'x'.repeat(1_000_000)}` })

  t.match(readConfigFile(SETTINGS).rules, [{ rule: { id: 'cpu-hot' } }])
  t.match(readConfigFile({ ...SETTINGS, configFile: 'empty.yaml' }), { path: 'empty.yaml', rules: [] })
  t.throws(() => readConfigFile({ ...SETTINGS, configFile: 'huge.yaml' }), { message: /larger than 1000000 bytes/ })
})

test('the id of a name is its letters and digits with dashes between them', async (t) => {
  t.same(['CPU hot', ' a/b  c! ', 'Über', '!!'].map(slug), ['cpu-hot', 'a-b-c', 'ber', ''])
})
