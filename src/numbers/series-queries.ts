import type { Labels, Series as SeriesEntry, SeriesData, SeriesDataQuery, SeriesList } from '../../schemas/sample.ts'
import { layBins } from '../core/time-bins.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { parseJsonExactly } from '../core/text/json-text.ts'
import { isRecord } from '../core/is-record.ts'
import type { Store } from '../store/store.ts'
import { parseTimeParam } from '../core/time-range.ts'

interface SeriesParts {
  store: Pick<Store, 'read'>
  clock: Clock
  timeoutMs: number
}

const DEFAULT_MS = 3_600_000
const DEFAULT_POINTS = 600
const LABEL_SETS_TOLD = 10
/** Longest first: `bytes_per_second` ends in neither of the others. */
const UNITS = ['bytes_per_second', 'percent', 'bytes', 'seconds', 'ratio', 'ms']

/** Tells which numbers are kept, and answers them. */
export class SeriesQueries {
  readonly #parts: SeriesParts

  constructor (parts: SeriesParts) {
    this.#parts = parts
  }

  async list (): Promise<SeriesList> {
    const series = await this.#parts.store.read('listSeries', {})
    return { series: series.map(({ name, labels, first, last }) => ({ name, labels, unit: unitOf(name), first: isoTime(first), last: isoTime(last) })) }
  }

  /** The last hour, unless the query says otherwise; the range grows to whole points. Throws `not_found` for an unknown series. */
  async data ({ name, labels: text, from, to, max_points: most = DEFAULT_POINTS }: SeriesDataQuery, signal: AbortSignal): Promise<SeriesData> {
    const { store, clock, timeoutMs } = this.#parts
    const range = readRange({ from, to }, { now: clock.now(), defaultMs: DEFAULT_MS })
    const labels = text === undefined ? await this.#onlyLabels(name) : parseLabels(text)
    const { binMs, ...bounds } = layBins(range.from, range.to, most)
    const found = await store.read('seriesPoints', { name, labels, range: bounds, binMs }, { timeoutMs, signal })
    if (found === undefined) throw unknownSeries(name, labels)
    const points = found.points.map(({ time, count, min, max, sum }) => ({ t: isoTime(time), min, avg: sum / count, max }))
    return { name, labels, unit: unitOf(name), step_ms: found.binMs, points }
  }

  /** Without labels the query means the series that has none, or the only one of its name. */
  async #onlyLabels (name: string): Promise<Labels> {
    const sets = (await this.#parts.store.read('listSeries', { name })).map(({ labels }) => labels)
    if (sets.length === 0) throw unknownSeries(name, {})
    const plain = sets.find((labels) => Object.keys(labels).length === 0)
    const [first = {}] = sets
    if (plain !== undefined || sets.length === 1) return plain ?? first
    const told = sets.slice(0, LABEL_SETS_TOLD).map((labels) => JSON.stringify(labels)).join(', ')
    const message = `${sets.length} series are called ${name}, say which: ${told}${sets.length > LABEL_SETS_TOLD ? ' ...' : ''}`
    throw new AppError('invalid', `labels: ${message}`, { faults: [{ path: 'labels', message }] })
  }
}

/** Reads the ends of a range; throws `invalid` when they are the wrong way round. */
export function readRange (
  { from, to }: { from: string | undefined, to: string | undefined }, { now, defaultMs }: { now: number, defaultMs: number }
): { from: number, to: number } {
  const end = parseTimeParam('to', to ?? 'now', now)
  const start = from === undefined ? Math.max(0, end - defaultMs) : parseTimeParam('from', from, now)
  if (start > end) throw new AppError('invalid', 'from is later than to', { faults: [{ path: 'from', message: 'is later than to' }] })
  return { from: start, to: end }
}

/** What the end of a name says of its unit, as names of Prometheus do. */
export function unitOf (name: string): SeriesEntry['unit'] {
  return UNITS.find((unit) => name.endsWith(`_${unit}`)) ?? null
}

/** Reads `{"queue": "mail"}` or `queue=mail,host=a`; in the latter a value holds no comma. Throws `invalid`. */
function parseLabels (text: string): Labels {
  const entries = text.startsWith('{') ? jsonEntries(text) : textEntries(text)
  if (entries !== undefined) return Object.fromEntries(entries)
  const message = 'must be like queue=mail,host=a or {"queue": "mail"}'
  throw new AppError('invalid', `labels: ${message}`, { faults: [{ path: 'labels', message }] })
}

function jsonEntries (text: string): Array<[string, string]> | undefined {
  try {
    const given = parseJsonExactly(text)
    if (!isRecord(given)) return undefined
    const entries = Object.entries(given)
    const texts = entries.flatMap(([name, value]): Array<[string, string]> => typeof value === 'string' ? [[name, value]] : [])
    return texts.length === entries.length ? texts : undefined
  } catch {
    // Not JSON: the caller says what would be.
    return undefined
  }
}

function textEntries (text: string): Array<[string, string]> | undefined {
  if (text.trim() === '') return []
  const pairs = text.split(',').map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)])
  return pairs.every(([name]) => name !== '') && text.split(',').every((pair) => pair.includes('=')) ? pairs : undefined
}

function unknownSeries (name: string, labels: Labels): AppError {
  return new AppError('not_found', `there is no series ${JSON.stringify(name)} with the labels ${JSON.stringify(labels)}: GET /series lists them`)
}
