import { test } from 'tap'
import { draftFaults, draftOf, draftRule, isChanged, reachOf, savesOf, stepOf } from '../../dashboard/pages/alerts/rule-draft.ts'
import { isTestable, type Measured, ruleTestText, spanOf } from '../../dashboard/pages/alerts/rule-test.ts'
import { inOrder, routeOf, type Sort } from '../../dashboard/pages/services/routes.ts'
import { changesOf, faultOf } from '../../dashboard/pages/settings/threshold-draft.ts'
import { commands } from '../../dashboard/pages/start/commands.ts'
import type { AlertFile } from '../../schemas/alert.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { DEFAULT_THRESHOLDS } from '../../schemas/settings.ts'
import type { RouteTraffic } from '../../schemas/traffic.ts'
import { runRuleTest, type TestVerdict } from '../../src/alerting/rule-tests.ts'
import { parseConfigFile } from '../../src/settings/config-file.ts'
import { at, fileOf, iso, viewOf } from './support.ts'

const levels = { warning: { op: '>', value: 80, recover: 70 }, critical: { op: '>', value: 95, channels: ['pager'] } } as const
const rule = viewOf({ name: 'Heat', signal: { metric: 'heat' }, levels: { warning: { ...levels.warning }, critical: { ...levels.critical, channels: ['pager'] } }, for: '2m', channels: ['team'] })
const cpu = { ...rule, id: 'builtin-cpu', origin: 'builtin' as const }
const warning = draftOf(rule).levels.warning ?? { op: '>' as const, value: '', recover: '', channels: undefined }

test('a draft that nobody touched says the rule, and has nothing to save', (t) => {
  t.same(draftRule(rule, draftOf(rule)), rule)
  t.notOk(isChanged(rule, draftOf(rule)))
  t.same(savesOf(rule, draftOf(rule)), [])
  t.end()
})

test('a rule of the API is said anew, without where it comes from', (t) => {
  const draft = draftOf(rule)
  const [save] = savesOf(rule, { ...draft, levels: { warning: { ...warning, value: '85', recover: '' } } })

  t.match(save, { method: 'PUT', path: '/rules/rule_1', body: { levels: { warning: { op: '>', value: 85 } }, channels: ['team'] } })
  t.same(Object.keys(save?.body ?? {}).filter((name) => ['id', 'version', 'origin', 'created_at', 'updated_at'].includes(name)), [])
  t.notOk(JSON.stringify(save).includes('recover'))
  t.end()
})

test('limits of a built-in rule are thresholds, its channels are its own', (t) => {
  const draft = draftOf(cpu)
  const moved = { ...draft, for: '5m', levels: { ...draft.levels, warning: { ...warning, value: '75' } } }

  t.same(savesOf(cpu, moved), [{ method: 'PATCH', path: '/config', body: { thresholds: { cpu_percent: { warning: 75, for: '5m' } } } }])
  t.same(savesOf(cpu, { ...moved, channels: [] }).map(({ path }) => path), ['/config', '/rules/builtin-cpu'])
  t.same(savesOf({ ...cpu, id: 'builtin-disk' }, { ...moved, channels: [] }).map(({ path }) => path), ['/rules/builtin-disk'])
  t.same(savesOf({ ...rule, origin: 'file' }, moved), [], 'what stands in a file is changed there')
  t.same([rule, cpu, { ...cpu, id: 'builtin-disk' }, { ...rule, origin: 'file' as const }].map(reachOf), ['all', 'thresholds', 'channels', 'nothing'])
  t.end()
})

test('what is wrong with a draft stands at its field', (t) => {
  const draft = draftOf(rule)
  const faulty = (change: object): string[] => Object.keys(draftFaults({ ...draft, ...change }))
  const levelled = (value: string, recover = ''): string[] => faulty({ levels: { warning: { ...warning, value, recover }, critical: { ...warning, value: '95', recover: '' } } })

  t.same(faulty({}), [])
  t.same(faulty({ name: ' ', for: 'soon', levels: {} }), ['name', 'for', 'levels'])
  t.same(levelled('x'), ['warning.value'])
  t.same(levelled(''), ['warning.value'])
  t.same(levelled('80', '90'), ['warning.recover'])
  t.same(levelled('80', 'x'), ['warning.recover'])
  t.same(levelled('96'), ['warning.value'], 'a warning comes before critical')
  t.same(levelled('95'), [])
  t.end()
})

test('a limit moves by a step that suits its unit', (t) => {
  t.same([stepOf('percent', 80), stepOf('ms', 800), stepOf('bytes', 1e9), stepOf(null, 5), stepOf(null, 4_000), stepOf('seconds', 2)], [1, 10, 1_000_000, 1, 100, 0.1])
  t.end()
})

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

test('what is not saved is told by signal, from what and to what', async (t) => {
  t.same(changesOf(DEFAULT_THRESHOLDS, {}), [])
  t.same(changesOf(DEFAULT_THRESHOLDS, { latency_p95_ms: { warning: 800, critical: 500 }, cpu_percent: { for: '2m' } }), ['Host CPU for, 1m to 2m', 'Latency p95 warning, 100 to 800 ms'])
  t.equal(faultOf({ warning: 80, critical: 95, for: '1m' }), undefined)
  t.match(faultOf({ warning: 96, critical: 95, for: '1m' }), { field: 'warning', message: /below critical/ })
  t.match(faultOf({ warning: 1, critical: NaN, for: '1m' }), { field: 'critical', message: /a number/ })
  t.match(faultOf({ warning: 1, critical: 95, for: 'soon' }), { field: 'for', message: /like 30s/ })
})

test('routes stand by what weighs, and by how often they are asked for where that is the same', async (t) => {
  const route = (name: string, count: number, p95: number, excess: number): RouteTraffic => ({ method: 'GET', route: name, count, per_second: 1, p50_ms: 1, p95_ms: p95, p99_ms: p95, server_errors: 0, excess_ms: excess, trend: [], state: 'fine' })
  const routes = [route('/none', 5, 20, 0), route('/slow', 3, 2_000, 5_700), route('/often', 200, 140, 8_000), route('/calm', 900, 20, 0)]
  const names = (sort: Sort): string[] => inOrder(routes, sort).map(({ route: name }) => name)

  t.same(names('excess'), ['/often', '/slow', '/calm', '/none'])
  t.same(names('p95'), ['/slow', '/often', '/calm', '/none'])
  t.same(names('errors'), ['/calm', '/often', '/none', '/slow'])
  t.same([routeOf('GET /events/:id'), routeOf('GET'), routeOf(undefined)], [{ method: 'GET', route: '/events/:id' }, undefined, undefined])
})

test('each way to send a first event holds the address and the token', async (t) => {
  for (const { name, text } of commands('https://bw.example', 'bw_secret')) {
    t.ok(text.includes('https://bw.example/events') && text.includes('bw_secret'), name)
  }
})
