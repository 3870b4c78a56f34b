import { test } from 'tap'
import { stepsOf, tellingOf, type Situation } from '../../src/alerting/tick-plan.ts'
import { piecesOf } from '../../src/alerting/tick-pieces.ts'
import type { Change } from '../../src/rules/evaluate.ts'
import { aCompiledRule, aRule, START } from '../rules/support.ts'

const KNOWN = { rule: aRule({ channels: ['main', 'other'], group_by: ['n'] }), version: 1, compiled: aCompiledRule({ group_by: ['n'] }) }
const SITUATION: Situation = { now: START, alerts: new Map(), ruleOf: () => KNOWN, mutes: [], channelIds: (names) => names }

function crossing (n: number): Change {
  const transition = { from: 'inactive', to: 'firing', level: 'critical', value: 90, at: START, reason: 'crossed', isFlapping: false, isDraft: false } as const
  return { ruleId: KNOWN.rule.id, key: JSON.stringify({ n: String(n) }), state: undefined, transition }
}

function cut (changes: readonly Change[], most: number) {
  const steps = stepsOf(changes, SITUATION)
  return piecesOf(steps, tellingOf(steps.alerts.values(), SITUATION), changes, most)
}

test('a moment is cut into pieces of so many label sets, each with all that became of its alerts', async (t) => {
  const pieces = cut([0, 1, 2, 3, 4].map(crossing), 2)

  t.same(pieces.map(({ changes, opened, transitions, marks, planned }) => [changes, opened, transitions, marks, planned].map(({ length }) => length)), [
    [2, 2, 2, 2, 4], [2, 2, 2, 2, 4], [1, 1, 1, 1, 2]
  ])
  for (const { opened, transitions, marks, planned } of pieces) {
    const ids = opened.map(({ id }) => id)
    t.same(transitions.map(({ alertId }) => alertId), ids)
    t.same(marks.map(({ alertId }) => alertId), ids)
    t.same(planned.map(({ alert }) => alert.id), ids.flatMap((id) => [id, id]))
  }
})

test('a state that changed without a transition has its place, too', async (t) => {
  const quiet: Change = { ruleId: 'r1', key: JSON.stringify({ n: 'quiet' }), state: undefined }

  t.same(cut([quiet, crossing(1)], 1).map(({ changes, opened }) => [changes.length, opened.length]), [[1, 0], [1, 1]])
})

test('a moment in which nothing changed is one piece', async (t) => {
  t.equal(cut([], 50).length, 1)
})
