import { TypeCompiler } from '@sinclair/typebox/compiler'
import fc from 'fast-check'
import { test } from 'tap'
import { NewRule, Rule, type RuleLevel } from '../../schemas/rule.ts'
import { AppError, type Fault } from '../../src/core/errors.ts'
import { type Matchable, matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import { evaluate } from '../../src/rules/evaluate.ts'
import { indexQueries } from '../../src/rules/query-index.ts'
import { groupNeeds, judge, type Measured, type Row } from '../../src/rules/signals.ts'
import { tellTroubles, troublesOf } from '../../src/rules/troubles.ts'
import { anyQuery, FEW_QUERIES, someEvents } from '../contract/random.ts'
import { aCompiledRule, aRule, INTERVAL, measured, MINUTE, SECOND, START, valuesFor } from './support.ts'

const THRESHOLDS = {
  cpu_percent: { warning: 80, critical: 95, for: '1m' },
  memory_percent: { warning: 85, critical: 95, for: '1m' },
  latency_p95_ms: { warning: 100, critical: 500, for: '1m' }
}

const burn = { ratio: { good: 'meta.status<500', total: 'type:request' }, objective: 0.99, windows: ['1h', '5m'] }
const limit = (op: RuleLevel['op'], value: number, recover?: number) => ({ op, value, ...(recover === undefined ? {} : { recover }) })

function faultsOf (changes: Partial<NewRule>): readonly Fault[] {
  try {
    compileRule(aRule(changes), { intervalMs: INTERVAL })
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.faults
  }
}

const wrong: Array<[changes: Partial<NewRule>, path: string, message: RegExp]> = [
  [{ levels: {} }, '/levels', /at least one of warning and critical/],
  [{ levels: { critical: limit('>', 80, 81) } }, '/levels/critical/recover', /at most the value 80.*got 81/],
  [{ levels: { critical: limit('<', 10, 9) } }, '/levels/critical/recover', /at least the value 10.*got 9/],
  [{ levels: { warning: limit('>', 90), critical: limit('>', 80) } }, '/levels/warning/value', /beyond critical, which is 80, got 90/],
  [{ levels: { warning: limit('<', 5), critical: limit('<=', 10) } }, '/levels/warning/value', /beyond critical, which is 10, got 5/],
  [{ levels: { warning: limit('<', 5), critical: limit('>', 10) } }, '/levels/critical/op', /same way as that of warning/],
  [{ window: '9s' }, '/window', /at least 10s, which is how often/],
  [{ window: '31d' }, '/window', /at most 30d, got 31d/],
  [{ for: '31d' }, '/for', /at most 30d/],
  [{ aggregate: 'rate' }, '/aggregate', /one of avg, min, max, sum, last for this signal, got rate/],
  [{ signal: { events: '' }, aggregate: 'avg' }, '/aggregate', /one of count, rate/],
  [{ signal: { absent: '' }, aggregate: 'count', levels: { critical: limit('<', 1) } }, '/aggregate', /has none/],
  [{ signal: { events: 'level>>error' } }, '/signal/events', /^column 7/],
  [{ signal: { absent: '(' }, levels: { critical: limit('<', 1) } }, '/signal/absent', /bracket/],
  [{ signal: { ...burn, ratio: { good: ')', total: 'a' } }, levels: { critical: limit('>', 14) } }, '/signal/ratio/good', /bracket/],
  [{ signal: burn, window: '1m', levels: { critical: limit('>', 14) } }, '/window', /windows of its own|its own windows/],
  [{ signal: { ...burn, windows: ['5m', '1h'] }, levels: { critical: limit('>', 14) } }, '/signal/windows', /long window comes first/],
  [{ signal: { ...burn, windows: ['1h', '5s'] }, levels: { critical: limit('>', 14) } }, '/signal/windows/1', /at least 10s/],
  [{ signal: burn, levels: { critical: limit('>', 100) } }, '/levels/critical', /at most 100\.000/],
  [{ signal: { ...burn, objective: 0.5 }, levels: { critical: limit('>', 2) } }, '/levels/critical', /at most 2\.00000, got 2/],
  [{ signal: burn, levels: { critical: limit('<', 14) } }, '/levels/critical', /bad when it is high/],
  [{ signal: { events: '' }, levels: { warning: limit('<', 0) } }, '/levels/warning', /never crossed/],
  [{ signal: { events: '' }, levels: { warning: limit('>=', 0) } }, '/levels/warning', /always crossed/],
  [{ signal: { absent: '' }, levels: { warning: limit('>', 3) } }, '/levels/warning', /use < or <=/],
  [{ signal: { events: '' }, no_data: 'alert' }, '/no_data', /never without data/],
  [{ group_by: ['meta.x'] }, '/group_by/0', /name of a label/],
  [{ signal: { events: '' }, group_by: ['service', 'meta.'] }, '/group_by/1', /must be service.*got "meta\."/],
  [{ signal: { events: '' }, group_by: ['message'] }, '/group_by/0', /must be service/],
  [{ group_by: ['host'], labels: { host: 'a' } }, '/labels/host', /group_by already/],
  [{ depends_on: ['r0', 'r1'] }, '/depends_on/1', /on itself/]
]

test('each mistake is told with its place', async (t) => {
  for (const [changes, path, message] of wrong) {
    const faults = faultsOf(changes)

    t.match(faults, [{ path, message }], JSON.stringify(changes))
    t.equal(faults.length, 1, JSON.stringify(faults))
  }
})

test('all mistakes are told at once', async (t) => {
  const faults = faultsOf({ window: '1s', aggregate: 'rate', levels: { critical: limit('>', 80, 90) }, depends_on: ['r1'] })

  t.same(faults.map(({ path }) => path), ['/levels/critical/recover', '/window', '/aggregate', '/depends_on/0'])
})

const right: Record<string, Partial<NewRule>> = {
  'a warning at the critical limit': { levels: { warning: limit('>', 80), critical: limit('>', 80) } },
  'a recovery at the limit': { levels: { critical: limit('>', 80, 80) } },
  'a window as long as the interval': { window: '10s' },
  'a count that must not fall': { signal: { events: 'type:HEARTBEAT' }, levels: { critical: limit('<', 3) } },
  'a burn rate that only nothing but failures reach': { signal: { ...burn, objective: 0.5 }, levels: { critical: limit('>=', 2) } },
  'a burn rate': { signal: burn, levels: { critical: limit('>', 14.4) } },
  'groups by meta': { signal: { events: '' }, group_by: ['service', 'meta.http.status'] }
}

for (const [title, changes] of Object.entries(right)) {
  test(`${title} is fine`, async (t) => {
    t.same(faultsOf(changes), [])
  })
}

test('durations become ms, and what is left out has its default', async (t) => {
  const compiled = aCompiledRule({ for: '90s', flap: { transitions: 3, window: '2h' } })

  t.match(compiled, {
    windowMs: MINUTE,
    forMs: 90_000,
    keepFiringForMs: 0,
    noData: { then: 'hold', afterMs: MINUTE },
    limits: { critical: { value: 80, recover: 80 } },
    flap: { transitions: 3, windowMs: 120 * MINUTE }
  })
  t.match(aRule({ signal: { events: '' } }), { aggregate: 'count', window: '1m', for: '0s' })
  t.notOk('window' in aRule({ signal: burn }))
})

test('the built-in rules are sound, and as they were agreed', async (t) => {
  const check = TypeCompiler.Compile(Rule)
  const rules = builtInRules(THRESHOLDS, 90 * SECOND)

  t.same(rules.flatMap((rule) => [...check.Errors(rule)].map(({ path, message }) => `${rule.id} ${path} ${message}`)), [])
  t.same(rules.map(({ id }) => id), ['builtin-cpu', 'builtin-memory', 'builtin-latency-p95', 'builtin-disk', 'builtin-error-burst', 'builtin-channel', 'builtin-canary'])
  t.same(builtInRules(THRESHOLDS, 0).map(({ id }) => id), rules.slice(0, -1).map(({ id }) => id), 'without a canary there is no rule for it')
  t.match(rules.at(-1), { signal: { absent: 'type:CANARY service:bellwether' }, window: '450s', levels: { warning: { op: '<', value: 1 } } })
  t.match(compileRule(rules[0] ?? aRule(), { intervalMs: INTERVAL }), { forMs: MINUTE, limits: { warning: { op: '>', value: 80 }, critical: { op: '>', value: 95 } } })
  t.equal(groupNeeds(rules.map((rule) => compileRule(rule, { intervalMs: INTERVAL }).signal)).length, 7)
})

const bodies: Array<[body: unknown, isFine: boolean]> = [
  [{ name: 'a', signal: { metric: 'm' }, levels: { critical: { op: '>', value: 1 } } }, true],
  [{ name: 'a', signal: { absent: '' }, levels: {}, for: '5m', draft: true, flap: null }, true],
  [{ name: 'a', signal: { metric: 'm' } }, false],
  [{ name: 'a', signal: { metric: 'm', events: '' }, levels: {} }, false],
  [{ name: 'a', signal: { pattern: 'new' }, levels: {} }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: {}, severity: 'high' }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: { critical: { op: '==', value: 1 } } }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: { critical: { op: '>', value: Infinity } } }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: { critical: { op: '>', value: '1' } } }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: {}, for: '5 m' }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: {}, for: '-5m' }, false],
  [{ name: 'a', signal: { metric: 'm' }, levels: {}, labels: { 'a b': 'x' } }, false],
  [{ name: 'a', signal: { ...burn, objective: 1 }, levels: {} }, false],
  [{ name: 'a', signal: { ...burn, windows: ['1h'] }, levels: {} }, false]
]

test('the schema takes what is agreed and nothing else', async (t) => {
  const check = TypeCompiler.Compile(NewRule)
  for (const [body, isFine] of bodies) t.equal(check.Check(body), isFine, JSON.stringify(body))
})

test('a rule that was completed fits the schema of kept rules', async (t) => {
  const complete = completeRule('x', { name: 'a', signal: burn, levels: { critical: { op: '>', value: 2 } } })

  t.same([...TypeCompiler.Compile(Rule).Errors(complete)], [])
})

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

test('label sets beyond the cap, reads that fail and counts that are cut are told by the name of the rule', (t) => {
  const rule = aCompiledRule({ name: 'Disks', group_by: ['mount'] })
  const [key = ''] = rule.signal.needs.map((need) => need.key)
  const values = valuesFor(rule, ...Array.from({ length: 103 }, (_, index) => ({ labels: { mount: `/${index}` }, value: 81 })))
  const fine = { values, failures: new Map<string, string>(), incomplete: new Set<string>() }
  const crowded = evaluate([rule], new Map(), { now: START, previousAt: undefined, values })

  const told = [
    troublesOf([rule], fine, { crowded: [] }),
    troublesOf([rule], fine, crowded),
    troublesOf([rule], { ...fine, failures: new Map([[key, 'it took too long']]) }, { crowded: [] }),
    troublesOf([rule], { ...fine, incomplete: new Set([key]) }, { crowded: [] })
  ].map(tellTroubles)

  t.equal(told[0], '')
  t.match(told[1], /^"Disks" has 100 label sets in trouble, which is the most: 3 more get no alert/)
  t.equal(told[2], '"Disks" cannot be measured: it took too long')
  t.match(told[3], /^"Disks" counts too many label sets/)
  t.equal(tellTroubles(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a; b; c; d; e; and 2 more')
  t.end()
})

test('a rule that is switched off has no troubles', (t) => {
  const rule = aCompiledRule({ enabled: false })
  const failures = new Map(rule.signal.needs.map(({ key }) => [key, 'gone']))

  t.same(troublesOf([rule], { values: new Map(), failures, incomplete: new Set() }, { crowded: [] }), [])
  t.end()
})

const EVENTS: Matchable[] = someEvents(150).map((event, index) => ({ ...event, patternId: index % 3 === 0 ? 'p1' : null, anomaly: index % 4 === 0 ? index / 40 : null }))

test('the index finds exactly the queries that match', async (t) => {
  const texts = [...FEW_QUERIES, 'pattern:p1', 'pattern:p1 level>=warn', ...fc.sample(anyQuery(someEvents(150)), { numRuns: 3_000, seed: 3 })]
  const nodes = texts.map((text) => parseQuery(text))
  const tests = nodes.map((node) => node === undefined ? () => true : matcher(node))
  const index = indexQueries(nodes)

  let found = 0
  for (const event of EVENTS) {
    const wanted = texts.filter((_, place) => tests[place]?.(event))
    found += wanted.length
    t.same(index(event).map((place) => texts[place]).toSorted(), wanted.toSorted())
  }
  t.ok(found > 1_000, 'queries do match')
})

const narrow = [
  'service:s{n}',
  'level>=error service:s{n}',
  '"timeout of s{n}"',
  'service:s{n} OR host:h{n}',
  '-level:info type:s{n}',
  'trace_id:s{n} meta.a:1'
]

test('a query that names something is asked only for events that have it', async (t) => {
  for (const query of narrow) {
    const index = indexQueries(Array.from({ length: 1_000 }, (_, n) => parseQuery(query.replaceAll('{n}', String(n)))))
    const { event, reads } = watched({
      level: 'ERROR', severity: 'HIGH', service: 's7', host: 'h7', type: 's7', traceId: 's7', message: 'timeout of s7', meta: '{"a":1}', patternId: null, anomaly: null
    })

    t.same(index(event), [7], query)
    t.ok(reads() < 30, `${query}: ${reads()} fields were read`)
  }
})

/** An event that counts how often a field of it is read: a thousand queries that were asked would read a thousand. */
function watched (target: Matchable): { event: Matchable, reads: () => number } {
  let count = 0
  const event = new Proxy(target, {
    get: (object, name, receiver) => {
      count++
      return Reflect.get(object, name, receiver)
    }
  })
  return { event, reads: () => count }
}
