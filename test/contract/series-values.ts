import { SERIES_AGGREGATES } from '../../schemas/rule.ts'
import type { Sample } from '../../schemas/sample.ts'
import type { ReadArgs, ReadValue } from '../../src/store/store.ts'
import { seeded } from '../e2e/case.ts'
import { DAY_MS, HOUR, HOUR_MS, MINUTE_MS, ownService, type Group } from './given.ts'

type Request = ReadArgs<'seriesValues'>['requests'][number]
type Values = ReadValue<'seriesValues'>[number]

const ROOMS = ['a', 'b', 'c']
const WINDOWS = [1, 10_000, MINUTE_MS, 7 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS]
const GROUPINGS = [[], ['room'], ['floor'], ['floor', 'room']]
const LABELS: ReadonlyArray<Record<string, string>> = [{}, { room: 'a' }, { floor: '' }, { room: 'none' }]

/** What rules on series look at. */
export const seriesValuesGroup: Group = {
  partitionBytes: 1e9,
  cases: {
    'many windows, aggregates and groups asked at once are what each sample by itself says': async (t, store) => {
      const name = ownService()
      const samples = samplesOf(name)
      await store.write('appendSamples', { samples })
      const requests = WINDOWS.flatMap((windowMs) => GROUPINGS.flatMap((groupBy) => LABELS.flatMap((labels) =>
        SERIES_AGGREGATES.map((aggregate): Request => ({ name, labels, aggregate, windowMs, groupBy })))))

      for (const now of [HOUR, HOUR + 1, HOUR + 10 * MINUTE_MS]) {
        const found = await store.read('seriesValues', { requests: [...requests, { name: `${name}x`, labels: {}, aggregate: 'avg', windowMs: DAY_MS, groupBy: [] }], now })

        t.same(found.pop(), [], 'of an unknown series')
        const wrong = requests.filter((request, at) => !isSame(found[at] ?? [], brute(samples, request, now)))
        t.same(wrong, [])
      }
    },

    'a window of more than six hours is summed up by whole minutes': async (t, store) => {
      const name = ownService()
      await store.write('appendSamples', { samples: [0, 30_000, 7 * HOUR_MS, 8 * HOUR_MS].map((ms, at) => ({ name, labels: {}, value: 2 ** at, time: HOUR - 8 * HOUR_MS + ms })) })
      const request: Request = { name, labels: {}, aggregate: 'sum', windowMs: 8 * HOUR_MS, groupBy: [] }

      t.same(await store.read('seriesValues', { requests: [request, { ...request, aggregate: 'last' }, { ...request, windowMs: 6 * HOUR_MS }], now: HOUR }), [
        [{ labels: {}, value: 15 }], [{ labels: {}, value: 8 }], [{ labels: {}, value: 12 }]
      ])
    }
  }
}

/** Two floors of three rooms and one room without a floor, now and then at the same ms. */
function samplesOf (name: string): Sample[] {
  const random = seeded(5)
  const sets = [...ROOMS.flatMap((room) => [{ room, floor: '1' }, { room, floor: '2' }]), { room: 'a' }]
  return sets.flatMap((labels) => Array.from({ length: 60 }, (_, at): Sample => ({
    name, labels, value: Math.round(random() * 200 - 100), time: HOUR - Math.round(2 ** (at / 60 * 24.5) / 10) * 10 + (at % 7 === 0 ? 0 : Math.floor(random() * 10))
  }))).filter((sample, at, all) => all.findIndex((other) => other.labels === sample.labels && other.time === sample.time) === at)
}

/** The slow and certain way. */
function brute (samples: readonly Sample[], { labels: wanted, aggregate, windowMs, groupBy }: Request, now: number): Values {
  const seen = samples.filter(({ labels, time }) => time > now - windowMs && time <= now && Object.entries(wanted).every(([name, value]) => (labels[name] ?? '') === value))
  const groups = Map.groupBy(seen, ({ labels }) => JSON.stringify(groupBy.map((name) => [name, labels[name] ?? ''])))
  return Array.from(groups, ([key, members]) => ({ labels: Object.fromEntries(parsePairs(key)), value: valueOf(members, aggregate) }))
}

function valueOf (members: readonly Sample[], aggregate: Request['aggregate']): number {
  const values = members.map(({ value }) => value)
  const sum = values.reduce((total, value) => total + value, 0)
  if (aggregate === 'min') return Math.min(...values)
  if (aggregate === 'max') return Math.max(...values)
  if (aggregate === 'last') return members.toSorted((a, b) => a.time - b.time || keyOf(a).localeCompare(keyOf(b))).at(-1)?.value ?? Number.NaN
  return aggregate === 'sum' ? sum : sum / values.length
}

/** Series are listed in the order of the text of their labels. */
function keyOf ({ labels }: Sample): string {
  return JSON.stringify(Object.entries(labels).sort())
}

function isSame (found: Values, wanted: Values): boolean {
  const sorted = (values: Values) => values.map(({ labels, value }) => `${JSON.stringify(labels)} ${value}`).sort().join()
  return sorted(found) === sorted(wanted)
}

function parsePairs (text: string): Array<[string, string]> {
  return JSON.parse(text) as Array<[string, string]>
}
