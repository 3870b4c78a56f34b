import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import type { NewRule } from '../../schemas/rule.ts'
import { AlertBook } from '../../src/alerting/alert-book.ts'
import { Announcer } from '../../src/alerting/announcer.ts'
import { Evaluator } from '../../src/alerting/evaluator.ts'
import { keepListening } from '../../src/alerting/listening.ts'
import { Measurements } from '../../src/alerting/measurements.ts'
import { MissedTicks } from '../../src/alerting/missed-ticks.ts'
import { piecesOf } from '../../src/alerting/tick-pieces.ts'
import { type Situation, stepsOf, tellingOf } from '../../src/alerting/tick-plan.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import { applyChanges, type Change } from '../../src/rules/evaluate.ts'
import type { Store } from '../../src/store/store.ts'
import { appendAll, newEvent } from '../contract/given.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { Receiver } from '../notify/receiver.ts'
import { post } from '../plugins/support.ts'
import { aCompiledRule, aRule, INTERVAL, MINUTE, START } from '../rules/support.ts'
import { testFolder } from '../support/test-folder.ts'

const HELD_MS = 20

/** Keeps the thread busy, so that no timer decides how long it takes. */
function hold (): void {
  const until = performance.now() + HELD_MS
  while (performance.now() < until);
}

/** Evaluates one rule once, on a store that takes its time to measure and to keep; answers what was observed. */
async function timesOf (store: Store, broken?: Error): Promise<{ counts: number, sum: number, status: string }> {
  const slow: Pick<Store, 'read' | 'write'> = {
    read: (name, args, options) => {
      if (name === 'seriesValues') hold()
      return store.read(name, args, options)
    },
    write: (name, args) => {
      hold()
      return broken === undefined ? store.write(name, args) : Promise.reject(broken)
    }
  }
  const parts = { store: slow, clock: { now: () => START }, clockWatch: { observe: () => {}, onStep: () => {} }, missed: { judge: async function * () {} }, log: pino({ level: 'silent' }), metrics: new Metrics(), intervalMs: INTERVAL, previousAt: undefined }
  const book = await AlertBook.open(slow)
  const measurements = new Measurements({ ...parts, timeoutMs: 10_000, listensFrom: START })
  const announcer = new Announcer({
    ...parts,
    book,
    rules: { known: () => undefined },
    mutes: { at: () => [], endServed: async () => {} },
    evidence: { of: async () => new Map() },
    channels: { idsOf: () => [] },
    own: { url: '' },
    onNotices: () => {}
  })
  const evaluator = await Evaluator.start({ ...parts, rules: { compiled: [aCompiledRule()], onChange: () => {} }, measurements, book, announcer })
  await evaluator.close()
  const { counts, sum } = parts.metrics.ruleEvaluation.at({})
  return { counts: counts.reduce((total, count) => total + count, 0), sum, status: evaluator.check().status }
}

test('the time of an evaluation is that of measuring, judging and storing together, also when it cannot be stored', async (t) => {
  const { store } = await buildStore(t)

  for (const [broken, expected] of [[undefined, 'ok'], [new Error('no space'), 'degraded']] as const) {
    const { counts, sum, status } = await timesOf(store, broken)

    t.same({ counts, status }, { counts: 1, status: expected })
    t.ok(sum >= 2 * HELD_MS / 1_000, `${sum} s`)
  }
})

const HOUR = 60 * MINUTE
const BY = { caller: undefined, from: 'test' }
const HEARTBEAT = { name: 'Backup', signal: { absent: 'service:backup type:DONE' }, levels: { critical: { op: '<' as const, value: 1 } }, window: '26h' }

async function stop (app: App): Promise<void> {
  await app.close()
  await app.service.close()
}

test('a heartbeat of 26 hours is missing 26 hours after it was asked for and no sooner, over a restart too', async (t) => {
  const settings = { DATA_DIR: testFolder(t), EVALUATE_INTERVAL: '1h' }
  const began = Date.now()
  const clock = { time: began, now: () => clock.time }
  let app = await buildTestApp(t, settings, clock)
  const firingAfter = async (ms: number): Promise<number> => {
    clock.time = began + ms
    await app.service.evaluator.evaluateNow()
    return app.service.alerts.firingSince(began).length
  }

  t.equal(await firingAfter(HOUR), 0)
  const { id } = await app.service.rules.create(HEARTBEAT, BY)
  t.same([await firingAfter(HOUR + 11 * MINUTE), await firingAfter(13 * HOUR)], [0, 0])
  await app.service.rules.patch(id, { name: 'Backup of the night', window: '26h' }, BY)
  await stop(app)
  clock.time += 5 * MINUTE
  app = await buildTestApp(t, settings, clock)
  t.same([await firingAfter(13 * HOUR + 16 * MINUTE), await firingAfter(27 * HOUR - 1)], [0, 0])
  t.equal(await firingAfter(27 * HOUR), 1)
})

const TICK_MS = 1_000
const TEN_MINUTES = 600_000
const BURST: NewRule = { name: 'burst', signal: { events: 'level>=error' }, window: '1m', levels: { critical: { op: '>=', value: 3 } } }

const cases: ReadonlyArray<[title: string, rule: Partial<NewRule>, transitions: string[]]> = [
  ['too many events fire', {}, ['firing']],
  ['those of a group fire for it', { group_by: ['service'] }, ['firing']],
  ['what has to last a while fires, as long as its window holds', { for: '30s' }, ['pending', 'firing']],
  ['what has to last longer than the window does not', { for: '1m' }, ['pending', 'inactive']],
  ['too few to fire do not', { levels: { critical: { op: '>=', value: 4 } } }, []],
  ['a window that reaches over the gap is left to the evaluation after it', { window: '1h' }, []],
  ['a rule that is switched off does nothing', { enabled: false }, []],
  ['too few events are the work of our own silence', { levels: { critical: { op: '<', value: 1 } } }, []],
  ['so is an absence', { signal: { absent: 'service:heart' }, levels: { critical: { op: '<', value: 1 } } }, []],
  ['and so is a series without data', { signal: { metric: 'heat' }, no_data: 'alert' }, []]
]

test('of what was acknowledged just before a gap longer than the window', async (t) => {
  const from = Date.now() - 1
  const { store } = await buildStore(t)
  await appendAll(store, [Array.from({ length: 3 }, () => newEvent({ level: 'ERROR', service: 'api', time: from }))])

  for (const [title, changes, expected] of cases) {
    await t.test(title, async (t) => {
      const states = new Map<string, Map<string, AlertState>>()
      const missed = new MissedTicks({ store, log: pino({ level: 'silent' }), book: { states }, intervalMs: TICK_MS, timeoutMs: 60_000 })
      const rule = compileRule(completeRule('r', { ...BURST, ...changes }), { intervalMs: TICK_MS })
      const seen: string[] = []

      for await (const { at, changes } of missed.judge([rule], { from, to: from + TEN_MINUTES })) {
        t.ok(at > from && at < from + TEN_MINUTES && at % TICK_MS === 0)
        applyChanges(states, changes)
        seen.push(...changes.flatMap(({ transition }) => transition === undefined ? [] : [transition.to]))
      }

      t.same(seen, expected)
    })
  }
})

test('where nothing was received since the last evaluation, nothing was missed', async (t) => {
  const { store } = await buildStore(t)
  await appendAll(store, [Array.from({ length: 3 }, () => newEvent({ level: 'ERROR' }))])
  const missed = new MissedTicks({ store, log: pino({ level: 'silent' }), book: { states: new Map() }, intervalMs: TICK_MS, timeoutMs: 60_000 })
  const from = Date.now() + TICK_MS

  const ticks = missed.judge([compileRule(completeRule('r', BURST), { intervalMs: TICK_MS })], { from, to: from + TEN_MINUTES })

  t.same(await Array.fromAsync(ticks), [])
})

test('what was acknowledged just before a stop longer than the window is told at the next start, and that it is late', async (t) => {
  const hour = 3_600_000
  const receiver = await Receiver.open(t)
  const dataDir = testFolder(t, { 'bellwether.yaml': JSON.stringify({ rules: [{ id: 'burst', ...BURST, window: '1h' }] }) })
  const settings = { DATA_DIR: dataDir, CONFIG_FILE: `${dataDir}/bellwether.yaml`, EVALUATE_INTERVAL: '1h', WEBHOOK_URL: receiver.url, WEBHOOK_ALLOW: '127.0.0.1' }
  const before = await buildTestApp(t, settings)
  await post(before, '/events', Array.from({ length: 3 }, (_, n) => ({ message: `last words ${n}`, level: 'ERROR' })))
  await before.service.close()

  await buildTestApp(t, settings, { now: () => Date.now() + 2 * hour })
  await receiver.until(1)

  const [fired] = receiver.received.map(({ body }) => JSON.parse(body) as NoticeBody)
  const begun = Date.now() - Date.now() % hour
  t.match(fired, { type: 'alert.firing', value: 3, late: { from: new Date(begun).toISOString(), to: new Date(begun + 2 * hour).toISOString() } })
  t.equal(fired?.started_at, new Date(begun + hour).toISOString(), 'when it would have fired')
})

const KNOWN = { rule: aRule({ channels: ['main', 'other'], group_by: ['n'] }), version: 1, compiled: aCompiledRule({ group_by: ['n'] }) }
const SITUATION: Situation = { now: START, alerts: new Map(), ruleOf: () => KNOWN, mutes: [], channelIds: (names) => names }

function crossing (n: number): Change {
  const transition = { from: 'inactive', to: 'firing', level: 'critical', value: 90, at: START, reason: 'crossed', isFlapping: false, isDraft: false } as const
  return { ruleId: KNOWN.rule.id, key: JSON.stringify({ n: String(n) }), state: undefined, transition }
}

function cut (changes: readonly Change[], most: number) {
  const steps = stepsOf(changes, SITUATION)
  return piecesOf(steps, tellingOf(steps.alerts.values(), SITUATION), changes, most)
}

test('a moment is cut into pieces of so many label sets, each with all that became of its alerts', async (t) => {
  const pieces = cut([0, 1, 2, 3, 4].map(crossing), 2)

  t.same(pieces.map(({ changes, opened, transitions, marks, planned }) => [changes, opened, transitions, marks, planned].map(({ length }) => length)), [
    [2, 2, 2, 2, 4], [2, 2, 2, 2, 4], [1, 1, 1, 1, 2]
  ])
  for (const { opened, transitions, marks, planned } of pieces) {
    const ids = opened.map(({ id }) => id)
    t.same(transitions.map(({ alertId }) => alertId), ids)
    t.same(marks.map(({ alertId }) => alertId), ids)
    t.same(planned.map(({ alert }) => alert.id), ids.flatMap((id) => [id, id]))
  }
})

test('a state that changed without a transition has its place, too', async (t) => {
  const quiet: Change = { ruleId: 'r1', key: JSON.stringify({ n: 'quiet' }), state: undefined }

  t.same(cut([quiet, crossing(1)], 1).map(({ changes, opened }) => [changes.length, opened.length]), [[1, 0], [1, 1]])
})

test('a moment in which nothing changed is one piece', async (t) => {
  t.equal(cut([], 50).length, 1)
})

const absent = (window: string) => aCompiledRule({ signal: { absent: '' }, window, levels: { critical: { op: '<', value: 1 } } })

/** How long after a start the rules are judged, by what they need. */
async function judgedAfter (t: Test, listensFrom: number): Promise<number[]> {
  const { store } = await buildStore(t)
  const measurements = new Measurements({ store, clock: { now: () => START }, log: pino({ level: 'silent' }), timeoutMs: MINUTE, previousAt: START - 1_000, listensFrom })
  const needs = [aCompiledRule({ signal: { events: '' } }), absent('1m'), absent('10m'), absent('26h')].flatMap(({ signal }) => signal.needs)
  await measurements.follow(needs)
  const { values } = await measurements.at(START)
  return needs.map(({ key, windowMs }) => (values.get(key)?.since ?? 0) + windowMs - START)
}

test('events are counted with their past; what did not come is not missing until somebody has listened for a whole window', async (t) => {
  t.same(await judgedAfter(t, START), [0, MINUTE, 10 * MINUTE, 26 * HOUR])
})

test('after a short stop what was listened for before counts too, once senders had ten minutes to try again', async (t) => {
  t.same(await judgedAfter(t, START - 100 * HOUR), [0, MINUTE, 10 * MINUTE, 10 * MINUTE])
  t.same(await judgedAfter(t, START - 20 * HOUR), [0, MINUTE, 10 * MINUTE, 6 * HOUR])
})

test('who listens is remembered over restarts, and a stop in which senders may have given up begins anew', async (t) => {
  const { store } = await buildStore(t)

  t.equal(await keepListening(store, undefined, START), START, 'the first start')
  t.equal(await keepListening(store, START + HOUR, START + HOUR + 10 * MINUTE), START)
  t.equal(await keepListening(store, START + 2 * HOUR, START + 2 * HOUR + 10 * MINUTE + 1), START + 2 * HOUR + 10 * MINUTE + 1)
  t.equal(await keepListening(store, START, START), START, 'a clock that was set back')
})

/** The store, in which nobody can read what is called `broken`. */
function without (store: Store): { store: Store, reads: string[] } {
  const reads: string[] = []
  const read: Store['read'] = (name, args, options) => {
    const asked = JSON.stringify(args)
    if (name === 'seriesValues') reads.push(asked)
    if (asked.includes('broken')) return Promise.reject(new Error('the disk is bad here'))
    return store.read(name, args, options)
  }
  return { store: { ...store, append: store.append, write: (name, args) => store.write(name, args), read }, reads }
}

test('one series that cannot be read leaves the other rules their sight, and is told', async (t) => {
  const { store, reads } = without((await buildStore(t)).store)
  const measurements = new Measurements({ store, clock: { now: () => START }, log: pino({ level: 'silent' }), timeoutMs: MINUTE, previousAt: START - 1_000, listensFrom: START })
  const [broken, ...fine] = ['broken', 'heat', 'cold'].flatMap((metric) => aCompiledRule({ signal: { metric } }).signal.needs)
  await measurements.follow(broken === undefined ? fine : [broken, ...fine])

  const first = await measurements.at(START)
  reads.length = 0
  const second = await measurements.at(START)

  for (const { values, failures } of [first, second]) {
    t.same(Array.from(values.keys()).toSorted(), fine.map(({ key }) => key).toSorted())
    t.same([...failures], [[broken?.key, 'the disk is bad here']])
  }
  t.equal(reads.length, 2, 'from then on it is read by itself, and the others together')
})
