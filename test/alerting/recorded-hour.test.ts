import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { ReplayAnswer } from '../../schemas/replay.ts'
import type { Labels, NewRule } from '../../schemas/rule.ts'
import type { Sample } from '../../schemas/sample.ts'
import { AlertBook } from '../../src/alerting/alert-book.ts'
import { Announcer } from '../../src/alerting/announcer.ts'
import { Evaluator } from '../../src/alerting/evaluator.ts'
import { Measurements } from '../../src/alerting/measurements.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { compileRule, completeRule, isOver, type CompiledRule } from '../../src/rules/compile.ts'
import { judge, type Values } from '../../src/rules/signals.ts'
import type { Sight } from '../../src/rules/troubles.ts'
import { CommitTimes } from '../../src/store/hot/commit-times.ts'
import { FreeSpace } from '../../src/store/hot/files/free-space.ts'
import { reads } from '../../src/store/hot/reads.ts'
import type { Store } from '../../src/store/store.ts'
import { writes } from '../../src/store/hot/writes.ts'
import { newEvent } from '../contract/given.ts'
import { newChannel } from '../contract/given-alerts.ts'
import { seeded } from '../e2e/case.ts'
import { buildTestApp } from '../helper.ts'
import { post } from '../plugins/support.ts'
import { NOON, openParts, type Parts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const SECOND_MS = 1_000
const INTERVAL_MS = 10 * SECOND_MS
const HOUR_MS = 3_600 * SECOND_MS
/** Calm time before the hour, in which whoever begins to listen has heard enough to judge. */
const CALM_MS = 120 * SECOND_MS
const BOTH = { warning: { op: '>', value: 60, recover: 50 }, critical: { op: '>', value: 80, recover: 70 } } as const
const HEAT: NewRule = { name: 'Heat', signal: { metric: 'heat' }, levels: BOTH, window: '20s', flap: null, channels: ['pager'] }
const COUNT: NewRule = { name: 'Count', signal: { events: 'level>=error' }, levels: { warning: { op: '>=', value: 3 }, critical: { op: '>=', value: 6 } }, window: '30s', flap: null, channels: ['pager'] }

const RULES: Record<string, NewRule> = {
  average: { ...HEAT, for: '20s' },
  highest: { ...HEAT, aggregate: 'max', keep_firing_for: '30s' },
  newest: { ...HEAT, signal: { metric: 'heat', labels: { room: 'b' } }, aggregate: 'last', window: '10s', for: '10s' },
  rooms: { ...HEAT, group_by: ['room'], keep_firing_for: '20s' },
  flapping: { ...HEAT, group_by: ['room'], aggregate: 'last', flap: { transitions: 4, window: '5m' } },
  silent: { ...HEAT, signal: { metric: 'heat', labels: { room: 'c' } }, no_data: 'alert', no_data_for: '30s' },
  count: { ...COUNT, for: '10s' },
  services: { ...COUNT, group_by: ['service'], keep_firing_for: '20s' },
  rate: { ...COUNT, aggregate: 'rate', levels: { warning: { op: '>', value: 0.12 } }, for: '20s', keep_firing_for: '10s' },
  absent: { ...COUNT, signal: { absent: 'service:web' }, levels: { critical: { op: '<', value: 1 } }, window: '20s' },
  ratio: { name: 'Ratio', flap: null, channels: ['pager'], signal: { ratio: { good: 'level<error', total: '' }, objective: 0.5, windows: ['1m', '20s'] }, levels: { warning: { op: '>', value: 1.2 } } }
}

interface Fired {
  labels: Labels
  from: string
  to: string | null
  peak: number | null
  level: string
}

/** What the service itself recorded of one rule. */
interface Recorded { firings: Fired[], pages: number }

/** Keeps what was measured last: the evaluation does not say what it looked at. */
class SeenMeasurements extends Measurements {
  seen: Values = new Map()

  override async at (now: number): Promise<Sight> {
    const sight = await super.at(now)
    this.seen = sight.values
    return sight
  }
}

/** The calls of a store without its threads, so that events are received by the clock of the test. */
function storeOf (parts: Parts): Pick<Store, 'read' | 'write'> {
  const space = new FreeSpace(parts.writer.raw, { file: parts.file, minFreeBytes: 1, now: () => parts.clock.ms })
  const writing = { ...parts.writer, appender: parts.appender, space, commits: new CommitTimes() }
  return {
    read: (name, args) => parseAnswer(reads[name](parts.reading(), args as never)),
    write: (name, args) => parseAnswer(writes[name](writing, args as never))
  }
}

async function parseAnswer<T> (answer: Promise<unknown>): Promise<T> {
  return await answer as T
}

/** Three rooms that wander between cold and hot, each with gaps of its own. */
function roomsAt (random: () => number): (time: number) => Sample[] {
  const heats = new Map([['a', 50], ['b', 50], ['c', 50]])
  return (time) => Array.from(heats).flatMap(([room, before]) => {
    const value = Math.max(0, Math.min(100, before + (random() - 0.5) * 50))
    heats.set(room, value)
    const isGap = room === 'c' && time % (600 * SECOND_MS) > 480 * SECOND_MS
    return isGap || random() < 0.1 ? [] : [{ name: 'heat', labels: { room }, value: Math.round(value), time: time - Math.floor(random() * 3) * SECOND_MS }]
  })
}

/** Evaluates an hour tick after tick as it comes, and answers what was recorded of each rule. */
async function live (t: Test, dataDir: string, seed: number): Promise<Map<string, Recorded>> {
  const parts = await openParts(t, { dataDir })
  const store = storeOf(parts)
  const clock = { ms: NOON - CALM_MS }
  parts.clock.ms = clock.ms
  const rules = Object.entries(RULES).map(([id, rule]) => compileRule(completeRule(id, rule), { intervalMs: INTERVAL_MS }))
  const common = { store, clock: { now: () => clock.ms }, log: pino({ level: 'silent' }), previousAt: clock.ms - INTERVAL_MS }
  const measurements = new SeenMeasurements({ ...common, timeoutMs: 60_000, listensFrom: clock.ms })
  const book = await AlertBook.open(store)
  await store.write('insertChannel', newChannel('pager', { enabled: false }))
  const announcer = new Announcer({
    ...common,
    book,
    rules: { known: (id) => rules.flatMap((compiled) => compiled.id === id ? [{ compiled, rule: compiled.rule, version: 1 }] : [])[0] },
    mutes: { at: () => [], endServed: async () => {} },
    evidence: { of: async () => new Map() },
    channels: { idsOf: (names = []) => [...names] },
    own: { url: 'http://127.0.0.1' },
    onNotices: () => {}
  })
  const evaluator = await Evaluator.start({ ...common, clockWatch: { observe: () => {}, onStep: () => {} }, missed: { judge: async function * () {} }, metrics: new Metrics(), rules: { compiled: rules, onChange: () => {} }, measurements, book, announcer, intervalMs: INTERVAL_MS })
  // From here on the test says when.
  await evaluator.close()

  const random = seeded(seed)
  const samplesAt = roomsAt(random)
  const peaks = new Map<string, number>()
  while (clock.ms < NOON + HOUR_MS) {
    const isCalm = clock.ms < NOON
    receive(parts, measurements, isCalm ? calmEvents : wildEvents(random))
    clock.ms += INTERVAL_MS
    const samples = isCalm ? calmSamples(clock.ms) : [...samplesAt(clock.ms - 5 * SECOND_MS), ...samplesAt(clock.ms)]
    await store.write('appendSamples', { samples })
    await evaluator.evaluateNow()
    notePeaks(peaks, { book, rules, values: measurements.seen, now: clock.ms })
  }
  return new Map(await Promise.all(rules.map(async ({ id }) => [id, await recordedOf(store, id, peaks)] as const)))
}

interface Coming { time: number, level: 'ERROR' | 'INFO', service: string }
type ComingOf = (begin: number) => Coming[]

const calmEvents: ComingOf = (begin) => [{ time: begin + SECOND_MS, level: 'INFO', service: 'web' }]

function calmSamples (time: number): Sample[] {
  return ['a', 'b', 'c'].map((room) => ({ name: 'heat', labels: { room }, value: 20, time }))
}

/** Bursts and silences. */
function wildEvents (random: () => number): ComingOf {
  return (begin) => Array.from({ length: Math.floor(random() * random() * 8) }, () => begin + Math.floor(random() * INTERVAL_MS)).sort((a, b) => a - b)
    .map((time) => ({ time, level: random() < 0.6 ? 'ERROR' : 'INFO', service: random() < 0.5 ? 'web' : 'api' }))
}

/** Takes in the events of the ten seconds before the next tick. */
function receive (parts: Parts, measurements: Measurements, coming: ComingOf): void {
  const begin = Math.ceil((parts.clock.ms - NOON) / INTERVAL_MS) * INTERVAL_MS + NOON
  for (const sent of coming(begin)) {
    parts.clock.ms = sent.time
    const event = newEvent(sent)
    const [stored] = parts.store([event])
    measurements.count((stored?.ids ?? []).map((id) => ({ ...event, id, receivedAt: parts.clock.ms, patternId: null, anomaly: null })))
  }
  parts.clock.ms = begin + INTERVAL_MS
}

function notePeaks (peaks: Map<string, number>, { book, rules, values, now }: { book: AlertBook, rules: readonly CompiledRule[], values: Values, now: number }): void {
  for (const { id, ruleId, groupKey, state } of book.alerts.values()) {
    const rule = rules.find((one) => one.id === ruleId)
    const judged = rule === undefined ? [] : judge(rule.signal, values, now)
    const verdict = judged === 'unjudged' ? undefined : judged.find(({ key }) => key === groupKey)?.verdict
    const op = (rule?.limits.critical ?? rule?.limits.warning)?.op ?? '>'
    if (state === 'firing' && typeof verdict === 'number' && isOver(op, verdict, peaks.get(id) ?? (op === '>' || op === '>=' ? -Infinity : Infinity))) peaks.set(id, verdict)
  }
}

async function recordedOf (store: Pick<Store, 'read'>, ruleId: string, peaks: ReadonlyMap<string, number>): Promise<Recorded> {
  const alerts = await store.read('listAlerts', { states: undefined, ruleId, severity: undefined, from: undefined, to: undefined, limit: 1_000, before: undefined })
  const recorded: Recorded = { firings: [], pages: 0 }
  for (const { id, labels, firedAt, endedAt } of alerts) {
    if (firedAt === null) continue
    const file = await store.read('getAlert', id)
    const levels = file?.timeline.filter(({ to }) => to === 'firing').map(({ severity }) => severity)
    recorded.firings.push({ labels, from: iso(firedAt), to: endedAt === null ? null : iso(endedAt), peak: peaks.get(id) ?? null, level: levels?.includes('critical') === true ? 'critical' : 'warning' })
    recorded.pages += file?.notices.filter(({ body }) => body.type === 'alert.firing' || body.type === 'alert.escalated').length ?? 0
  }
  return { ...recorded, firings: recorded.firings.sort(inOrder) }
}

function iso (ms: number): string {
  return new Date(ms).toISOString()
}

function inOrder (a: Fired, b: Fired): number {
  return a.from.localeCompare(b.from) || JSON.stringify(a.labels).localeCompare(JSON.stringify(b.labels))
}

test('a replay of a recorded hour tells exactly what fired in it, for how long, how badly, and who was called', async (t) => {
  const dataDir = testFolder(t)
  const recorded = await live(t, dataDir, 11)

  const app = await buildTestApp(t, { DATA_DIR: dataDir, SAMPLE_INTERVAL: '1h', CANARY_INTERVAL: '0s' }, { now: () => NOON + HOUR_MS })
  for (const [id, rule] of Object.entries(RULES)) {
    const answer = (await post(app, '/rules/replay', { rule, from: iso(NOON), to: iso(NOON + HOUR_MS) })).json<ReplayAnswer>()
    const { firings, pages } = recorded.get(id) ?? { firings: [], pages: 0 }
    t.ok(firings.length >= 3, `${id} fired ${firings.length} times`)
    t.same(answer.firings.toSorted(inOrder), firings, id)
    t.equal(answer.pages, pages, `pages of ${id}`)
  }
  t.ok([...recorded.values()].some(({ pages, firings }) => pages > firings.length), 'something escalated')
})
