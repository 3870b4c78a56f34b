import fc from 'fast-check'
import { test } from 'tap'
import type { Told } from '../../schemas/alert-state.ts'
import type { Transition } from '../../schemas/alert.ts'
import { INITIAL_STATE, nextState } from '../../src/rules/state.ts'
import { NOTHING_TOLD, planFiring, planResolved, type Circumstances } from '../../src/rules/suppress.ts'
import { aCompiledRule, INTERVAL, START } from './support.ts'

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

const SETTINGS = { seed: 4, numRuns: 2_000 }

test('measurement and history are the same with and without suppression', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const [muted, open] = [live(ticks, { suppressing: true }), live(ticks, { suppressing: false })]
    return JSON.stringify(muted.transitions) === JSON.stringify(open.transitions)
  }), SETTINGS)
})

test('each channel hears a whole story: firing or escalated, perhaps again, resolved; a resolve if and only if it heard of the firing', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const { notices, informed } = live(ticks, { suppressing: true })
    return Object.entries(notices).every(([channel, types]) => {
      const text = types.map((type) => type.replace('alert.', '')).join(' ')
      const isOpen = informed.includes(channel)
      return new RegExp(`^((firing |escalated )+resolved ?)*${isOpen ? '(firing ?|escalated ?)+' : ''}$`).test(text)
    })
  }), SETTINGS)
})

test('suppression takes notices away and never adds an alert', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const [muted, open] = [live(ticks, { suppressing: true }), live(ticks, { suppressing: false })]
    const count = ({ notices }: History, channel: string) => (notices[channel] ?? []).filter((type) => type === 'alert.firing').length
    return ['chat', 'log', 'pager'].every((channel) => count(muted, channel) <= count(open, channel))
  }), SETTINGS)
})

test('once nothing suppresses any more, every channel knows of an alert that still fires', async () => {
  fc.assert(fc.property(anyTicks, (ticks) => {
    const calm: Tick = { value: 96, isSilenced: false, acknowledged: null, isUplinkDown: false }
    const { informed } = live([...ticks, calm, calm], { suppressing: true })
    return ['log', 'pager'].every((channel) => informed.includes(channel))
  }), SETTINGS)
})
