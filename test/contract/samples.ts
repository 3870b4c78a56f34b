import fc from 'fast-check'
import type { Test } from 'tap'
import type { Sample } from '../../schemas/sample.ts'
import type { Store } from '../../src/store/store.ts'
import { cut, DAY_MS, HOUR, HOUR_MS, MINUTE_MS, ownService, type Group } from './given.ts'

const PLENTY = 1_000_000
const NONE = { duplicates: [], refused: [] }
const KEEP = { samplesUntil: 0, minutesUntil: 0, hoursUntil: 0 }

type Points = Array<{ time: number, count: number, min: number, max: number, sum: number }>

const someSample: fc.Arbitrary<Sample> = fc.record({
  name: fc.constantFrom('one', 'two'),
  labels: fc.constantFrom({}, { a: '1' }, { a: '1', b: '2' }, { b: '2', a: '2' }),
  value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  time: fc.oneof(
    fc.integer({ min: 0, max: 3 * HOUR_MS }), fc.integer({ min: 0, max: 30 }).map((n) => n * MINUTE_MS), fc.constantFrom(0, 1, HOUR_MS - 1, HOUR_MS, 7 * HOUR_MS)
  ).map((ms) => HOUR - 9 * HOUR_MS + ms)
})

/** What is answered of samples that were measured, and when they are dropped. */
export const samplesGroup: Group = {
  partitionBytes: 1e9,
  cases: {
    'bins of every width hold what the samples say, in whatever order and pieces they came': async (t, store) => {
      const prefix = ownService()
      const sent = fc.sample(someSample, { numRuns: 3_000, seed: 4 }).map((sample) => ({ ...sample, name: `${prefix}_${sample.name}` }))
      const kept = new Map<string, Sample>()
      for (const sample of sent) if (!kept.has(keyOf(sample))) kept.set(keyOf(sample), sample)

      for (const samples of cut(sent, 40)) await append(store, samples)

      for (const binMs of [1_000, 7_000, MINUTE_MS, 90_000, 10 * MINUTE_MS, HOUR_MS, DAY_MS]) {
        for (const { name, labels } of sent.slice(0, 20)) {
          const range = { from: HOUR - HOUR % DAY_MS - DAY_MS, to: HOUR + DAY_MS }
          const found = await store.read('seriesPoints', { name, labels, range, binMs })
          samePoints(t, found?.points ?? [], brute([...kept.values()].filter((sample) => seriesOf(sample) === seriesOf({ name, labels })), binMs))
        }
      }
    },

    'labels that are called like the members of every object are no labels of a series that has none': async (t, store) => {
      const name = ownService()
      const names = ['toString', 'constructor', '__proto__']
      await append(store, [{ name, labels: {}, value: 1, time: HOUR }, { name, labels: { toString: 'x' }, value: 2, time: HOUR }])

      const request = { name, labels: {}, aggregate: 'sum' as const, windowMs: MINUTE_MS }
      const wanted = { ...request, labels: { toString: '', constructor: '' }, groupBy: [] }
      const [grouped, without] = await store.read('seriesValues', { requests: [{ ...request, groupBy: names }, wanted], now: HOUR })

      t.same(grouped?.toSorted((a, b) => a.value - b.value).map(({ labels, value }) => [names.map((label) => Object.getOwnPropertyDescriptor(labels, label)?.value), value]), [[['', '', ''], 1], [['x', '', ''], 2]])
      t.same(without, [{ labels: {}, value: 1 }])
    },

    'a range holds its ends, and nothing beyond': async (t, store) => {
      const name = ownService()
      await append(store, [0, 1, 2, 3, 4].map((n) => ({ name, labels: {}, value: n, time: HOUR + n * 1_000 })))

      t.same(await times(store, name, { from: HOUR + 1_000, to: HOUR + 3_000 }), [1_000, 2_000, 3_000])
      t.same(await times(store, name, { from: HOUR + 1_001, to: HOUR + 2_999 }), [1_000, 2_000], 'but a bin is answered whole')
      t.same(await times(store, name, { from: 0, to: Date.UTC(2201, 0, 1) }), [0, 1_000, 2_000, 3_000, 4_000])
      t.same(await times(store, name, { from: HOUR + DAY_MS, to: HOUR + 2 * DAY_MS }), [])
    },

    'a sample of the same ms is a duplicate: the first stays, and its sums': async (t, store) => {
      const name = ownService()
      const sample = { name, labels: { a: 'x' }, value: 3, time: HOUR }

      t.same(await append(store, [sample]), NONE)
      t.same(await append(store, [{ ...sample, value: 9 }, { ...sample, time: HOUR + 1 }, sample]), { duplicates: [0, 2], refused: [] })

      for (const binMs of [1_000, MINUTE_MS, HOUR_MS]) {
        t.match(await store.read('seriesPoints', { name, labels: { a: 'x' }, range: { from: HOUR, to: HOUR + 10 }, binMs }), { points: [{ count: 2, sum: 6, max: 3 }] })
      }
    },

    'labels are the same in whatever order, and a series is none of its like': async (t, store) => {
      const name = ownService()
      await append(store, [
        { name, labels: { b: '2', a: '1' }, value: 1, time: HOUR }, { name, labels: { a: '1', b: '2' }, value: 1, time: HOUR + 1 },
        { name, labels: { a: '1' }, value: 1, time: HOUR }, { name: `${name}x`, labels: {}, value: 1, time: HOUR }
      ])

      t.same((await store.read('listSeries', { name })).map(({ labels, first, last }) => [labels, last - first]), [[{ a: '1', b: '2' }, 1], [{ a: '1' }, 0]])
      t.equal(await store.read('seriesPoints', { name, labels: {}, range: { from: 0, to: HOUR + 10 }, binMs: 1_000 }), undefined)
    },

    'no series is begun beyond the cap, which the service itself does not use up; those that exist go on': async (t, store) => {
      const name = ownService()
      const all = (await store.read('listSeries', {})).length
      await store.write('appendSamples', { samples: [1, 2, 3].map((n) => ({ name: ownService(), labels: {}, value: n, time: HOUR })) })
      const sampleOf = (n: number, time: number): Sample => ({ name, labels: { n: String(n) }, value: n, time })

      const first = await append(store, [0, 1, 2, 2, 0].map((n, at) => sampleOf(n, HOUR + at)), all + 2)
      const second = await append(store, [sampleOf(1, HOUR + 9), sampleOf(3, HOUR)], all + 2)

      t.same(first, { duplicates: [], refused: [2, 3] })
      t.same(second, { duplicates: [], refused: [1] })
      t.equal((await store.read('listSeries', {})).length, all + 3 + 2)
    },

    'retention drops the oldest of each tier by itself; coarser sums answer for what is gone': async (t, store) => {
      const name = ownService()
      const samples = Array.from({ length: 4 * 60 }, (_, n) => ({ name, labels: {}, value: n, time: HOUR - 4 * HOUR_MS + n * MINUTE_MS }))
      await append(store, samples)
      const range = { from: HOUR - 4 * HOUR_MS, to: HOUR }
      const read = (from = range.from) => store.read('seriesPoints', { name, labels: {}, range: { ...range, from }, binMs: 10_000 })
      await drop(store, { samplesUntil: HOUR - HOUR_MS, minutesUntil: HOUR - 2 * HOUR_MS, hoursUntil: 0 })

      t.match(await read(HOUR - HOUR_MS), { binMs: 10_000, points: { length: 60 } }, 'as they were')
      t.match(await read(HOUR - 2 * HOUR_MS), { binMs: MINUTE_MS, points: { length: 120 } }, 'by the minute')
      const hours = await read()
      t.match(hours, { binMs: HOUR_MS, points: { length: 4 } }, 'by the hour')
      t.equal(hours?.points.reduce((sum, point) => sum + point.sum, 0), samples.reduce((sum, { value }) => sum + value, 0))
    },

    'a series goes when nothing is left of it, and gives its room back': async (t, store) => {
      const [old, young] = [ownService(), ownService()]
      await append(store, [{ name: old, labels: {}, value: 1, time: HOUR - 500 * DAY_MS }, { name: young, labels: {}, value: 1, time: HOUR }])
      const until = HOUR - 400 * DAY_MS

      await drop(store, { samplesUntil: until, minutesUntil: until, hoursUntil: until })

      t.same([await store.read('listSeries', { name: old }), (await store.read('listSeries', { name: young })).length], [[], 1])
      await append(store, [{ name: old, labels: {}, value: 1, time: HOUR }])
      t.same(await times(store, old, { from: 0, to: HOUR }, 1_000), [0], 'one that begins again begins empty')
    },

    'samples that were told as stored are there after many were sent at once': async (t, store) => {
      const name = ownService()
      const batches = Array.from({ length: 30 }, (_, n) => [{ name, labels: {}, value: n, time: HOUR + n }])

      const answers = await Promise.all(batches.map((samples) => append(store, samples)))

      t.same(answers, batches.map(() => NONE))
      t.match(await store.read('seriesPoints', { name, labels: {}, range: { from: HOUR, to: HOUR + 99 }, binMs: 1_000 }), { points: [{ count: 30, min: 0, max: 29 }] })
    }
  }
}

function append (store: Store, samples: readonly Sample[], maxSeries = PLENTY) {
  return store.write('appendSamples', { samples, maxSeries })
}

/** Retention works in pieces: as often as upkeep would call it in some hours. */
async function drop (store: Store, until: Partial<typeof KEEP>): Promise<void> {
  for (let call = 0; call < 30; call++) await store.write('retainSamples', { ...KEEP, ...until })
}

/** When the points begin, in ms after the hour of the tests. */
async function times (store: Store, name: string, range: { from: number, to: number }, binMs = 1_000): Promise<number[]> {
  const found = await store.read('seriesPoints', { name, labels: {}, range, binMs })
  return (found?.points ?? []).map(({ time }) => time - HOUR)
}

function seriesOf ({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  return `${name} ${JSON.stringify(Object.entries(labels).sort())}`
}

function keyOf (sample: Sample): string {
  return `${seriesOf(sample)} ${sample.time}`
}

/** The slow and certain way. */
function brute (samples: readonly Sample[], binMs: number): Points {
  const bins = Map.groupBy(samples, ({ time }) => time - time % binMs)
  return Array.from(bins, ([time, members]) => {
    const values = members.map(({ value }) => value)
    return { time, count: values.length, min: Math.min(...values), max: Math.max(...values), sum: values.reduce((sum, value) => sum + value, 0) }
  }).sort((a, b) => a.time - b.time)
}

/** Sums of doubles depend on their order in the last digits. */
function samePoints (t: Test, found: Points, wanted: Points): void {
  const rounded = (points: Points) => points.map(({ sum, ...point }) => ({ ...point, sum: Math.round(sum * 1e3) / 1e3 + 0 }))
  t.same(rounded(found), rounded(wanted))
}
