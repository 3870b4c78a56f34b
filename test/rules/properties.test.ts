import fc from 'fast-check'
import { test } from 'tap'
import type { AlertState, Told } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import type { NewRule } from '../../schemas/rule.ts'
import type { CompiledRule } from '../../src/rules/compile.ts'
import { applyChanges, evaluateRule } from '../../src/rules/evaluate.ts'
import { NO_GROUP } from '../../src/rules/labels.ts'
import type { Verdict } from '../../src/rules/signals.ts'
import { INITIAL_STATE, nextState } from '../../src/rules/state.ts'
import { type Circumstances, NOTHING_TOLD, planFiring, planResolved } from '../../src/rules/suppress.ts'
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

const STATE_SETTINGS = { seed: 11, numRuns: 2_000 }

test('whatever happens, transitions follow each other, and there is one alert at a time', async () => {
  fc.assert(fc.property(anyRule, anySeries, (changes, series) => {
    const { transitions } = run(aCompiledRule(changes), series, { restarting: true })
    return transitions.every((transition, index) => {
      const before = transitions[index - 1]?.to ?? 'inactive'
      const isKnown = transition.from === before || (transition.from === 'inactive' && before === 'resolved')
      return isKnown && (transition.to !== 'resolved' || transition.from === 'firing') && (transition.to !== 'inactive' || transition.from === 'pending')
    })
  }), STATE_SETTINGS)
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
  }), STATE_SETTINGS)
})

test('a restart at any tick changes nothing', async () => {
  fc.assert(fc.property(anyRule, anySeries, (changes, series) => {
    const rule = aCompiledRule(changes)
    const through = run(rule, series, { restarting: false })
    const restarted = run(rule, series, { restarting: true })
    return JSON.stringify(through) === JSON.stringify(restarted)
  }), STATE_SETTINGS)
})

test('a stop pages nobody: whatever the length, an alert that had to wait still has to', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 7 * 24 * 60 * MINUTE }), (before, stopMs) => {
    const rule = aCompiledRule({ for: '10m' })
    const series = Array.from({ length: before + 2 }, (_, index): TickOfSeries => ({ verdict: 95, passed: index === before ? stopMs : INTERVAL, restarts: true }))
    return run(rule, series, { restarting: true }).transitions.every(({ to }) => to !== 'firing')
  }), STATE_SETTINGS)
})

test('without any delay an alert fires exactly while the last known value is over the limit', async () => {
  fc.assert(fc.property(anySeries, (series) => {
    const { transitions } = run(aCompiledRule(), series, { restarting: true })
    const known = series.map(({ verdict }) => verdict).filter((verdict) => typeof verdict === 'number').map((value) => value > 80)
    const turns = known.filter((isOver, index) => isOver !== (known[index - 1] ?? false))
    return JSON.stringify(transitions.map(({ to }) => to)) === JSON.stringify(turns.map((isOver) => isOver ? 'firing' : 'resolved'))
  }), STATE_SETTINGS)
})

test('an alert that flaps is announced once, and at most as often as its changes allow', async () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (values) => {
    const rule = aCompiledRule({ flap: { transitions: 4, window: '10m' } })
    const series = values.map((isOver): TickOfSeries => ({ verdict: isOver ? 81 : 1, passed: INTERVAL, restarts: false }))
    const { transitions } = run(rule, series, { restarting: false })
    const changes = transitions.filter(({ from, to }) => (from === 'firing') !== (to === 'firing'))
    return changes.every(({ at }, index) => at - (changes[index - 5]?.at ?? -Infinity) > 10 * MINUTE)
  }), STATE_SETTINGS)
})

const RULE = aCompiledRule({
  levels: { warning: { op: '>', value: 80, channels: ['chat', 'log'] }, critical: { op: '>', value: 95, recover: 90 } },
  channels: ['pager', 'log'],
  for: '10s',
  depends_on: ['uplink'],
  renotify: '40s',
  escalate: { after: '30s', channels: ['boss', 'log'] }
})

interface Tick {
  value: number
  isSilenced: boolean
  acknowledged: 'warning' | 'critical' | null
  isUplinkDown: boolean
}

interface History {
  transitions: Transition[]
  /** By channel, in order. */
  notices: Record<string, string[]>
  /** Channels that are owed a resolve. */
  informed: string[]
}

const anyTicks: fc.Arbitrary<Tick[]> = fc.array(fc.record({
  value: fc.constantFrom(1, 1, 81, 92, 96),
  isSilenced: fc.boolean(),
  acknowledged: fc.constantFrom(null, null, 'warning', 'critical'),
  isUplinkDown: fc.boolean()
}), { maxLength: 80 })

function circumstancesOf ({ isSilenced, acknowledged, isUplinkDown }: Tick, now: number): Circumstances {
  return {
    mutes: isSilenced ? [{ kind: 'silence', id: 's1', isAbout: () => true, from: 0, until: null }] : [],
    acknowledgement: acknowledged === null ? undefined : { id: 'a1', level: acknowledged, until: null },
    firing: isUplinkDown ? [{ ruleId: 'uplink', labels: {}, isDraft: false }] : [],
    now
  }
}

/** Evaluates tick after tick, and announces what is due. */
function live (ticks: readonly Tick[], { suppressing }: { suppressing: boolean }): History {
  const history: History = { transitions: [], notices: {}, informed: [] }
  let state = INITIAL_STATE
  let told: Told = NOTHING_TOLD
  const send = (channel: string, type: string) => { history.notices[channel] = [...history.notices[channel] ?? [], type] }
  for (const [index, tick] of ticks.entries()) {
    const now = START + index * INTERVAL
    const step = nextState(RULE, state, tick.value, now)
    state = step.state
    if (step.transition !== undefined) history.transitions.push(step.transition)
    if (step.transition?.to === 'resolved') {
      for (const { channel, type } of planResolved(told)) send(channel, type)
      told = NOTHING_TOLD
    } else if (state.level !== null) {
      const circumstances = circumstancesOf(suppressing ? tick : { ...tick, isSilenced: false, acknowledged: null, isUplinkDown: false }, now)
      const plan = planFiring(RULE.rule, { ruleId: 'r1', ruleName: 'Heat', level: state.level, labels: {}, about: undefined }, told, circumstances)
      for (const { channel, type } of plan.notices) send(channel, type)
      told = plan.told
    }
  }
  return { ...history, informed: Object.keys(told.announced) }
}

const SUPPRESSION_SETTINGS = { seed: 4, numRuns: 2_000 }

test('measurement and history are the same with and without suppression', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const [muted, open] = [live(ticks, { suppressing: true }), live(ticks, { suppressing: false })]
    return JSON.stringify(muted.transitions) === JSON.stringify(open.transitions)
  }), SUPPRESSION_SETTINGS)
})

test('each channel hears a whole story: firing or escalated, perhaps again, resolved; a resolve if and only if it heard of the firing', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const { notices, informed } = live(ticks, { suppressing: true })
    return Object.entries(notices).every(([channel, types]) => {
      const text = types.map((type) => type.replace('alert.', '')).join(' ')
      const isOpen = informed.includes(channel)
      return new RegExp(`^((firing |escalated )+resolved ?)*${isOpen ? '(firing ?|escalated ?)+' : ''}$`).test(text)
    })
  }), SUPPRESSION_SETTINGS)
})

test('suppression takes notices away and never adds an alert', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const [muted, open] = [live(ticks, { suppressing: true }), live(ticks, { suppressing: false })]
    const count = ({ notices }: History, channel: string) => (notices[channel] ?? []).filter((type) => type === 'alert.firing').length
    return ['chat', 'log', 'pager'].every((channel) => count(muted, channel) <= count(open, channel))
  }), SUPPRESSION_SETTINGS)
})

test('once nothing suppresses any more, every channel knows of an alert that still fires', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const calm: Tick = { value: 96, isSilenced: false, acknowledged: null, isUplinkDown: false }
    const { informed } = live([...ticks, calm, calm], { suppressing: true })
    return ['log', 'pager'].every((channel) => informed.includes(channel))
  }), SUPPRESSION_SETTINGS)
})
