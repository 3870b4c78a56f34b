import { test } from 'tap'
import { readEvidence } from '../../dashboard/pages/alerts/evidence.ts'
import { historyCsv, historyOf } from '../../dashboard/pages/alerts/history.ts'
import { axisOf, mergedLine, momentsOf } from '../../dashboard/pages/alerts/moments.ts'
import { isActive, silencesInOrder, targetText, whenText } from '../../dashboard/pages/alerts/mutes.ts'
import { neighbourOf, replaySentence, withLimit } from '../../dashboard/pages/alerts/replay-words.ts'
import { inOrder, ruleState, segmentsOf } from '../../dashboard/pages/alerts/state-bar.ts'
import { countsOf } from '../../dashboard/pages/alerts/window-counts.ts'
import { attemptText, lookOf, transitionText } from '../../dashboard/pages/alerts/words.ts'
import type { Attempt } from '../../schemas/notice.ts'
import { at, fileOf, iso, viewOf } from './support.ts'

test('every change of every alert stands in one list, newest first', (t) => {
  const held = fileOf({ started: 0, fired: 10, ended: 50 }, { acknowledged_by: 'ann', acknowledged_at: iso(30) })
  const sudden = fileOf({ started: 20, fired: 20, ended: null }, { id: 'alr_2' })
  const brief = fileOf({ started: 5, fired: null, ended: 8 }, { id: 'alr_3' })

  t.same(historyOf([sudden, held, brief]).map(({ at: time, from, to, by, alert }) => [(time - at(0)) / 1_000, alert.id, from, to, by]), [
    [50, 'alr_1', 'firing', 'resolved', undefined],
    [30, 'alr_1', 'firing', 'acknowledged', 'ann'],
    [20, 'alr_2', 'healthy', 'firing', undefined],
    [10, 'alr_1', 'pending', 'firing', undefined],
    [8, 'alr_3', 'pending', 'resolved', undefined],
    [5, 'alr_3', 'healthy', 'pending', undefined],
    [0, 'alr_1', 'healthy', 'pending', undefined]
  ])
  t.end()
})

test('the export keeps every text in its cell, and makes none a formula', (t) => {
  const file = fileOf({ started: 0, fired: 0, ended: null }, { rule: { id: 'r', name: '=A1,"x"', version: 1 }, value: -3, labels: { mount: '/a', host: 'b' } })

  t.equal(historyCsv(historyOf([file])), `time,rule,from,to,severity,value,unit,labels,by,silence,alert\r\n${iso(0)},"'=A1,""x""",healthy,firing,warning,-3,,mount=/a host=b,,,alr_1\r\n`)
  t.end()
})

const silence = { id: 's', reason: null, created_by: 'ann', created_at: iso(0), ended_at: null, held_back: 0, until: null, until_recovered: false }

test('silences in force come first', (t) => {
  const all = [
    { ...silence, id: 'over', until: iso(50) },
    { ...silence, id: 'ended', created_at: iso(1), ended_at: iso(20) },
    { ...silence, id: 'on', created_at: iso(-9), until: iso(500) },
    { ...silence, id: 'open', created_at: iso(-5) }
  ]

  t.same(silencesInOrder(all, at(100)).map(({ id }) => id), ['open', 'on', 'ended', 'over'])
  t.notOk(isActive({ ended_at: null, until: iso(100) }, at(100)), 'its end is not a part of it')
  t.end()
})

test('a silence and a maintenance say what they are about, and when', (t) => {
  const name = (id: string): string => id === 'r' ? 'Heat' : id
  t.equal(targetText({ rule: 'r', labels: { mount: '/' }, query: 'level:warn' }, name), 'Heat, mount /, level:warn')
  t.equal(targetText({}, name), 'every alert')
  t.equal(whenText({ duration: '2h', cron: '0 2 * * SUN', time_zone: 'Europe/Berlin' }, String), '2 h, again and again: 0 2 * * SUN in Europe/Berlin')
  t.equal(whenText({ duration: '2h', from: iso(0) }, (ms) => String(ms - at(0))), '2 h from 0')
  t.end()
})

const file = fileOf({ started: 0, fired: 10, ended: 300 })
const evidence = readEvidence({
  compared: { value: 12, limit: 5, op: '>', window: '1m', signal: { events: 'level>=error' }, counted_by: 'received_at', points: [{ time: iso(-10), value: 3 }, { time: 'never' }] },
  events: [{ id: 'e2', time: iso(-1), level: 'ERROR', service: 'api', message: 'timeout' }, { id: 'e1', time: iso(-2), level: 'INFO', message: 'slow' }],
  deploys: [{ id: 'd1', time: iso(-120), level: 'INFO', message: 'version 7' }],
  restarts: [{ time: iso(-60), service: 'bellwether' }],
  changes: [{ time: iso(-90), action: 'threshold.update', actor: 'ann', target: 'cpu_percent', detail: { from: { warning: 80, for: '1m' }, to: { warning: 10, for: '1m' } } }, { time: iso(-95), action: 'rule.create', actor: null, target: 'rule_1', detail: { name: 'Heat' } }],
  processes: [{ pid: 7, name: 'node', cpu_percent: 90, rss_bytes: 1, started_at: iso(-30), parent: { pid: 1, name: 'init' } }, { pid: 8, name: 'npm', cpu_percent: 3, rss_bytes: null }],
  missing: [{ part: 'points', why: 'timeout' }]
})

test('lines, processes, deploys, restarts, changes and the alert itself are told in the order in which they were', (t) => {
  t.same(momentsOf(file, evidence).map(({ at: time, lane, text }) => [(time - at(0)) / 1_000, lane, text]), [
    [-120, 'Deploys', 'version 7'],
    [-95, 'Changes', 'The service made the rule Heat'],
    [-90, 'Changes', 'ann changed the threshold cpu_percent: warning 80 to 10'],
    [-60, 'Restarts', 'bellwether started'],
    [-30, 'Processes', 'node (7) began'],
    [-2, 'Events', 'slow'],
    [-1, 'Events', 'api: timeout'],
    [10, 'Alert', 'Firing, warning: over its limit for long enough'],
    [300, 'Alert', 'Resolved: it is well again']
  ])
  t.end()
})

test('the axis holds all of it, an hour at most on each side of the crossing', (t) => {
  const moments = momentsOf(file, evidence)
  const { from, to } = axisOf(moments, evidence.compared.points, at(0))
  t.ok(from < at(-120) && from > at(-180))
  t.ok(to > at(300) && to < at(360))

  const far = axisOf([...moments, { at: at(-9_000), lane: 'Processes', text: '', tone: 'calm' }, { at: at(9_000), lane: 'Alert', text: '', tone: 'calm' }], [], at(0))
  t.same(far, { from, to }, 'what is farther is told, not drawn')
  t.ok(axisOf([], [], at(0)).to - axisOf([], [], at(0)).from >= 60_000, 'one moment alone has a minute')
  t.end()
})

test('evidence that is missing or not as expected is left out', (t) => {
  t.match(evidence.compared, { value: 12, limit: 5, query: 'level>=error', isByReceipt: true, points: [{ time: at(-10), value: 3 }] })
  t.same(evidence.missing, [{ part: 'points', why: 'timeout' }])
  t.equal(evidence.compared.points.length, 1)
  t.match(readEvidence(null), { compared: { value: null, limit: null, points: [] }, events: [], processes: [] })
  t.match(readEvidence({ events: 'none', compared: [1], changes: [null, { time: iso(0) }] }), { events: [], changes: [{ action: '', target: '' }] })
  t.end()
})

test('frozen points stand in the stored line in place of what is stored of their time', (t) => {
  const kept = { times: [at(0), at(10), at(20), at(30)], values: [1, 2, null, 4] }

  t.same(mergedLine(kept, [{ time: at(9), value: 7 }, { time: at(21), value: 8 }]), { times: [at(0), at(9), at(21), at(30)], values: [1, 7, 8, 4] })
  t.same(mergedLine(undefined, [{ time: at(9), value: 7 }]), { times: [at(9)], values: [7] }, 'nothing is stored any more')
  t.same(mergedLine(kept, []).values, kept.values)
  t.end()
})

const range = { from: at(0), to: at(1_000) }

test('an alert is pending, then firing, in the bar of its rule', (t) => {
  const [pending, firing] = segmentsOf([fileOf({ started: 100, fired: 160, ended: 300, severity: 'critical' })], range)

  t.match(pending, { state: 'pending', from: at(100), to: at(160), isOpen: false })
  t.match(firing, { state: 'firing', severity: 'critical', from: at(160), to: at(300), alertId: 'alr_1' })
  t.end()
})

test('what goes on ends with the bar, and what began before begins with it', (t) => {
  t.match(segmentsOf([fileOf({ started: -200, fired: -100, ended: null })], range), [{ state: 'firing', from: at(0), to: at(1_000), isOpen: true }])
  t.match(segmentsOf([fileOf({ started: 900, fired: null, ended: null })], range), [{ state: 'pending', from: at(900), to: at(1_000), isOpen: true }])
  t.same(segmentsOf([fileOf({ started: -200, fired: -150, ended: -100 })], range), [], 'what was over before is not in it')
  t.end()
})

test('firing is drawn over pending and silenced, and critical over warning', (t) => {
  const alerts = [
    fileOf({ started: 10, fired: 20, ended: null, severity: 'critical' }),
    fileOf({ started: 10, fired: 30, ended: null }),
    fileOf({ started: 10, fired: 10, ended: null }, { silenced_by: 'sil_1' })
  ]

  t.same(segmentsOf(alerts, range).map(({ state, severity }) => `${state} ${severity}`), ['pending warning', 'pending critical', 'silenced warning', 'firing warning', 'firing critical'])
  t.end()
})

test('the state of a rule is that of its worst alert', (t) => {
  const firing = fileOf({ started: 10, fired: 20, ended: null })
  const critical = fileOf({ started: 50, fired: 60, ended: null, severity: 'critical' })
  const known = fileOf({ started: 5, fired: 6, ended: null, severity: 'critical' }, { acknowledged_by: 'ann' })
  const rule = { enabled: true }

  t.match(ruleState(rule, [firing, known, critical], true), { word: 'Firing', tone: 'critical', since: at(60) })
  t.match(ruleState(rule, [known, fileOf({ started: 7, fired: null, ended: null })], true), { word: 'Acknowledged', tone: 'critical', since: at(6) })
  t.match(ruleState(rule, [], true), { word: 'Healthy', since: undefined })
  t.match(ruleState(rule, [], false), { word: 'No data' })
  t.match(ruleState({ enabled: false }, [], true), { word: 'Off' })
  t.end()
})

test('rules with what is wrong come first, then by name', (t) => {
  const row = (name: string, alerts: Parameters<typeof ruleState>[1], hasData = true) => {
    const rule = viewOf({ name, signal: { metric: 'm' }, levels: {} })
    return { rule, state: ruleState(rule, alerts, hasData) }
  }
  const rows = [
    row('Zoo', []), row('Quiet', [], false), row('Bees', []), row('Waiting', [fileOf({ started: 7, fired: null, ended: null })]),
    row('Warm', [fileOf({ started: 1, fired: 2, ended: null })]), row('Hot', [fileOf({ started: 1, fired: 2, ended: null, severity: 'critical' })])
  ]

  t.same(inOrder(rows).map(({ rule }) => rule.name), ['Hot', 'Warm', 'Waiting', 'Quiet', 'Bees', 'Zoo'])
  t.end()
})

const MINUTE = 60_000

/** Bins of a minute with so many events each. */
function counted (...totals: number[]) {
  return { bin_ms: MINUTE, bins: totals.map((total, at) => ({ time: new Date(at * MINUTE).toISOString(), total })) }
}

test('a count is that of the window before, as the rule compares it', (t) => {
  const { times, values, unit } = countsOf(counted(9, 0, 1, 2, 3, 0, 0), { windowMs: 3 * MINUTE, from: 3 * MINUTE, isRate: false })

  t.same(times, [3, 4, 5, 6, 7].map((at) => at * MINUTE), 'nothing before the range, and each at the end of its bin')
  t.same(values, [10, 3, 6, 5, 3])
  t.equal(unit, null)
  t.end()
})

test('a rate is a second of the window', (t) => {
  const { values, unit } = countsOf(counted(60, 60, 0), { windowMs: 2 * MINUTE, from: 2 * MINUTE, isRate: true })

  t.same(values, [1, 0.5])
  t.equal(unit, '/s')
  t.end()
})

test('where bins are wider than the window, a count is the mean of the windows in it', (t) => {
  t.same(countsOf(counted(60, 120), { windowMs: MINUTE / 6, from: 0, isRate: false }).values, [10, 20])
  t.end()
})

const states: ReadonlyArray<[word: string, tone: string, alert: Parameters<typeof lookOf>[0]]> = [
  ['Pending', 'info', fileOf({ started: 0, fired: null, ended: null })],
  ['Firing', 'critical', fileOf({ started: 0, fired: 1, ended: null, severity: 'critical' })],
  ['Acknowledged', 'critical', fileOf({ started: 0, fired: 1, ended: null, severity: 'critical' }, { acknowledged_by: 'ann' })],
  ['Silenced', 'calm', fileOf({ started: 0, fired: 1, ended: null }, { acknowledged_by: 'ann', silenced_by: 'sil_1' })],
  ['No data', 'warning', fileOf({ started: 0, fired: 1, ended: null }, { value: null })],
  ['Resolved', 'healthy', fileOf({ started: 0, fired: 1, ended: 2 }, { silenced_by: 'sil_1' })]
]

test('the state of an alert has a word and a colour', (t) => {
  for (const [word, tone, alert] of states) t.match(lookOf(alert), { word, tone })
  t.end()
})

test('a change says what came and who did it', (t) => {
  const change = { from: 'pending', to: 'firing', severity: 'critical', reason: 'crossed' } as const
  t.equal(transitionText(change), 'Firing, critical: over its limit for long enough')
  t.equal(transitionText({ ...change, from: null, to: 'pending' }), 'Over its limit, its time runs')
  t.equal(transitionText({ ...change, from: 'firing', reason: 'escalated' }), 'Firing, critical: it got worse')
  t.equal(transitionText({ ...change, reason: 'acknowledged', actor: 'ann', note: 'on it' }), 'ann acknowledged it: on it')
  t.equal(transitionText({ ...change, to: 'resolved', reason: 'operator', actor: 'ann' }), 'ann resolved it')
  t.end()
})

test('an attempt says what came back', (t) => {
  const attempt: Attempt = { channel: 'c', time: iso(0), ms: 212, result: 'delivered', status: 200 }
  t.equal(attemptText(attempt), 'Delivered in 212 ms, reply 200')
  t.equal(attemptText({ ...attempt, result: 'retry', status: 503 }), 'Failed, is tried again: reply 503 after 212 ms')
  t.equal(attemptText({ channel: 'c', time: iso(0), ms: 5_000, result: 'failed', reason: 'timeout' }), 'Failed: no answer in time after 5000 ms')
  t.end()
})

test('a replay is one sentence, with what comes and goes', (t) => {
  const answer = { from: iso(0), to: iso(1), step_ms: 10_000, judged: 9, firings: [], total: 3, pages: 3, firing_seconds: 1_320 }
  const said = (given: object, unit: string | null = 'ms'): string => Object.values(replaySentence({ ...answer, ...given }, { from: '-7d', unit })).join('')

  t.equal(said({ sweep: [{ value: 600, firings: 19, pages: 19 }] }), 'With this limit the rule would have fired 3 times in the last 7 days, 22 min in all. At 600 ms: 19 times.')
  t.equal(said({ total: 0, firing_seconds: 0 }), 'With this limit the rule would have fired never in the last 7 days.')
  t.equal(said({ judged: 0 }), 'Nothing is known of the last 7 days: no data was there to judge.')
  t.match(said({ total: 1, compared: { added: 2, removed: 4, acked_removed: 1 } }), /fired once .* Against the rule as it is: 2 would have come, 4 would not have been, 1 of which somebody acknowledged\.$/)
  t.end()
})

test('another limit takes the value of recovery along', (t) => {
  const rule = viewOf({ name: 'x', signal: { metric: 'm' }, levels: { warning: { op: '>', value: 80, recover: 70 } } })

  t.same(withLimit(rule, 'warning', 90).levels, { warning: { op: '>', value: 90, recover: 80 } })
  t.equal(withLimit(rule, 'critical', 90), rule, 'a level that it has not')
  t.same([neighbourOf(800, '>'), neighbourOf(4, '<'), neighbourOf(0, '>')], [600, 5, 1])
  t.end()
})
