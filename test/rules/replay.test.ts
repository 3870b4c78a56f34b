import fc from 'fast-check'
import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import { compareFirings } from '../../src/rules/compare.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import { applyChanges, evaluate } from '../../src/rules/evaluate.ts'
import { judgeTicks, replay, sweepFor, sweepLevel, type Firing, type ReplayTick } from '../../src/rules/replay.ts'
import { aCompiledRule, INTERVAL, MINUTE, SECOND, START, valuesFor } from './support.ts'

const both = { warning: { op: '>', value: 80 }, critical: { op: '>', value: 95, recover: 90 } } as const
const VALUES = [1, 81, 85, 81, 1, 1, 96, 99, 92, 1, 81]

/** One value every 10 s; null is no data. */
function pastOf (rule: CompiledRule, values: ReadonlyArray<number | null>): ReplayTick[] {
  return values.map((value, index) => ({
    at: START + index * INTERVAL,
    values: value === null ? valuesFor(rule) : valuesFor(rule, { labels: {}, value })
  }))
}

function replayed (rule: CompiledRule, values: ReadonlyArray<number | null>) {
  return replay(rule, judgeTicks(rule, pastOf(rule, values)))
}

test('a replay tells when it fired, how bad it was, how often it called and for how long', async (t) => {
  const { firings, pages, firingSeconds } = replayed(aCompiledRule({ levels: both }), VALUES)

  t.same(firings, [
    { labels: {}, from: START + 10 * SECOND, to: START + 40 * SECOND, peak: 85, level: 'warning' },
    { labels: {}, from: START + 60 * SECOND, to: START + 90 * SECOND, peak: 99, level: 'critical' },
    { labels: {}, from: START + 100 * SECOND, to: null, peak: 81, level: 'warning' }
  ])
  t.equal(pages, 3)
  t.equal(firingSeconds, 60)
})

test('an escalation calls once more, but not again when it eased in between', async (t) => {
  t.equal(replayed(aCompiledRule({ levels: both }), [81, 96, 81, 96, 1]).pages, 2)
})

test('the peak of a limit downwards is the lowest value', async (t) => {
  const rule = aCompiledRule({ levels: { critical: { op: '<', value: 10 } } })

  t.match(replayed(rule, [20, 9, 3, 7, 20]).firings, [{ peak: 3 }])
})

test('a firing for want of data has no peak until there are data', async (t) => {
  const rule = aCompiledRule({ no_data: 'alert', no_data_for: '0s' })

  t.match(replayed(rule, [null, null]).firings, [{ peak: null, from: START }])
  t.match(replayed(rule, [null, 85]).firings, [{ peak: 85 }])
})

test('a draft and a rule that is switched off can be replayed', async (t) => {
  t.same(replayed(aCompiledRule({ draft: true, enabled: false }), VALUES), replayed(aCompiledRule(), VALUES))
})

test('a replay does what the live evaluation did', async () => {
  const value = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 70, max: 100 }) }, { weight: 1, arbitrary: fc.constant(null) })
  fc.assert(fc.property(fc.array(value, { maxLength: 80 }), fc.constantFrom('0s', '20s'), fc.constantFrom('hold', 'alert', 'ok'), (values, held, noData) => {
    const rule = aCompiledRule({ levels: both, for: held, no_data: noData, no_data_for: '20s', flap: { transitions: 4, window: '2m' } })
    const past = pastOf(rule, values)
    const live = liveFirings(rule, past)
    return JSON.stringify(replay(rule, judgeTicks(rule, past)).firings.map(({ from, to }) => [from, to])) === JSON.stringify(live)
  }), { seed: 2, numRuns: 500 })
})

/** What `evaluate` says tick after tick, as spans. */
function liveFirings (rule: CompiledRule, past: readonly ReplayTick[]): Array<[from: number, to: number | null]> {
  const states = new Map<string, Map<string, AlertState>>()
  const spans: Array<[number, number | null]> = []
  for (const [index, { at, values }] of past.entries()) {
    const { changes } = evaluate([rule], states, { now: at, previousAt: past[index - 1]?.at, values })
    applyChanges(states, changes)
    for (const { transition } of changes) {
      if (transition?.to === 'firing' && transition.from !== 'firing') spans.push([at, null])
      const last = spans.at(-1)
      if (transition?.to === 'resolved' && last !== undefined) last[1] = at
    }
  }
  return spans
}

test('a sweep says for each limit how often it would have fired', async (t) => {
  const rule = aCompiledRule({ levels: { critical: { op: '>', value: 80, recover: 75 } } })
  const past = judgeTicks(rule, pastOf(rule, VALUES))

  t.same(sweepLevel(rule, 'critical', [50, 80, 84, 98, 200], past), [
    { value: 50, firings: 3, pages: 3 },
    { value: 80, firings: 3, pages: 3 },
    { value: 84, firings: 2, pages: 2 },
    { value: 98, firings: 1, pages: 1 },
    { value: 200, firings: 0, pages: 0 }
  ])
  t.same(sweepLevel(rule, 'warning', [50], past), [], 'a level that the rule does not have')
})

test('recovery moves along with the limit that is swept', async (t) => {
  const rule = aCompiledRule({ levels: { critical: { op: '>', value: 80, recover: 70 } } })
  const past = judgeTicks(rule, pastOf(rule, [61, 55, 61, 49]))

  t.match(sweepLevel(rule, 'critical', [60], past), [{ firings: 1 }])
})

test('a sweep over `for` says how often it would have fired', async (t) => {
  const rule = aCompiledRule({ for: '1m' })
  const past = judgeTicks(rule, pastOf(rule, VALUES))

  t.same(sweepFor(rule, [0, 20 * SECOND, MINUTE], past).map(({ value, firings }) => [value, firings]), [[0, 3], [20 * SECOND, 2], [MINUTE, 0]])
})

const firing = (from: number, to: number | null, labels = {}): Firing => ({ labels, from, to, peak: 1, level: 'critical' })

const comparisons: Record<string, { edited: Firing[], present: Firing[], acknowledged: Firing[], compared: [added: number, removed: number, ackedRemoved: number] }> = {
  'the same firings, a little later': { edited: [firing(2, 5)], present: [firing(1, 4)], acknowledged: [firing(1, 4)], compared: [0, 0, 0] },
  'one of two is gone, and nobody minded': { edited: [firing(1, 2)], present: [firing(1, 2), firing(5, 6)], acknowledged: [firing(1, 2)], compared: [0, 1, 0] },
  'one of two is gone, and somebody had acknowledged it': { edited: [firing(1, 2)], present: [firing(1, 2), firing(5, 6)], acknowledged: [firing(5, 6)], compared: [0, 1, 1] },
  'one more': { edited: [firing(1, 2), firing(8, null)], present: [firing(1, 2)], acknowledged: [], compared: [1, 0, 0] },
  'one long for three short': { edited: [firing(1, 9)], present: [firing(1, 2), firing(4, 5), firing(8, null)], acknowledged: [], compared: [0, 0, 0] },
  'another group is another firing': {
    edited: [firing(1, 9, { host: 'a' })], present: [firing(1, 9, { host: 'b' })], acknowledged: [firing(1, 9, { host: 'b', team: 'x' })], compared: [1, 1, 1]
  },
  'groups that only one version has are not compared': {
    edited: [firing(1, 9, { host: 'a', mount: '/' }), firing(1, 9, { host: 'a', mount: '/b' })], present: [firing(1, 9, { host: 'a' })], acknowledged: [], compared: [0, 0, 0]
  },
  'one that ends as the other begins': { edited: [firing(1, 2)], present: [firing(2, 3)], acknowledged: [], compared: [0, 0, 0] },
  'one of several at the same time': {
    edited: [firing(1, 9, { host: 'a', mount: '/' }), firing(2, 3, { host: 'a', mount: '/b' })], present: [firing(5, 6, { host: 'a' })], acknowledged: [], compared: [1, 0, 0]
  },
  nothing: { edited: [], present: [], acknowledged: [], compared: [0, 0, 0] }
}

for (const [title, { edited, present, acknowledged, compared: [added, removed, ackedRemoved] }] of Object.entries(comparisons)) {
  test(`the comparison of two versions of a rule: ${title}`, async (t) => {
    t.same(compareFirings(edited, present, acknowledged), { added, removed, ackedRemoved })
  })
}
