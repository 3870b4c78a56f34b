import { test } from 'tap'
import { inOrder, ruleState, segmentsOf } from '../../dashboard/pages/alerts/state-bar.ts'
import { at, fileOf, viewOf } from './support.ts'

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
