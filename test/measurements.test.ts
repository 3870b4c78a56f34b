import { pino } from 'pino'
import { test } from 'tap'
import { Measurements } from '../src/measurements.ts'
import type { Store } from '../src/store/store.ts'
import { buildStore } from './helper.ts'
import { aCompiledRule, MINUTE, START } from './rules/support.ts'

test('after a start events are counted with their past; what did not come is not missing until somebody has listened for a window, or ten minutes', async (t) => {
  const { store } = await buildStore(t)
  const measurements = new Measurements({ store, clock: { now: () => START }, log: pino({ level: 'silent' }), timeoutMs: MINUTE, previousAt: START - 1_000 })
  const absent = (window: string) => aCompiledRule({ signal: { absent: '' }, window, levels: { critical: { op: '<', value: 1 } } })
  const rules = [aCompiledRule({ signal: { events: '' } }), absent('1m'), absent('10m'), absent('1d')]
  const needs = rules.flatMap(({ signal }) => signal.needs)

  await measurements.follow(needs)

  const { values } = await measurements.at(START)
  const judgedAfterMs = needs.map(({ key, windowMs }) => (values.get(key)?.since ?? 0) + windowMs - START)
  t.same(judgedAfterMs, [0, MINUTE, 10 * MINUTE, 10 * MINUTE])
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
  const measurements = new Measurements({ store, clock: { now: () => START }, log: pino({ level: 'silent' }), timeoutMs: MINUTE, previousAt: START - 1_000 })
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
