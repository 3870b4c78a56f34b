import { test, type Test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { ReplayRequest } from '../../schemas/replay.ts'
import type { NewRule, Rule } from '../../schemas/rule.ts'
import { Replays } from '../../src/alerting/replays.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import { applyChanges, evaluate } from '../../src/rules/evaluate.ts'
import { withReads } from '../../src/store/hot/offline.ts'
import { appendSamples } from '../../src/store/hot/series/samples.ts'
import type { Store } from '../../src/store/store.ts'
import { newEvents } from '../contract/given.ts'
import { seeded } from '../e2e/case.ts'
import { NOON, openParts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const INTERVAL_MS = 10 * SECOND_MS
const HEAT: NewRule = { name: 'Heat', signal: { metric: 'heat' }, levels: { critical: { op: '>', value: 80 } }, window: '10s', flap: null }

type Reading = Pick<Store, 'read'>
interface Given {
  samples?: Array<[seconds: number, value: number, labels?: Record<string, string>]>
  /** Seconds at which one event each is received. */
  events?: readonly number[]
}

/** Opens a store that holds what was measured and received, in seconds after noon. */
async function past<T> (t: Test, { samples = [], events = [] }: Given, task: (store: Reading) => Promise<T>): Promise<T> {
  const dataDir = testFolder(t)
  const parts = await openParts(t, { dataDir })
  const kept = samples.map(([seconds, value, labels = {}]) => ({ name: 'heat', labels, value, time: NOON + seconds * SECOND_MS }))
  await appendSamples(parseContext(parts.writer), { samples: kept })
  for (const seconds of events) {
    parts.clock.ms = NOON + seconds * SECOND_MS
    parts.store(newEvents(1, () => ({ time: parts.clock.ms, level: 'ERROR', service: seconds % 2 === 0 ? 'even' : 'odd' })))
  }
  return withReads(dataDir, task)
}

function parseContext (writer: unknown): Parameters<typeof appendSamples>[0] {
  return { ...writer as object, space: { refusal: () => undefined } } as unknown as Parameters<typeof appendSamples>[0]
}

function replaysOf (store: Reading, present: Rule[] = []): Replays {
  return new Replays({ store, clock: { now: () => NOON + 60 * MINUTE_MS }, intervalMs: INTERVAL_MS, timeoutMs: 60_000, ruleOf: (id) => present.find((rule) => rule.id === id) })
}

function run (replays: Replays, rule: ReplayRequest['rule'], more: Partial<ReplayRequest> = {}) {
  return replays.run({ rule, from: at(0), to: at(600), ...more }, new AbortController().signal)
}

function at (seconds: number): string {
  return new Date(NOON + seconds * SECOND_MS).toISOString()
}

/** One value every 5 s. */
function heat (values: readonly number[]): NonNullable<Given['samples']> {
  return values.map((value, index) => [index * 5, value])
}

test('a replay of numbers tells when a rule would have fired', async (t) => {
  const answer = await past(t, { samples: heat([50, 50, 90, 99, 99, 50, 50, 50, 50]) }, (store) => run(replaysOf(store), HEAT))

  t.same(answer, {
    from: at(0),
    to: at(600),
    step_ms: INTERVAL_MS,
    judged: 5,
    firings: [{ from: at(20), to: at(30), peak: 99, level: 'critical', labels: {} }],
    total: 1,
    pages: 1,
    firing_seconds: 10
  })
})

test('a replay of events tells it for each group', async (t) => {
  const rule: NewRule = { name: 'Errors', signal: { events: 'level>=error' }, group_by: ['service'], window: '30s', levels: { warning: { op: '>=', value: 3 } }, flap: null }
  const answer = await past(t, { events: [1, 2, 3, 4, 5, 100, 102] }, (store) => run(replaysOf(store), rule))

  t.match(answer.firings, [{ from: at(10), to: at(40), peak: 3, level: 'warning', labels: { service: 'odd' } }])
  t.equal(answer.total, 1)
})

test('a replay without data says that nothing was judged', async (t) => {
  const { unknown, counted } = await past(t, {}, async (store) => ({
    unknown: await run(replaysOf(store), { ...HEAT, signal: { metric: 'no_such_series' } }),
    counted: await run(replaysOf(store), { ...HEAT, signal: { events: '' } })
  }))

  t.match(unknown, { judged: 0, total: 0 })
  t.match(counted, { judged: 61, total: 0 }, 'that no event came is a count too')
})

test('a replay of an absence judges from when somebody listened, as live', async (t) => {
  const rule: NewRule = { name: 'Backup', signal: { absent: 'service:backup' }, window: '1m', levels: { critical: { op: '<', value: 1 } }, flap: null }
  const answer = await past(t, { events: [300, 420] }, (store) => run(replaysOf(store), rule))

  t.match(answer, { judged: 25, firings: [{ from: at(360), to: null }], total: 1 })
})

test('a sweep answers for each value, in the words of the question', async (t) => {
  const { levels, times } = await past(t, { samples: heat([50, 50, 90, 90, 90, 50, 50, 50, 99, 99, 99, 50, 50, 50]) }, async (store) => {
    const replays = replaysOf(store)
    return {
      levels: await run(replays, HEAT, { sweep: { level: 'critical', values: [60, 95, 200] } }),
      times: await run(replays, HEAT, { sweep: { for: ['0s', '1m'] } })
    }
  })

  t.same(levels.sweep, [{ value: 60, firings: 2, pages: 2 }, { value: 95, firings: 1, pages: 1 }, { value: 200, firings: 0, pages: 0 }])
  t.same(times.sweep, [{ value: '0s', firings: 2, pages: 2 }, { value: '1m', firings: 0, pages: 0 }])
})

test('an edited rule is compared with the present one of its id', async (t) => {
  const present = completeRule('hot', HEAT)
  const answer = await past(t, { samples: heat([50, 50, 90, 90, 90, 50, 50, 50, 99, 99, 99, 50]) }, (store) =>
    run(replaysOf(store, [present]), { ...HEAT, id: 'hot', levels: { critical: { op: '>', value: 95 } } }))

  t.same(answer.compared, { added: 0, removed: 1, acked_removed: 0 })
})

test('a rule of the service is replayed by its id, and an unknown one is told', async (t) => {
  await past(t, { samples: heat([99, 99, 99]) }, async (store) => {
    t.match(await run(replaysOf(store, [completeRule('hot', HEAT)]), 'hot'), { total: 1, compared: undefined })
    await t.rejects(run(replaysOf(store), 'cold'), { code: 'not_found', message: /no rule "cold"/ })
  })
})

test('a faulty rule, a range the wrong way round and one that is too long are refused', async (t) => {
  await past(t, {}, async (store) => {
    await t.rejects(run(replaysOf(store), { ...HEAT, for: '99d' }), { code: 'invalid', faults: [{ path: '/rule/for' }] })
    await t.rejects(run(replaysOf(store), HEAT, { from: at(700) }), { code: 'invalid' })
    await t.rejects(run(replaysOf(store), HEAT, { from: '1970-01-01' }), { code: 'invalid', message: /more than 500000 evaluations/ })
  })
})

test('so many replays at once, and one whose asker left, end with what they are told', async (t) => {
  await past(t, {}, async (store) => {
    const replays = replaysOf(store)
    const first = [run(replays, HEAT), run(replays, HEAT)]

    await t.rejects(run(replays, HEAT), { code: 'overloaded', retryAfterSeconds: 1 })
    await Promise.all(first)
    await t.rejects(replays.run({ rule: HEAT, from: at(0), to: at(600) }, AbortSignal.abort()), { code: 'timeout' })
    t.match(await run(replays, HEAT), { total: 0 })
  })
})

const RULES: readonly Rule[] = [
  completeRule('avg', { ...HEAT, window: '30s', for: '20s', levels: { critical: { op: '>', value: 60 } } }),
  completeRule('max', { ...HEAT, aggregate: 'max', keep_firing_for: '30s' }),
  completeRule('last', { ...HEAT, aggregate: 'last', levels: { warning: { op: '>', value: 60 }, critical: { op: '>', value: 85, recover: 75 } } }),
  completeRule('groups', { ...HEAT, group_by: ['room'], window: '20s', aggregate: 'sum' }),
  completeRule('count', { name: 'Count', signal: { events: 'service:odd' }, window: '1m', levels: { warning: { op: '>=', value: 4 } }, for: '10s', flap: null }),
  completeRule('rate', { name: 'Rate', signal: { events: '' }, aggregate: 'rate', group_by: ['service'], window: '20s', levels: { warning: { op: '>', value: 0.1 } }, flap: null })
]

test('a replay of an hour counts what the live evaluation of that hour fired', async (t) => {
  const random = seeded(7)
  const samples = Array.from({ length: 720 }, (_, index): [number, number, Record<string, string>] => [index * 5 + (index % 3), Math.round(random() * 100), { room: index % 2 === 0 ? 'a' : 'b' }])
  const events = Array.from({ length: 360 }, () => Math.floor(random() * 3_600)).sort((a, b) => a - b)

  await past(t, { samples, events }, async (store) => {
    const live = await liveFirings(store)
    t.same(RULES.filter(({ id }) => (live.get(id) ?? 0) < 2).map(({ id }) => id), [], 'every rule fired')
    for (const rule of RULES) {
      const { total } = await run(replaysOf(store, [...RULES]), rule.id, { from: at(60), to: at(3_600) })
      t.equal(total, live.get(rule.id), rule.id)
    }
  })
})

/** Evaluates tick after tick, as the service does, and counts by rule what fired. */
async function liveFirings (store: Reading): Promise<Map<string, number>> {
  const rules = RULES.map((rule) => compileRule(rule, { intervalMs: INTERVAL_MS }))
  const states = new Map<string, Map<string, AlertState>>()
  const fired = new Map<string, number>()
  for (let now = NOON + MINUTE_MS; now <= NOON + 60 * MINUTE_MS; now += INTERVAL_MS) {
    const values = new Map()
    for (const need of rules.flatMap(({ signal }) => signal.needs)) {
      const { key, windowMs, groupBy } = need
      const rows = need.kind === 'series'
        ? (await store.read('seriesValues', { requests: [need], now }))[0]
        : (await store.read('countEvents', { where: need.where, received: { from: now - windowMs, to: now - 1 }, groupBy, most: 100 })).rows
      values.set(key, { rows, since: 0 })
    }
    const { changes } = evaluate(rules, states, { now, previousAt: now - INTERVAL_MS, values })
    applyChanges(states, changes)
    for (const { ruleId, transition } of changes) {
      if (transition?.to === 'firing' && transition.from !== 'firing') fired.set(ruleId, (fired.get(ruleId) ?? 0) + 1)
    }
  }
  return fired
}
