import fc from 'fast-check'
import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import type { NewRule } from '../../schemas/rule.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import { applyChanges, evaluateRule } from '../../src/rules/evaluate.ts'
import { NO_GROUP } from '../../src/rules/labels.ts'
import type { Verdict } from '../../src/rules/signals.ts'
import { aCompiledRule, INTERVAL, MINUTE, SECOND, START } from './support.ts'

interface TickOfSeries {
  verdict: Verdict
  /** ms since the tick before; the clock may have been set, or the service stopped. */
  passed: number
  restarts: boolean
}

const duration = (...seconds: number[]) => fc.constantFrom(...seconds.map((n) => `${n}s`))

const anyRule: fc.Arbitrary<Partial<NewRule>> = fc.record({
  levels: fc.constantFrom<NewRule['levels']>(
    { critical: { op: '>', value: 80 } },
    { critical: { op: '>=', value: 80, recover: 60 } },
    { warning: { op: '>', value: 60 }, critical: { op: '>', value: 80 } },
    { warning: { op: '>', value: 60, recover: 40 }, critical: { op: '>', value: 80, recover: 50 } },
    { warning: { op: '<', value: 60 }, critical: { op: '<', value: 40, recover: 50 } }
  ),
  for: duration(0, 10, 30, 60),
  keep_firing_for: duration(0, 20, 60),
  no_data: fc.constantFrom('hold', 'alert', 'ok'),
  no_data_for: duration(0, 30),
  flap: fc.constantFrom(null, { transitions: 4, window: '2m' })
})

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(30, 40, 45, 50, 55, 60, 70, 80, 81, 95) },
  { weight: 2, arbitrary: fc.constant<Verdict>('no_data') },
  { weight: 1, arbitrary: fc.constant<Verdict>('unjudged') }
)

const passed = fc.oneof(
  { weight: 20, arbitrary: fc.constant(INTERVAL) },
  { weight: 1, arbitrary: fc.constantFrom(0, 25 * SECOND, 10 * MINUTE, -5 * SECOND, -10 * MINUTE) }
)

const anySeries = fc.array(fc.record({ verdict, passed, restarts: fc.boolean() }), { maxLength: 60 })

function run (rule: CompiledRule, series: readonly TickOfSeries[], { restarting }: { restarting: boolean }): { transitions: Transition[], times: number[] } {
  const states = new Map<string, Map<string, AlertState>>()
  const transitions: Transition[] = []
  const times: number[] = []
  for (const { verdict, passed, restarts } of series) {
    const previousAt = times.at(-1)
    const now = (previousAt ?? START) + passed
    const groups = states.get(rule.id) ?? new Map<string, AlertState>()
    const judged = verdict === 'unjudged' ? verdict : [{ key: NO_GROUP, verdict }]
    const { changes } = evaluateRule(rule, restarting && restarts ? parseCopy(groups) : groups, judged, { now, previousAt })
    applyChanges(states, changes)
    transitions.push(...changes.flatMap(({ transition }) => transition ?? []))
    times.push(now)
  }
  return { transitions, times }
}

function parseCopy (groups: ReadonlyMap<string, AlertState>): Map<string, AlertState> {
  return new Map(JSON.parse(JSON.stringify([...groups])))
}

/** Judged, that is watched, time for which the limit of any level had been crossed without a break, up to the tick at `index`. */
function crossedMs (rule: CompiledRule, series: readonly TickOfSeries[], index: number): number {
  let ms = 0
  for (let at = index; at > 0; at--) {
    const before = series[at - 1]?.verdict
    if (typeof before !== 'number') continue
    if (!isCrossed(rule, before)) break
    ms += Math.min(Math.max(series[at]?.passed ?? 0, 0), rule.windowMs)
  }
  return ms
}

function isCrossed ({ limits }: CompiledRule, value: number): boolean {
  return Object.values(limits).some(({ op, value: limit }) => {
    if (value === limit) return op === '>=' || op === '<='
    return op.startsWith('>') ? value > limit : value < limit
  })
}

const SETTINGS = { seed: 11, numRuns: 2_000 }

test('whatever happens, transitions follow each other, and there is one alert at a time', async () => {
  fc.assert(fc.property(anyRule, anySeries, (changes, series) => {
    const { transitions } = run(aCompiledRule(changes), series, { restarting: true })
    return transitions.every((transition, index) => {
      const before = transitions[index - 1]?.to ?? 'inactive'
      const isKnown = transition.from === before || (transition.from === 'inactive' && before === 'resolved')
      return isKnown && (transition.to !== 'resolved' || transition.from === 'firing') && (transition.to !== 'inactive' || transition.from === 'pending')
    })
  }), SETTINGS)
})

test('a limit never fires before it was crossed for `for`, in time that was watched', async () => {
  fc.assert(fc.property(anyRule, anySeries, (changes, series) => {
    const rule = aCompiledRule(changes)
    let tick = -1
    const { transitions, times } = run(rule, series, { restarting: false })
    return transitions.filter(({ from, to, reason }) => to === 'firing' && from !== 'firing' && reason === 'crossed').every(({ at, value }) => {
      tick = times.findIndex((time, index) => index > tick && time === at && series[index]?.verdict === value)
      return crossedMs(rule, series, tick) >= rule.forMs
    })
  }), SETTINGS)
})

test('a restart at any tick changes nothing', async () => {
  fc.assert(fc.property(anyRule, anySeries, (changes, series) => {
    const rule = aCompiledRule(changes)
    const through = run(rule, series, { restarting: false })
    const restarted = run(rule, series, { restarting: true })
    return JSON.stringify(through) === JSON.stringify(restarted)
  }), SETTINGS)
})

test('a stop pages nobody: whatever the length, an alert that had to wait still has to', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 7 * 24 * 60 * MINUTE }), (before, stopMs) => {
    const rule = aCompiledRule({ for: '10m' })
    const series = Array.from({ length: before + 2 }, (_, index): TickOfSeries => ({ verdict: 95, passed: index === before ? stopMs : INTERVAL, restarts: true }))
    return run(rule, series, { restarting: true }).transitions.every(({ to }) => to !== 'firing')
  }), SETTINGS)
})

test('without any delay an alert fires exactly while the last known value is over the limit', async () => {
  fc.assert(fc.property(anySeries, (series) => {
    const { transitions } = run(aCompiledRule(), series, { restarting: true })
    const known = series.map(({ verdict }) => verdict).filter((verdict) => typeof verdict === 'number').map((value) => value > 80)
    const turns = known.filter((isOver, index) => isOver !== (known[index - 1] ?? false))
    return JSON.stringify(transitions.map(({ to }) => to)) === JSON.stringify(turns.map((isOver) => isOver ? 'firing' : 'resolved'))
  }), SETTINGS)
})

test('an alert that flaps is announced once, and at most as often as its changes allow', async () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (values) => {
    const rule = aCompiledRule({ flap: { transitions: 4, window: '10m' } })
    const series = values.map((isOver): TickOfSeries => ({ verdict: isOver ? 81 : 1, passed: INTERVAL, restarts: false }))
    const { transitions } = run(rule, series, { restarting: false })
    const changes = transitions.filter(({ from, to }) => (from === 'firing') !== (to === 'firing'))
    return changes.every(({ at }, index) => at - (changes[index - 5]?.at ?? -Infinity) > 10 * MINUTE)
  }), SETTINGS)
})
