import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import type { NewEvent } from '../../../../schemas/event.ts'
import { matcher } from '../../../../src/query/match.ts'
import { metaValue, parseMeta } from '../../../../src/query/meta.ts'
import { parseQuery } from '../../../../src/query/parse.ts'
import { countEvents, countSteps, newestReceived } from '../../../../src/store/hot/events/event-counts.ts'
import { eventsSince } from '../../../../src/store/hot/events/lookup.ts'
import { cut, DAY_MS, HOUR, messagesOf, newEvent, newEvents, type StoredEvent } from '../../../contract/given.ts'
import { anyQuery, someEvents } from '../../../contract/random.ts'
import { NOON, openParts, ticking, type Parts } from '../../support.ts'

const SECOND_MS = 1_000
/** Of the ids of one ms there are 1,024: what is stored in one go takes some ms. */
const WIDE = { from: NOON, to: NOON + 100 }
const GROUPS = [[], ['service'], ['level'], ['host', 'type'], ['severity', 'service'], ['trace_id'], ['meta.a'], ['meta.a.b', 'level'], ['message']]

for (const [name, clockAt, numRuns] of [['goes on', () => 0, 150], ['is put forward and back', jumping, 50]] as const) {
  test(`counts, groups, steps and the newest are those that one finds by hand, while the clock ${name}`, (t) => heldByHand(t, clockAt, numRuns))
}

async function heldByHand (t: Test, clockAt: (at: number) => number, numRuns: number): Promise<void> {
  const { parts, all } = await spread(t, clockAt)
  const context = parts.reading()
  const bound = fc.integer({ min: -3, max: 24 }).chain((at) => fc.constantFrom(-1, 0, 1).map((by) => NOON + at * 10 * SECOND_MS + by))

  await fc.assert(fc.asyncProperty(fc.oneof(fc.constant(''), anyQuery(all)), bound, bound, fc.constantFrom(...GROUPS), async (q, a, b, groupBy) => {
    const where = parseQuery(q)
    const received = { from: Math.min(a, b), to: Math.max(a, b) }
    const wanted = all.filter(({ receivedAt }) => receivedAt >= received.from && receivedAt <= received.to).filter(where === undefined ? () => true : matcher(where))

    const { rows, other } = await countEvents(context, { where, received, groupBy, most: 1_000 })
    const { rows: stepped } = await countSteps(context, { where, received, groupBy, most: 1_000, stepMs: 7 * SECOND_MS })
    const newest = await newestReceived(context, { where, received, limit: 5 })

    deepEqual(new Map(rows.map(({ labels, value }) => [keyOf(groupBy.map((name) => labels[name] ?? '')), value])), countBy(wanted, (event) => groupOf(event, groupBy)))
    deepEqual(rows.map(({ value }) => value), rows.map(({ value }) => value).sort((one, two) => two - one))
    deepEqual(other, 0)
    deepEqual(new Map(stepped.flatMap(({ labels, steps }) => steps.map(([step, count]) => [keyOf([String(step), ...groupBy.map((name) => labels[name] ?? '')]), count]))),
      countBy(wanted, (event) => [String(Math.floor((event.receivedAt - received.from) / (7 * SECOND_MS))), ...groupOf(event, groupBy)]))
    deepEqual(newest, wanted.toSorted((one, other) => other.receivedAt - one.receivedAt || other.id - one.id).slice(0, 5))
  }), { numRuns })
  t.equal(all.length, 240)
}

/** How far from the right time the clock stands: for a quarter each right, 400 days ahead, right again, and a minute behind. */
function jumping (at: number): number {
  return [0, 400 * DAY_MS, 0, -60 * SECOND_MS][Math.floor(at / 6)] ?? 0
}

test('steps joined are the count, and a step counts from its first to its last ms', async (t) => {
  const parts = await openParts(t)
  for (const at of [0, 9_999, 10_000, 25_000]) {
    parts.clock.ms = NOON + at
    parts.store([newEvent({ time: NOON + at - DAY_MS, service: 'a' })])
  }
  const request = { where: undefined, received: { from: NOON, to: NOON + 29_999 }, groupBy: ['service'], most: 9 }

  const { rows } = await countSteps(parts.reading(), { ...request, stepMs: 10_000 })

  t.same(rows, [{ labels: { service: 'a' }, value: 4, steps: [[0, 2], [1, 1], [2, 1]] }])
  t.same((await countEvents(parts.reading(), request)).rows, [{ labels: { service: 'a' }, value: 4 }])
})

test('groups beyond the limit, and beyond what is held at all, are counted as other', async (t) => {
  const parts = await openParts(t)
  const traces = newEvents(10_500, (at) => ({ time: NOON, traceId: `t${at}` }))
  parts.store([...traces, newEvent({ time: NOON, traceId: 't7' })])

  const { rows, other } = await countEvents(parts.reading(), { where: undefined, received: WIDE, groupBy: ['trace_id'], most: 3 })

  t.same(rows[0], { labels: { trace_id: 't7' }, value: 2 })
  t.equal(rows.length, 3)
  t.equal(other + rows.reduce((sum, { value }) => sum + value, 0), 10_501)
})

test('a value of meta is one group however it is written, and objects are none', async (t) => {
  const parts = await openParts(t)
  const metas = ['{"s":500}', '{"s":"500"}', '{"s":true}', '{"s":"true"}', '{"s":{"a":1}}', '{"s":[1]}', '{"s":null}', '{}', null]
  parts.store(metas.map((meta) => newEvent({ time: NOON, meta })))

  const { rows } = await countEvents(parts.reading(), { where: undefined, received: WIDE, groupBy: ['meta.s'], most: 9 })

  t.same(rows.map(({ labels, value }) => [labels['meta.s'], value]), [['', 5], ['500', 2], ['true', 2]])
})

test('a count looks at its deadline between its steps', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(10_000, (at) => ({ time: NOON + at })))

  await t.rejects(countEvents(parts.reading(ticking(1, 4)), { where: undefined, received: WIDE, groupBy: [], most: 1 }), { code: 'timeout' })
})

test('the newest are found among many, the late ones too', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(10_000, (at) => ({ time: NOON + at % 20, level: at % 5_000 === 0 ? 'ERROR' : 'INFO', message: String(at) })))
  parts.store([newEvent({ time: HOUR - 9 * DAY_MS, level: 'ERROR', message: 'late' })])

  const found = await newestReceived(parts.reading(), { where: parseQuery('level:error'), received: WIDE, limit: 2 })

  t.same(messagesOf(found), ['late', '5000'])
})

/** Random events received over 4 minutes in several partitions, near to and far from their times. */
async function spread (t: Test, clockAt: (at: number) => number): Promise<{ parts: Parts, all: StoredEvent[] }> {
  const parts = await openParts(t, { partitionBytes: 1 })
  for (const [at, group] of cut(someEvents(240, 5), 24).entries()) {
    parts.clock.ms = NOON + at * 10 * SECOND_MS + clockAt(at)
    parts.store(group.map((event, index): NewEvent => index % 3 === 0 ? event : { ...event, time: parts.clock.ms + (index - 5) * 9 * SECOND_MS }))
  }
  return { parts, all: await eventsSince(parts.reading(), { after: 0, where: undefined, limit: 1_000 }) }
}

function countBy (events: readonly StoredEvent[], groupOf: (event: StoredEvent) => string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const event of events) counts.set(keyOf(groupOf(event)), (counts.get(keyOf(groupOf(event))) ?? 0) + 1)
  return counts
}

function keyOf (values: readonly string[]): string {
  return JSON.stringify(values)
}

function groupOf (event: StoredEvent, groupBy: readonly string[]): string[] {
  const { level, severity, service, host, type, traceId, message } = event
  const fields: Record<string, string | null> = { level, severity, service, host, type, trace_id: traceId, message }
  return groupBy.map((name) => name.startsWith('meta.') ? metaText(metaValue(parseMeta(event.meta), name.split('.').slice(1))) : fields[name] ?? '')
}

function metaText (value: unknown): string {
  return typeof value === 'object' || value === undefined ? '' : String(value)
}
