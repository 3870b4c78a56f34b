import { matcher, type Matchable } from '../src/query/match.ts'
import { compileRule, completeRule, type CompiledRule } from '../src/rules/compile.ts'
import { countEvent, countsAt, startCounts } from '../src/rules/counts.ts'
import { applyChanges, evaluate } from '../src/rules/evaluate.ts'
import { readPast, replay, sweepFor, sweepLevel, type PastTick } from '../src/rules/replay.ts'
import { groupNeeds, type CountNeed, type Values } from '../src/rules/signals.ts'
import type { AlertState } from '../src/rules/state.ts'
import { interleaved, msOf, print } from './report.ts'

const RULES = 10_000
/** Events that arrived since the tick before. */
const EVENTS = 1_000
const INTERVAL_MS = 10_000
const START = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

/** All different: in service, in words, in what is excluded, in level and window. */
function queryOf (n: number): string {
  const kinds = [`level>=error service:svc-${n}`, `"request ${n} refused"`, `service:svc-${n % 500} -type:AUDIT meta.status>=${n}`, `host:host-${n} OR service:svc-${n} timeout`]
  return kinds[n % kinds.length] ?? ''
}

const rules = Array.from({ length: RULES }, (_, n): CompiledRule => compileRule(completeRule(`r${n}`, {
  name: `rule ${n}`,
  signal: { events: queryOf(n) },
  levels: { warning: { op: '>', value: 5 }, critical: { op: '>', value: 50 } },
  window: '5m',
  for: '1m'
}), { intervalMs: INTERVAL_MS }))

const events = Array.from({ length: EVENTS }, (_, n): Matchable => ({
  level: n % 3 === 0 ? 'ERROR' : 'INFO',
  severity: n % 3 === 0 ? 'HIGH' : 'LOW',
  service: `svc-${n % 700}`,
  type: n % 5 === 0 ? 'AUDIT' : null,
  host: `host-${n % 50}`,
  traceId: null,
  message: `request ${n} refused by upstream after timeout`,
  meta: `{"status":${n % 600}}`,
  patternId: null,
  anomaly: null
}))

function countNeeds (some: readonly CompiledRule[]): CountNeed[] {
  return groupNeeds(some.map(({ signal }) => signal)).filter((need) => need.kind === 'count')
}

const ticks = { at: START }

/** Evaluates rules at the next tick. */
function evaluateNext (some: readonly CompiledRule[], states: Map<string, Map<string, AlertState>>, values: Values): void {
  const { changes } = evaluate(some, states, { now: ticks.at + INTERVAL_MS, previousAt: ticks.at, values })
  applyChanges(states, changes)
}

/** Fresh objects, as every tick has: nothing that was found out of an event at the tick before may help. */
function newEvents (): Matchable[] {
  ticks.at += INTERVAL_MS
  return events.map((event) => ({ ...event }))
}

const counts = startCounts(countNeeds(rules), 0)
const sharedStates = new Map<string, Map<string, AlertState>>()

/** One tick as the service has it: each event is counted for all rules at once. */
function tickTogether (): void {
  for (const event of newEvents()) countEvent(counts, event, ticks.at)
  evaluateNext(rules, sharedStates, countsAt(counts, ticks.at + INTERVAL_MS))
}

const lonely = rules.map((rule) => {
  const [need] = countNeeds([rule])
  const test = need?.where === undefined ? () => true : matcher(need.where)
  return { rule, key: need?.key ?? '', test, states: new Map<string, Map<string, AlertState>>() }
})

/** One tick of each rule by itself: it asks every event. What is found out of an event, its words, serves all rules: no gain comes from that. */
function tickAlone (): void {
  const arrived = newEvents()
  for (const { rule, key, test, states } of lonely) {
    const value = arrived.reduce((sum, event) => test(event) ? sum + 1 : sum, 0)
    evaluateNext([rule], states, new Map([[key, { rows: [{ labels: {}, value }], since: 0 }]]))
  }
}

const medians = await interleaved({
  together: () => msOf(async () => tickTogether(), 1),
  alone: () => msOf(async () => tickAlone(), 1)
})
print(`one tick of ${RULES} distinct rules with ${EVENTS} new events, against each rule alone`, medians.together / medians.alone, { target: 'at most 0.25', medians, unit: 'ms' })

/** A daily curve with noise, as CPU has; the same at each run. */
function * twoWeeks (rule: CompiledRule): Iterable<PastTick> {
  let seed = 7
  for (let at = START; at < START + 14 * DAY_MS; at += INTERVAL_MS) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    const value = 55 + 30 * Math.sin(at / DAY_MS * 2 * Math.PI) + 20 * (seed / 2 ** 31)
    yield { at, values: new Map(rule.signal.needs.map(({ key }) => [key, { rows: [{ labels: {}, value }], since: 0 }])) }
  }
}

const cpu = compileRule(completeRule('cpu', {
  name: 'CPU', signal: { metric: 'host_cpu_percent' }, levels: { warning: { op: '>', value: 80, recover: 75 }, critical: { op: '>', value: 95 } }, for: '1m'
}), { intervalMs: INTERVAL_MS })

const sizes = { verdicts: 0, firings: 0 }
const replayMs = await interleaved({
  once: () => msOf(async () => {
    const past = readPast(cpu, twoWeeks(cpu))
    sizes.verdicts = past.length
    sizes.firings = replay(cpu, past).firings.length
  }, 1),
  'with 10 values and 10 times': () => msOf(async () => {
    const past = readPast(cpu, twoWeeks(cpu))
    sweepLevel(cpu, 'warning', [50, 55, 60, 65, 70, 75, 80, 85, 90, 95], past)
    sweepFor(cpu, [0, 10, 30, 60, 120, 180, 300, 600, 900, 1_800].map((seconds) => seconds * 1_000), past)
  }, 1)
})
print(`replay of 14 days at 10 s (${sizes.verdicts} evaluations, ${sizes.firings} firings), with a sweep, against without`,
  replayMs['with 10 values and 10 times'] / replayMs.once, { target: 'under 2000 ms', medians: replayMs, unit: 'ms' })
