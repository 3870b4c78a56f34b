import fc from 'fast-check'
import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { Level } from '../../schemas/event.ts'
import type { Matchable } from '../../src/query/match.ts'
import { compareFirings } from '../../src/rules/compare.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import { countEvent, countsAt, fillCounts, incompleteAt, shiftCounts, startCounts } from '../../src/rules/counts.ts'
import { applyChanges, evaluate } from '../../src/rules/evaluate.ts'
import { type Firing, judgeTicks, replay, type ReplayTick, sweepFor, sweepLevel } from '../../src/rules/replay.ts'
import type { CountNeed, Need } from '../../src/rules/signals.ts'
import { aCompiledRule, INTERVAL, MINUTE, SECOND, START, valuesFor } from './support.ts'

function anEvent (changes: Partial<Matchable> = {}): Matchable {
  return {
    level: 'INFO', severity: 'LOW', service: null, type: null, host: null, traceId: null, message: 'hello', meta: null, patternId: null, anomaly: null, ...changes
  }
}

function countNeeds (...rules: CompiledRule[]): CountNeed[] {
  return rules.flatMap(({ signal }) => signal.needs.filter((need: Need) => need.kind === 'count'))
}

const errors = (changes = {}) => aCompiledRule({ signal: { events: 'level>=error' }, ...changes })

test('events are counted by query, window and group, each event read once', async (t) => {
  const needs = countNeeds(errors(), errors({ window: '10m' }), errors({ group_by: ['service', 'meta.code'] }), aCompiledRule({ signal: { events: '' } }))
  const counts = startCounts(needs, START)
  const add = (level: Level, service: string, at: number) => countEvent(counts, anEvent({ level, service, meta: '{"code":7}' }), at)
  add('ERROR', 'a', START)
  add('INFO', 'a', START)
  add('FATAL', 'b', START + 2 * MINUTE)
  add('ERROR', 'b', START + 2 * MINUTE)

  const measured = countsAt(counts, START + 150 * SECOND)

  t.same(needs.map(({ key }) => measured.get(key)?.rows.map(({ labels, value }) => ({ labels, value }))), [
    [{ labels: {}, value: 2 }],
    [{ labels: {}, value: 3 }],
    [{ labels: { service: 'b', 'meta.code': '7' }, value: 2 }],
    [{ labels: {}, value: 2 }]
  ])
})

const edges: Array<[title: string, at: number, value: number | undefined]> = [
  ['as old as the window', START - MINUTE, 1],
  ['a moment older', START - MINUTE - 1, undefined],
  ['a moment ago', START - 1, 1],
  ['right now', START, undefined]
]

for (const [title, at, value] of edges) {
  test(`an event that is ${title} is counted ${value ?? 0} times`, async (t) => {
    const [need] = countNeeds(errors())
    const counts = startCounts(need === undefined ? [] : [need], 0)
    countEvent(counts, anEvent({ level: 'ERROR' }), at)

    t.equal(countsAt(counts, START).get(need?.key ?? '')?.rows[0]?.value, value)
  })
}

test('a long window is counted in coarser steps: nothing in it is missed, and what is a 600th of it older is gone', async (t) => {
  const day = 24 * 60 * MINUTE
  const step = day / 600
  const needs = countNeeds(errors({ window: '1d' }))
  const countAt = (now: number): number => {
    const counts = startCounts(needs, START)
    for (let at = START; at < START + 2 * day; at += MINUTE) countEvent(counts, anEvent({ level: 'ERROR' }), at)
    return countsAt(counts, now).get(needs[0]?.key ?? '')?.rows[0]?.value ?? 0
  }

  const counted = countAt(START + 2 * day)

  t.ok(counted >= day / MINUTE && counted <= (day + step) / MINUTE, `${counted} of ${day / MINUTE}`)
})

test('a new rule begins to count when it is made, and the others go on', async (t) => {
  const [old, young] = [errors(), errors({ window: '5m' })]
  const first = startCounts(countNeeds(old), START)
  countEvent(first, anEvent({ level: 'ERROR' }), START)

  const second = startCounts(countNeeds(young, old), START + 30 * SECOND, first)

  const measured = countsAt(second, START + 40 * SECOND)
  t.match(countNeeds(old, young).map(({ key }) => measured.get(key)), [
    { rows: [{ value: 1 }], since: START },
    { rows: { length: 0 }, since: START + 30 * SECOND }
  ])
})

test('a window that is filled with the past is whole at once, and goes on', async (t) => {
  const needs = countNeeds(errors({ group_by: ['service'] }))
  const key = needs[0]?.key ?? ''
  const counts = startCounts(needs, START)
  fillCounts(counts, key, { since: START - MINUTE, groups: [{ labels: { service: 'a' }, steps: [[START - MINUTE, 2], [START - 30 * SECOND, 3], [START - 30 * SECOND + 1, 2]] }] })
  fillCounts(counts, key, { since: START, groups: [] })
  fillCounts(counts, 'the need of a rule that is gone', { since: 0, groups: [{ labels: {}, steps: [[START, 9]] }] })
  countEvent(counts, anEvent({ level: 'ERROR', service: 'a' }), START)

  t.equal(counts.refused, 0)
  t.same(countsAt(counts, START).get(key), { rows: [{ labels: { service: 'a' }, value: 7, latest: START - 29 * SECOND - 1 }], since: START - MINUTE })
  t.match(countsAt(counts, START + SECOND).get(key)?.rows, [{ value: 6, latest: START + SECOND - 1 }])
})

test('groups beyond the bound are refused and counted, the known ones go on', async (t) => {
  const needs = countNeeds(errors({ group_by: ['service'] }))
  const counts = startCounts(needs, START)
  for (let n = 0; n < 1_003; n++) countEvent(counts, anEvent({ level: 'ERROR', service: `s${n}` }), START)
  countEvent(counts, anEvent({ level: 'ERROR', service: 's0' }), START)

  const rows = countsAt(counts, START + SECOND).get(needs[0]?.key ?? '')?.rows

  t.equal(counts.refused, 3)
  t.same([...incompleteAt(counts, START + MINUTE)], [needs[0]?.key], 'told while the window has a gap')
  t.same([...incompleteAt(counts, START + MINUTE + 1)], [])
  t.equal(rows?.length, 1_000)
  t.match(rows?.find(({ labels }) => labels['service'] === 's0'), { value: 2 })
})

test('past events of too many groups are counted as refused, and forgotten with their rule', async (t) => {
  const needs = countNeeds(errors({ group_by: ['service'] }))
  const counts = startCounts(needs, START)
  fillCounts(counts, needs[0]?.key ?? '', { since: START - MINUTE, groups: [], other: 7 })

  t.equal(counts.refused, 7)
  t.equal(incompleteAt(counts, START).size, 1)
  t.equal(incompleteAt(startCounts(countNeeds(errors()), START, counts), START).size, 0)
})

test('fields of an event are the labels of its group', async (t) => {
  const names = ['host', 'level', 'severity', 'trace_id', 'pattern', 'meta.a.b', 'meta.none', 'meta.list']
  const groups = [names.slice(0, 4), names.slice(4)]
  const needs = countNeeds(...groups.map((group) => errors({ group_by: group })))
  const counts = startCounts(needs, START)
  countEvent(counts, anEvent({ level: 'ERROR', host: 'h', traceId: 't', patternId: 'p', meta: '{"a":{"b":true},"list":[1]}' }), START)

  const measured = countsAt(counts, START + SECOND)

  t.same(needs.map(({ key }) => measured.get(key)?.rows[0]?.labels), [
    { host: 'h', level: 'ERROR', severity: 'LOW', trace_id: 't' },
    { pattern: 'p', 'meta.a.b': 'true', 'meta.none': '', 'meta.list': '' }
  ])
})

test('counting as events come equals counting them anew at every tick, also when the clock is set back', async () => {
  const offsets = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 80 })
  fc.assert(fc.property(offsets, (seconds) => {
    const needs = countNeeds(errors())
    const counts = startCounts(needs, START)
    const times = seconds.map((n) => START + n * SECOND)
    for (const at of times) countEvent(counts, anEvent({ level: 'ERROR' }), at)
    return Array.from({ length: 40 }, (_, index) => START + index * 10 * SECOND).every((now) => {
      const value = countsAt(counts, now).get(needs[0]?.key ?? '')?.rows[0]?.value ?? 0
      return value === times.filter((at) => at >= now - MINUTE && at < now).length
    })
  }), { seed: 5, numRuns: 300 })
})

test('when the clock jumps, windows go on with what was received in so much time', async (t) => {
  const needs = countNeeds(errors(), errors({ window: '1d' }))
  for (const ms of [120 * MINUTE, -60 * MINUTE, 400 * 1_440 * MINUTE, 1_300]) {
    const counts = startCounts(needs, START - MINUTE)
    for (const at of [50, 30, 10]) countEvent(counts, anEvent({ level: 'ERROR' }), START - at * SECOND)
    shiftCounts(counts, ms)
    countEvent(counts, anEvent({ level: 'ERROR' }), START + ms)

    const valueAt = (at: number) => needs.map(({ key }) => countsAt(counts, START + ms + at).get(key)?.rows[0]?.value)
    t.same(valueAt(5 * SECOND), [4, 4], `${ms} ms`)
    t.same(valueAt(40 * SECOND)[0], 2, `${ms} ms, later`)
    t.same(countsAt(counts, START + ms).get(needs[0]?.key ?? '')?.since, START - MINUTE + ms)
  }
})

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
