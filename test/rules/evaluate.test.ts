import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import { RULE_LIMITS } from '../../schemas/rule.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import { applyChanges, evaluate, type TickEvaluation } from '../../src/rules/evaluate.ts'
import type { Row, Values } from '../../src/rules/signals.ts'
import { aCompiledRule, INTERVAL, MINUTE, START, tell, valuesFor } from './support.ts'

/** Evaluates tick after tick and keeps the states, as the service does. */
class Ticks {
  readonly states = new Map<string, Map<string, AlertState>>()
  #at: number | undefined

  next (rules: readonly CompiledRule[], values: Values, passedMs = INTERVAL, steppedMs = 0): TickEvaluation {
    const now = this.#at === undefined ? START : this.#at + passedMs + steppedMs
    const evaluation = evaluate(rules, this.states, { now, previousAt: this.#at, steppedMs, values })
    applyChanges(this.states, evaluation.changes)
    this.#at = now
    return evaluation
  }
}

function told ({ changes }: TickEvaluation): string[] {
  return changes.flatMap(({ key, transition }) => transition === undefined ? [] : `${key} ${tell(transition)}`)
}

const disk = (mount: string, value: number): Row => ({ labels: { mount }, value })

test('label sets fire and recover each for itself', async (t) => {
  const rule = aCompiledRule({ group_by: ['mount'] })
  const ticks = new Ticks()

  t.same(told(ticks.next([rule], valuesFor(rule, disk('/', 81), disk('/a', 1)))), ['{"mount":"/"} 0s firing critical, crossed'])
  t.same(told(ticks.next([rule], valuesFor(rule, disk('/', 81), disk('/a', 90)))), ['{"mount":"/a"} 10s firing critical, crossed'])
  t.same(told(ticks.next([rule], valuesFor(rule, disk('/', 1), disk('/a', 90)))), ['{"mount":"/"} 20s resolved critical, recovered'])
})

test('what is well leaves no state behind', async (t) => {
  const rule = aCompiledRule({ group_by: ['mount'] })
  const ticks = new Ticks()

  ticks.next([rule], valuesFor(rule, disk('/', 1)))
  t.equal(ticks.states.size, 0)
  ticks.next([rule], valuesFor(rule, disk('/', 81)))
  t.equal(ticks.states.size, 1)
  ticks.next([rule], valuesFor(rule, disk('/', 1)))
  t.equal(ticks.states.size, 0)
})

test('a series that vanishes holds its alert; a count that vanishes is 0 and recovers', async (t) => {
  const series = aCompiledRule({ group_by: ['mount'] }, 'series')
  const events = aCompiledRule({ signal: { events: '' }, group_by: ['service'] }, 'events')
  const ticks = new Ticks()
  ticks.next([series, events], new Map([...valuesFor(series, disk('/', 81)), ...valuesFor(events, { labels: { service: 'a' }, value: 81 })]))

  const gone = ticks.next([series, events], new Map([...valuesFor(series), ...valuesFor(events)]))

  t.same(told(gone), ['{"service":"a"} 10s resolved critical, recovered'])
  t.ok(ticks.states.has('series'))
})

test('an absence is noticed for each group that came once', async (t) => {
  const rule = aCompiledRule({ signal: { absent: '' }, group_by: ['service'], levels: { critical: { op: '<', value: 1 } } })
  const ticks = new Ticks()

  t.same(told(ticks.next([rule], valuesFor(rule))), [], 'nobody is known')
  t.same(told(ticks.next([rule], valuesFor(rule, { labels: { service: 'a' }, value: 3 }))), [])
  t.same(told(ticks.next([rule], valuesFor(rule))), ['{"service":"a"} 20s firing critical, crossed'])
  t.same(told(ticks.next([rule], valuesFor(rule, { labels: { service: 'a' }, value: 1 }))), ['{"service":"a"} 30s resolved critical, recovered'])
})

test('a group whose data vanish while all is well alerts, when the rule says so', async (t) => {
  const rule = aCompiledRule({ group_by: ['mount'], no_data: 'alert', no_data_for: '10s' })
  const ticks = new Ticks()
  ticks.next([rule], valuesFor(rule, disk('/', 1)))
  ticks.next([rule], valuesFor(rule))

  t.same(told(ticks.next([rule], valuesFor(rule))), ['{"mount":"/"} 20s firing critical, no_data'])
})

test('too many groups in trouble are refused and counted; those that are well do not count', async (t) => {
  const rule = aCompiledRule({ group_by: ['mount'] })
  const ticks = new Ticks()
  const disks = (value: number) => Array.from({ length: RULE_LIMITS.groups + 5 }, (_, index) => disk(`/${index}`, value))

  t.match(ticks.next([rule], valuesFor(rule, ...disks(1))), { refused: 0 })
  const full = ticks.next([rule], valuesFor(rule, ...disks(81)))
  t.equal(full.refused, 5)
  t.equal(full.changes.length, RULE_LIMITS.groups)
  t.match(ticks.next([rule], valuesFor(rule, ...disks(81))), { refused: 5, changes: { length: 0 } })
})

test('what fires is resolved when its rule is switched off or removed', async (t) => {
  const [one, other] = [aCompiledRule({}, 'one'), aCompiledRule({}, 'other')]
  const ticks = new Ticks()
  ticks.next([one, other], valuesFor(one, { labels: {}, value: 81 }))

  const off: CompiledRule = { ...one, rule: { ...one.rule, enabled: false } }

  t.same(told(ticks.next([off], valuesFor(one))), ['{} 10s resolved critical, rule_off', '{} 10s resolved critical, rule_off'])
  t.equal(ticks.states.size, 0)
})

test('a measurement that fails changes nothing and is counted', async (t) => {
  const rule = aCompiledRule({ no_data: 'alert', no_data_for: '0s' })
  const ticks = new Ticks()
  ticks.next([rule], valuesFor(rule, { labels: {}, value: 81 }))

  const failed = ticks.next([rule], new Map())

  t.same(told(failed), [])
  t.equal(failed.unjudged, 1)
})

const gaps: Array<[title: string, passedMs: number, told: string[]]> = [
  ['a late tick counts whole, as its window saw all of it', MINUTE, ['{} 60s firing critical, crossed']],
  ['a stop of an hour does not count', 60 * MINUTE, []],
  ['a clock set back does not count', -60 * MINUTE, []]
]

for (const [title, passedMs, expected] of gaps) {
  test(`of the time between ticks, ${title}`, async (t) => {
    const rule = aCompiledRule({ for: passedMs === MINUTE ? '60s' : '70s', window: '1m' })
    const ticks = new Ticks()
    const over = valuesFor(rule, { labels: {}, value: 81 })
    ticks.next([rule], over)

    t.same(told(ticks.next([rule], over, passedMs)), expected)
  })
}

test('an alert that flapped before a stop still has to be calm for a whole window after it', async (t) => {
  const rule = aCompiledRule({ flap: { transitions: 2, window: '5m' } })
  const ticks = new Ticks()
  const [over, under] = [81, 1].map((value) => valuesFor(rule, { labels: {}, value }))
  for (const values of [over, under, over, under]) ticks.next([rule], values ?? new Map())

  t.same(told(ticks.next([rule], under ?? new Map(), 60 * MINUTE)), [])
})

test('after a clock was set back an alert fires when the rest of its time has passed', async (t) => {
  const rule = aCompiledRule({ for: '20s' })
  const ticks = new Ticks()
  const over = valuesFor(rule, { labels: {}, value: 81 })
  ticks.next([rule], over)
  ticks.next([rule], over, -60 * MINUTE)

  t.same(told(ticks.next([rule], over)), [])
  t.match(told(ticks.next([rule], over)), [/firing/])
})

for (const [name, steppedMs] of [['forward', 120 * MINUTE], ['back', -60 * MINUTE], ['400 days on', 400 * 1_440 * MINUTE], ['a little', 3_000]] as const) {
  test(`a clock that is seen to be set ${name} takes nothing from the time that passed, and adds nothing`, async (t) => {
    const rule = aCompiledRule({ for: '20s', window: '6h' })
    const ticks = new Ticks()
    const over = valuesFor(rule, { labels: {}, value: 81 })
    ticks.next([rule], over)

    t.same(told(ticks.next([rule], over, INTERVAL, steppedMs)), [])
    t.match(told(ticks.next([rule], over)), [/firing/])
  })
}
