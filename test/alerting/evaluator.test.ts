import { pino } from 'pino'
import { test } from 'tap'
import { AlertBook } from '../../src/alerting/alert-book.ts'
import { Announcer } from '../../src/alerting/announcer.ts'
import { Evaluator } from '../../src/alerting/evaluator.ts'
import { Measurements } from '../../src/alerting/measurements.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import type { Store } from '../../src/store/store.ts'
import { buildStore } from '../helper.ts'
import { aCompiledRule, INTERVAL, START } from '../rules/support.ts'

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
