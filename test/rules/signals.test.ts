import { test } from 'tap'
import type { NewRule } from '../../schemas/rule.ts'
import { groupNeeds, judge, type Measured, type Row } from '../../src/rules/signals.ts'
import { aCompiledRule, measured, MINUTE, START, valuesFor } from './support.ts'

const row = (value: number, labels: Record<string, string> = {}): Row => ({ labels, value })
const floor = (op: '<' | '>', value: number): NewRule['levels'] => ({ critical: { op, value } })

test('rules with the same signal share one measurement, an absence has its own', async (t) => {
  const rules = [
    aCompiledRule({ signal: { events: 'level>=error service:api' } }),
    aCompiledRule({ signal: { events: ' level>=error   service:api' }, aggregate: 'rate', for: '5m' }),
    aCompiledRule({ signal: { absent: 'level>=error service:api' }, levels: floor('<', 1) }),
    aCompiledRule({ signal: { absent: 'service:api level>=error' }, levels: floor('<', 2) }),
    aCompiledRule({ signal: { metric: 'heat', labels: { a: '1', b: '2' } }, group_by: ['x', 'y'] }),
    aCompiledRule({ signal: { metric: 'heat', labels: { b: '2', a: '1' } }, group_by: ['y', 'x'] })
  ]

  t.equal(groupNeeds(rules.map(({ signal }) => signal)).length, 4)
})

test('another window, group, label or aggregate is another measurement', async (t) => {
  const rules = [{}, { window: '2m' }, { group_by: ['x'] }, { signal: { metric: 'heat', labels: { a: '1' } } }, { aggregate: 'max' as const }]

  t.equal(groupNeeds(rules.map((changes) => aCompiledRule(changes).signal)).length, 5)
})

test('a rate is events a second', async (t) => {
  const rule = aCompiledRule({ signal: { events: '' }, aggregate: 'rate', window: '2m' })

  t.same(judge(rule.signal, valuesFor(rule, row(60)), START), [{ key: '{}', verdict: 0.5 }])
})

test('a series without a row, or without a number, has no data; no events are 0 events', async (t) => {
  const series = aCompiledRule()
  const events = aCompiledRule({ signal: { events: '' } })

  t.same(judge(series.signal, valuesFor(series), START), [{ key: '{}', verdict: 'no_data' }])
  t.same(judge(series.signal, valuesFor(series, row(Number.NaN)), START), [{ key: '{}', verdict: 'no_data' }])
  t.same(judge(events.signal, valuesFor(events), START), [{ key: '{}', verdict: 0 }])
})

test('each label set has its verdict, whatever order its labels come in', async (t) => {
  const rule = aCompiledRule({ group_by: ['mount', 'host'] })
  const values = valuesFor(rule, row(1, { mount: '/', host: 'a' }), row(2, { host: 'b', mount: '/' }))

  t.same(judge(rule.signal, values, START), [
    { key: '{"host":"a","mount":"/"}', verdict: 1 },
    { key: '{"host":"b","mount":"/"}', verdict: 2 }
  ])
})

const burnRates: Array<[title: string, counts: [longTotal: number, longGood: number, shortTotal: number, shortGood: number], verdict: number | 'no_data']> = [
  ['both windows burn', [1_000, 900, 100, 80], 10],
  ['the short window has recovered', [1_000, 900, 100, 100], 0],
  ['the long window hardly noticed', [1_000, 999, 100, 50], 0.1],
  ['nothing was asked', [0, 0, 0, 0], 'no_data'],
  ['nothing was asked of late', [1_000, 0, 0, 0], 'no_data'],
  ['more good ones than all', [100, 110, 10, 11], 0]
]

for (const [title, [longTotal, longGood, shortTotal, shortGood], verdict] of burnRates) {
  test(`the burn rate is the lower of both windows: ${title}`, async (t) => {
    const { signal } = aCompiledRule({ signal: { ratio: { good: 'ok', total: '' }, objective: 0.99, windows: ['1h', '5m'] }, levels: floor('>', 2) })
    const counts = [longTotal, longGood, shortTotal, shortGood]
    const values = new Map(signal.needs.map(({ key }, index): [string, Measured] => [key, measured(row(counts[index] ?? 0))]))

    const judged = judge(signal, values, START)

    t.same(Array.isArray(judged) && judged.map(({ verdict }) => typeof verdict === 'number' ? Number(verdict.toFixed(6)) : verdict), [verdict])
  })
}

test('a measurement that failed leaves the rule unjudged', async (t) => {
  t.equal(judge(aCompiledRule().signal, new Map(), START), 'unjudged')
})

test('nothing is judged before the first full window', async (t) => {
  const { signal } = aCompiledRule({ window: '5m' })
  const values = new Map(signal.needs.map(({ key }) => [key, { rows: [row(1)], since: START }]))

  t.equal(judge(signal, values, START + 5 * MINUTE - 1), 'unjudged')
  t.same(judge(signal, values, START + 5 * MINUTE), [{ key: '{}', verdict: 1 }])
})
