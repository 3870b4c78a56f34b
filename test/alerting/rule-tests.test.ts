import { test } from 'tap'
import { parseConfigFile } from '../../src/settings/config-file.ts'
import { runRuleTest, type TestVerdict } from '../../src/alerting/rule-tests.ts'

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
