import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { AlertState } from '../schemas/alert-state.ts'
import { SERIES_AGGREGATES, type NewRule } from '../schemas/rule.ts'
import type { Sample } from '../schemas/sample.ts'
import { Measurements } from '../src/alerting/measurements.ts'
import { matcher } from '../src/query/match.ts'
import { compileRule, completeRule, type CompiledRule } from '../src/rules/compile.ts'
import { applyChanges, evaluate } from '../src/rules/evaluate.ts'
import { groupNeeds, type Need, type Values } from '../src/rules/signals.ts'
import { openSqlite } from '../src/store/hot/sqlite.ts'
import type { Store } from '../src/store/store.ts'
import type { IdentifiedEvent } from '../src/events/wire-event.ts'
import { interleaved, msOf, print } from './report.ts'

/** Half of them watch events, half of them series. */
const RULES = 10_000
const SERIES = 500
/** Events that arrived since the tick before. */
const EVENTS = 1_000
const INTERVAL_MS = 10_000
const SAMPLE_MS = 5_000
const BEFORE_MS = 600_000
const AFTER_MS = 600_000
const IDS_PER_MS = 1_024
const START = Date.UTC(2026, 0, 1)

/** All different: in service, in words, in what is excluded, in level. */
function queryOf (n: number): string {
  const kinds = [`level>=error service:svc-${n}`, `"request ${n} refused"`, `service:svc-${n % 500} -type:AUDIT meta.status>=${n}`, `host:host-${n} OR service:svc-${n} timeout`]
  return kinds[n % kinds.length] ?? ''
}

/** All different: each series in ten windows, with limits and aggregates of their own. */
function seriesRule (n: number): Pick<NewRule, 'signal' | 'aggregate' | 'window'> {
  return { signal: { metric: `series_${n % SERIES}` }, aggregate: SERIES_AGGREGATES[n % SERIES_AGGREGATES.length] ?? 'avg', window: `${1 + Math.floor(n / SERIES)}m` }
}

const rules = Array.from({ length: RULES }, (_, at): CompiledRule => {
  const n = Math.floor(at / 2)
  const watched = at % 2 === 0 ? { signal: { events: queryOf(n) }, window: `${1 + n % 10}m` } : seriesRule(n)
  const levels = { warning: { op: '>' as const, value: 5 + n / 100 }, critical: { op: '>' as const, value: 500 + n } }
  return compileRule(completeRule(`r${at}`, { name: `rule ${at}`, ...watched, levels, for: '1m' }), { intervalMs: INTERVAL_MS })
})

function samplesAt (time: number): Sample[] {
  return Array.from({ length: SERIES }, (_, n) => ({ name: `series_${n}`, labels: {}, value: 30 + 30 * Math.sin(time / BEFORE_MS + n), time }))
}

const ticks = { at: START }

/** Fresh objects, as every tick has: nothing that was found out of an event at the tick before may help. */
function newEvents (): IdentifiedEvent[] {
  ticks.at += INTERVAL_MS
  return Array.from({ length: EVENTS }, (_, n) => ({
    id: (ticks.at - INTERVAL_MS) * IDS_PER_MS + n,
    receivedAt: ticks.at - INTERVAL_MS,
    time: ticks.at,
    level: n % 3 === 0 ? 'ERROR' : 'INFO',
    severity: n % 3 === 0 ? 'HIGH' : 'LOW',
    service: `svc-${n % 700}`,
    type: n % 5 === 0 ? 'AUDIT' : null,
    host: `host-${n % 50}`,
    traceId: null,
    clientId: null,
    message: `request ${n} refused by upstream after timeout`,
    meta: `{"status":${n % 600}}`,
    patternId: null,
    anomaly: null
  }))
}

const judged = { rules: 0, unjudged: 0 }

function judgeNext (some: readonly CompiledRule[], states: Map<string, Map<string, AlertState>>, values: Values): void {
  const { changes, unjudged } = evaluate(some, states, { now: ticks.at, previousAt: ticks.at - INTERVAL_MS, values })
  applyChanges(states, changes)
  judged.rules += some.length
  judged.unjudged += unjudged
}

function measurementsOf (store: Store): Measurements {
  return new Measurements({ store, clock: { now: () => ticks.at }, log: pino({ level: 'silent' }), timeoutMs: 60_000, previousAt: START - INTERVAL_MS, listensFrom: 0 })
}

async function tickTogether (measurements: Measurements, states: Map<string, Map<string, AlertState>>): Promise<void> {
  measurements.count(newEvents())
  judgeNext(rules, states, (await measurements.at(ticks.at)).values)
}

interface Lonely {
  rule: CompiledRule
  need: Need | undefined
  matches: (event: IdentifiedEvent) => boolean
  states: Map<string, Map<string, AlertState>>
}

function lonely (rule: CompiledRule): Lonely {
  const [need] = rule.signal.needs
  return { rule, need, matches: need?.kind === 'count' && need.where !== undefined ? matcher(need.where) : () => true, states: new Map() }
}

/** Each rule by itself: it asks every event or the store. What is found out of an event, its words, serves all rules: no gain comes from that. */
async function tickAlone (store: Store, all: readonly Lonely[]): Promise<void> {
  const arrived = newEvents()
  for (const { rule, need, matches, states } of all) {
    if (need === undefined) continue
    const rows = need.kind === 'count'
      ? [{ labels: {}, value: arrived.reduce((sum, event) => matches(event) ? sum + 1 : sum, 0) }]
      : (await store.read('seriesValues', { requests: [need], now: ticks.at }))[0] ?? []
    judgeNext([rule], states, new Map([[need.key, { rows, since: 0 }]]))
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-rules-'))
const { store } = await openSqlite({ dataDir, durability: 'fast', minFreeBytes: 1, partitionBytes: 1e9, onDeath: (error) => { throw error } })
try {
  for (let time = START - BEFORE_MS; time < START + AFTER_MS; time += SAMPLE_MS) await store.write('appendSamples', { samples: samplesAt(time), maxSeries: SERIES })
  const measurements = measurementsOf(store)
  const needs = groupNeeds(rules.map(({ signal }) => signal))
  await measurements.follow(needs)
  const all = rules.map(lonely)
  const states = new Map<string, Map<string, AlertState>>()
  const medians = await interleaved({
    together: () => msOf(() => tickTogether(measurements, states), 1),
    alone: () => msOf(() => tickAlone(store, all), 1)
  })
  if (needs.length !== RULES || judged.unjudged > 0) throw new Error(`${needs.length} different measurements, ${judged.unjudged} of ${judged.rules} judgements missing`)
  print(`one tick of ${RULES} distinct rules, measured and judged, with ${EVENTS} new events and ${SERIES} series, against each rule alone`,
    medians.together / medians.alone, { target: 'at most 0.25', medians, unit: 'ms' })
} finally {
  await store.close()
  rmSync(dataDir, { recursive: true })
}
