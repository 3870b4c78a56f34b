import { test } from 'tap'
import type { AlertFile } from '../../schemas/alert.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { runRuleTest, type TestVerdict } from '../../src/alerting/rule-tests.ts'
import { parseConfigFile } from '../../src/settings/config-file.ts'
import { isTestable, ruleTestText, spanOf, type Measured } from '../../dashboard/pages/alerts/rule-test.ts'
import { at, fileOf, iso, viewOf } from './support.ts'

const SETTINGS = { configFile: undefined, evaluateIntervalMs: 10_000, webhookAllow: [], retentionDays: 30 }

const heat = viewOf({ name: 'Heat of the hall', signal: { metric: 'heat' }, window: '30s', for: '20s', levels: { warning: { op: '>', value: 80, recover: 70 } } })
const errors = viewOf({ name: 'Errors', signal: { events: 'level>=error timeout' }, window: '30s', group_by: ['host'], levels: { critical: { op: '>=', value: 3 } } })

type Firing = Parameters<typeof ruleTestText>[0]['firings'][number]

function firing (from: number, to: number | null, facts: Partial<Firing> = {}): Firing {
  return { from: iso(from), to: to === null ? null : iso(to), peak: 95, level: 'warning', labels: {}, ...facts }
}

function textOf (file: AlertFile, rule: RuleView, measured: Measured, firings: Firing[]): string {
  const span = spanOf(file, rule, at(100))
  if (span === undefined) throw new Error('it never fired')
  return ruleTestText({ file, rule, span, measured, firings })
}

function verdicts (text: string): TestVerdict[] {
  return parseConfigFile({ path: 'rules.yaml', text }, SETTINGS).tests.map((one) => runRuleTest(one, 10_000))
}

/** As the sampler writes it: every five seconds, some ms late, told in bins of a second. */
function heatOf (values: (seconds: number) => number | undefined): Measured {
  const points = Array.from({ length: 120 }, (_, index) => index * 5 - 300).flatMap((seconds) => {
    const avg = values(seconds)
    return avg === undefined ? [] : [{ t: iso(seconds), min: avg, avg, max: avg }]
  })
  return { series: [{ name: 'heat', labels: {}, step_ms: 1_000, points }] }
}

test('an alert on a series that ended becomes a test that the rule passes', (t) => {
  const measured = heatOf((seconds) => seconds >= 0 && seconds < 60 ? 95 : 50)
  const text = textOf(fileOf({ started: 30, fired: 50, ended: 80 }), heat, measured, [firing(50, 80)])

  t.match(verdicts(text), [{ isFine: true, text: '' }])
  t.match(text, /id: "heat-of-the-hall"/)
  t.match(text, /"values":"50x\d+ 95x12 50x\d+"/)
  t.end()
})

test('one that still fires has no end, and what was not measured stays missing', (t) => {
  const measured = heatOf((seconds) => seconds < 0 ? (seconds > -60 && seconds < -40 ? undefined : 50) : 95)
  const text = textOf(fileOf({ started: 30, fired: 50, ended: null }), heat, measured, [firing(50, null)])

  t.match(verdicts(text), [{ isFine: true, text: '' }])
  t.match(text, /_x3/)
  t.notMatch(text, /"to":/)
  t.end()
})

test('an alert on events becomes a test of what was received, by the second and the group', (t) => {
  const error = { level: 'ERROR' as const, service: 'api', type: null, host: 'a', message: 'a "timeout": 3 s\n- it is', meta: { route: '/pay' } }
  const events = [...[1.2, 1.4, 1.9].map((seconds) => ({ ...error, received_at: iso(seconds) })), { ...error, host: 'b', received_at: iso(1.5) }]
  const file = fileOf({ started: 10, fired: 10, ended: 40, severity: 'critical' }, { labels: { host: 'a', team: 'x' } })
  const text = textOf(file, errors, { events }, [firing(10, 40, { level: 'critical', labels: { host: 'a' } }), firing(20, 40, { level: 'critical', labels: { host: 'c' } })])

  t.match(verdicts(text), [{ isFine: true, text: '' }])
  t.match(text, /"count":3/)
  t.notMatch(text, /"host":"c"/, 'another group is another alert')
  t.end()
})

test('a rule of the configuration file is named, not written again', (t) => {
  const rule: RuleView = { ...heat, id: 'heat', origin: 'file', source: { file: 'bellwether.yaml', line: 3 } }
  const text = textOf(fileOf({ started: 30, fired: 50, ended: 80 }), rule, heatOf(() => 50), [])

  t.notMatch(text, /^rules:/m)
  t.match(text, /rule: "heat"/)
  t.match(text, /expect: \[\]/, 'as it is now it would not fire, and the test says so')
  t.end()
})

test('a test begins with the window before the crossing and is cut where the alert goes on for long', (t) => {
  t.same(spanOf(fileOf({ started: 30, fired: 50, ended: 80 }), heat, at(100)), { from: at(-60), to: at(80) })
  t.same(spanOf(fileOf({ started: 30, fired: 50, ended: null }), heat, at(90_000)), { from: at(-60), to: at(1_740) })
  t.equal(spanOf(fileOf({ started: 30, fired: null, ended: null }), heat, at(100)), undefined, 'nor is there a test of what never fired')
  t.notOk(isTestable({ signal: { ratio: { good: 'a', total: '' }, objective: 0.99, windows: ['1h', '5m'] } }))
  t.end()
})
