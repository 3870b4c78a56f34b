import { TypeCompiler } from '@sinclair/typebox/compiler'
import { test } from 'tap'
import { NewRule, Rule, type RuleLevel } from '../../schemas/rule.ts'
import { AppError, type Fault } from '../../src/core/errors.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import { groupNeeds } from '../../src/rules/signals.ts'
import { aCompiledRule, aRule, INTERVAL, MINUTE, SECOND } from './support.ts'

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
