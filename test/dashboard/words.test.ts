import { test } from 'tap'
import type { Attempt } from '../../schemas/notice.ts'
import { attemptText, lookOf, transitionText } from '../../dashboard/pages/alerts/words.ts'
import { neighbourOf, replaySentence, withLimit } from '../../dashboard/pages/alerts/replay-words.ts'
import { fileOf, iso, viewOf } from './support.ts'

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
