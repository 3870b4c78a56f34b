import fc from 'fast-check'
import { test } from 'tap'
import type { Level } from '../../schemas/event.ts'
import type { Matchable } from '../../src/query/match.ts'
import { countEvent, countsAt, fillCounts, incompleteAt, shiftCounts, startCounts } from '../../src/rules/counts.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import type { CountNeed, Need } from '../../src/rules/signals.ts'
import { aCompiledRule, MINUTE, SECOND, START } from './support.ts'

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
