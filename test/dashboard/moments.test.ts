import { test } from 'tap'
import { readEvidence } from '../../dashboard/pages/alerts/evidence.ts'
import { axisOf, mergedLine, momentsOf } from '../../dashboard/pages/alerts/moments.ts'
import { at, fileOf, iso } from './support.ts'

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
