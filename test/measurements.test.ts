import { pino } from 'pino'
import { test } from 'tap'
import { Measurements } from '../src/measurements.ts'
import { buildStore } from './helper.ts'
import { aCompiledRule, MINUTE, START } from './rules/support.ts'

test('after a start events are counted with their past; what did not come is not missing until somebody has listened for a window, or ten minutes', async (t) => {
  const { store } = await buildStore(t)
  const measurements = new Measurements({ store, clock: { now: () => START }, log: pino({ level: 'silent' }), timeoutMs: MINUTE, previousAt: START - 1_000 })
  const absent = (window: string) => aCompiledRule({ signal: { absent: '' }, window, levels: { critical: { op: '<', value: 1 } } })
  const rules = [aCompiledRule({ signal: { events: '' } }), absent('1m'), absent('10m'), absent('1d')]
  const needs = rules.flatMap(({ signal }) => signal.needs)

  await measurements.follow(needs)

  const values = await measurements.at(START)
  const judgedAfterMs = needs.map(({ key, windowMs }) => (values.get(key)?.since ?? 0) + windowMs - START)
  t.same(judgedAfterMs, [0, MINUTE, 10 * MINUTE, 10 * MINUTE])
})
