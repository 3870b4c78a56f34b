import { pino } from 'pino'
import { test, type Test } from 'tap'
import { keepListening } from '../../src/alerting/listening.ts'
import { Measurements } from '../../src/alerting/measurements.ts'
import type { Store } from '../../src/store/store.ts'
import { buildStore } from '../helper.ts'
import { aCompiledRule, MINUTE, START } from '../rules/support.ts'

const absent = (window: string) => aCompiledRule({ signal: { absent: '' }, window, levels: { critical: { op: '<', value: 1 } } })
const HOUR = 60 * MINUTE

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
