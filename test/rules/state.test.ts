import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { NewRule } from '../../schemas/rule.ts'
import type { Verdict } from '../../src/rules/signals.ts'
import { closeState, shiftState } from '../../src/rules/state.ts'
import { aCompiledRule, follow, INTERVAL, START, story, tell } from './support.ts'

interface Course {
  rule: Partial<NewRule>
  /** One every 10 s. */
  verdicts: Verdict[]
  told: string[]
}

const both = { warning: { op: '>', value: 80 }, critical: { op: '>', value: 95 } } as const
const hysteresis = { critical: { op: '>', value: 80, recover: 70 } } as const

const courses: Record<string, Course> = {
  'a value at the limit is not over it': { rule: {}, verdicts: [79, 80], told: [] },
  'without `for` an alert fires at once, and is resolved at once': {
    rule: {},
    verdicts: [80, 81, 80],
    told: ['10s firing critical, crossed', '20s resolved critical, recovered']
  },
  'an alert fires only when the limit was crossed for `for`': {
    rule: { for: '30s' },
    verdicts: [81, 81, 81, 81],
    told: ['0s pending critical, crossed', '30s firing critical, crossed']
  },
  'a pending alert that recovers is forgotten, and its time begins anew': {
    rule: { for: '20s' },
    verdicts: [81, 81, 80, 81, 81, 81],
    told: ['0s pending critical, crossed', '20s inactive null, recovered', '30s pending critical, crossed', '50s firing critical, crossed']
  },
  'a firing alert stays firing for `keep_firing_for`': {
    rule: { keep_firing_for: '20s' },
    verdicts: [81, 1, 1, 1],
    told: ['0s firing critical, crossed', '30s resolved critical, recovered']
  },
  'a value over the limit again begins `keep_firing_for` anew': {
    rule: { keep_firing_for: '20s' },
    verdicts: [81, 1, 81, 1, 1, 1],
    told: ['0s firing critical, crossed', '50s resolved critical, recovered']
  },
  'once over the limit, it is over until it is back behind `recover`': {
    rule: { levels: hysteresis },
    verdicts: [75, 81, 75, 71, 70, 75],
    told: ['10s firing critical, crossed', '40s resolved critical, recovered']
  },
  'a pending value is measured at the limit, not at `recover`': {
    rule: { levels: hysteresis, for: '20s' },
    verdicts: [81, 75, 81, 81, 81],
    told: ['0s pending critical, crossed', '10s inactive null, recovered', '20s pending critical, crossed', '40s firing critical, crossed']
  },
  'a limit downwards is crossed downwards': {
    rule: { levels: { critical: { op: '<', value: 10, recover: 20 } } },
    verdicts: [10, 9, 15, 20],
    told: ['10s firing critical, crossed', '30s resolved critical, recovered']
  },
  'one alert escalates and eases; it is never two': {
    rule: { levels: both },
    verdicts: [81, 96, 81, 80],
    told: ['0s firing warning, crossed', '10s firing critical, escalated', '20s firing warning, eased', '30s resolved warning, recovered']
  },
  'each level waits for its own time': {
    rule: { levels: both, for: '20s' },
    verdicts: [81, 96, 96, 96],
    told: ['0s pending warning, crossed', '20s firing warning, crossed', '30s firing critical, escalated']
  },
  'a jump over both limits fires at the graver one': { rule: { levels: both }, verdicts: [96], told: ['0s firing critical, crossed'] },
  'without data nothing changes, and the time does not count': {
    rule: { for: '20s' },
    verdicts: [81, 'no_data', 'no_data', 'no_data', 81, 81],
    told: ['0s pending critical, crossed', '50s firing critical, crossed']
  },
  'a firing alert holds without data': { rule: {}, verdicts: [81, 'no_data', 'no_data', 81], told: ['0s firing critical, crossed'] },
  'missing data alert after their own delay, at the lightest level': {
    rule: { levels: both, no_data: 'alert', no_data_for: '20s' },
    verdicts: [1, 'no_data', 'no_data', 'no_data', 'no_data'],
    told: ['30s firing warning, no_data']
  },
  'an alert for missing data ends with the data, also between limit and `recover`': {
    rule: { levels: hysteresis, no_data: 'alert', no_data_for: '10s' },
    verdicts: ['no_data', 'no_data', 75],
    told: ['10s firing critical, no_data', '20s resolved critical, recovered']
  },
  'an alert for missing data goes on when the data are bad': {
    rule: { levels: hysteresis, no_data: 'alert', no_data_for: '10s' },
    verdicts: ['no_data', 'no_data', 81, 75, 70],
    told: ['10s firing critical, no_data', '40s resolved critical, recovered']
  },
  'missing data do not lighten an alert': {
    rule: { levels: both, no_data: 'alert', no_data_for: '10s' },
    verdicts: [96, 'no_data', 'no_data', 'no_data'],
    told: ['0s firing critical, crossed']
  },
  'an alert that a value raised is still held by `recover` after data were missing': {
    rule: { levels: hysteresis, no_data: 'alert', no_data_for: '10s' },
    verdicts: [81, 'no_data', 'no_data', 75, 70],
    told: ['0s firing critical, crossed', '40s resolved critical, recovered']
  },
  'missing data count as good after their delay, when the rule says ok': {
    rule: { no_data: 'ok', no_data_for: '20s' },
    verdicts: [81, 'no_data', 'no_data', 'no_data'],
    told: ['0s firing critical, crossed', '30s resolved critical, no_data']
  },
  'what is not judged is not missing': {
    rule: { no_data: 'alert', no_data_for: '10s' },
    verdicts: ['unjudged', 'unjudged', 'unjudged'],
    told: []
  },
  'an alert that changes too often fires on, once, until it was calm': {
    rule: { flap: { transitions: 3, window: '1m' } },
    verdicts: [81, 1, 81, 1, 81, 1, 1, 1, 1, 1, 1, 1],
    told: ['0s firing critical, crossed', '10s resolved critical, recovered', '20s firing critical, crossed', '110s resolved critical, calm']
  },
  'flapping that begins with a recovery is told': {
    rule: { flap: { transitions: 2, window: '1m' } },
    verdicts: [81, 1, 1, 1, 1, 1, 1, 1],
    told: ['0s firing critical, crossed', '10s firing critical, flapping', '70s resolved critical, calm']
  },
  'an alert that flaps between levels stays at the graver one': {
    rule: { levels: both, flap: { transitions: 3, window: '1m' } },
    verdicts: [81, 96, 81, 96, 81, 81, 81, 81, 81, 81, 81],
    told: ['0s firing warning, crossed', '10s firing critical, escalated', '20s firing critical, flapping', '100s firing warning, eased']
  },
  'changes that lie far enough apart are no flapping': {
    rule: { flap: { transitions: 3, window: '20s' } },
    verdicts: [81, 1, 1, 81, 1],
    told: ['0s firing critical, crossed', '10s resolved critical, recovered', '30s firing critical, crossed', '40s resolved critical, recovered']
  }
}

for (const [title, { rule, verdicts, told }] of Object.entries(courses)) {
  test(title, async (t) => {
    t.same(story(aCompiledRule(rule), verdicts), told)
  })
}

test('a state changes only when something happened, so that it is stored then only', async (t) => {
  const rule = aCompiledRule({ for: '10s' })
  const states = [81, 81, 82, 83].map((_, index, values) => follow(rule, values.slice(0, index + 1)).state)
  const { state: firing } = follow(rule, [81, 81])

  t.equal(follow(rule, [82, 83, 84], firing).state, firing, 'firing on')
  t.same(states[2], states[3])
  const { state: blind } = follow(rule, ['no_data'], firing)
  t.equal(follow(rule, ['no_data', 'unjudged'], blind).state, blind, 'blind on')
})

test('the transitions of a draft say so', async (t) => {
  const { transitions } = follow(aCompiledRule({ draft: true }), [81, 1])

  t.same(transitions.map(({ isDraft }) => isDraft), [true, true])
})

test('the value that crossed stands in the transition', async (t) => {
  const { transitions } = follow(aCompiledRule({ no_data: 'ok', no_data_for: '0s' }), [81.5, 'no_data'])

  t.same(transitions.map(({ value }) => value), [81.5, null])
})

test('an alert whose level was taken out of the rule eases to the one that is left', async (t) => {
  const { state } = follow(aCompiledRule({ levels: both }), [96])

  const { transitions } = follow(aCompiledRule({ levels: { warning: both.warning } }), [96], state)

  t.same(transitions.map(tell), ['0s firing warning, eased'])
})

test('an alert that somebody resolved is resolved, and begins anew while the limit is crossed', async (t) => {
  const rule = aCompiledRule({ for: '10s' })
  const { state: firing } = follow(rule, [81, 81])

  const { state, transition } = closeState(firing, { now: START, reason: 'operator', isDraft: false })

  t.match(transition, { from: 'firing', to: 'resolved', level: 'critical', reason: 'operator' })
  t.same(follow(rule, [81, 81], state).transitions.map(tell), ['0s pending critical, crossed', '10s firing critical, crossed'])
})

test('closing what does not fire tells nobody', async (t) => {
  const { state: pending } = follow(aCompiledRule({ for: '10s' }), [81])
  const { state: resolved } = follow(aCompiledRule(), [81, 1])
  const close = (state: AlertState) => closeState(state, { now: START, reason: 'rule_off', isDraft: false }).transition?.to

  t.equal(close(pending), 'inactive')
  t.equal(close(resolved), undefined)
})

test('shifted timers have run as long as before', async (t) => {
  const rule = aCompiledRule({ for: '20s' })
  const { state } = follow(rule, [81])

  const shifted = shiftState(state, INTERVAL)

  t.same(follow(rule, [81, 81, 81, 81], shifted).transitions.map(tell), ['30s firing critical, crossed'])
  t.equal(shiftState(follow(rule, [1]).state, INTERVAL).courses, follow(rule, [1]).state.courses)
})
