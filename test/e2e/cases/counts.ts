import type { EventsPage, Facets, Histogram } from '../../../schemas/event-query.ts'
import { broken, exceeded, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { TOKEN, withService } from '../service-process.ts'
import { preloaded } from './queries.ts'

const HOUR_MS = 3_600_000
const WINDOWS = 6
const SLACK_MS = 1_000

interface Range { from: string, to: string }
type Asked = Range & { q?: string, bins?: number, field?: string, limit?: number, total?: 'exact' }

/** What was counted, of which part of the range, and what the answer took. */
interface Counted {
  name: string
  ms: number
  status: number
  count: number
  part: Range
  isPartial: boolean
}

/** A word that every message holds is counted from rows; what it should be is known from the counts kept beside them. */
async function counts (context: Context): Promise<Result> {
  const { isShort } = context
  const rows = isShort ? 200_000 : 2_000_000
  const cutMs = isShort ? 250 : 5_000
  return withService({ settings: { QUERY_TIMEOUT: `${cutMs}ms` } }, async (service) => {
    const client = new Client(service.base, TOKEN, 4)
    try {
      await preloaded(service.base, rows)
      const now = Date.now()
      const range = rangeOf(now - 2 * HOUR_MS - 12_345, now)
      const ofWord = await countWord(client, range)
      const kept = await Promise.all(ofWord.map(({ part }) => histogramOf(client, 'kept', { ...part, bins: 24 })))
      const windows = await Promise.all(windowsOf(now).map((window) => histogramOf(client, 'window', { ...window, bins: 7 })))
      return {
        figures: Object.fromEntries([['rows', rows], ...ofWord.flatMap(figuresOf)]),
        faults: [
          ...ofWord.flatMap((counted, at) => faultsOf(context, counted, { kept: kept[at]?.count ?? 0, rows, cutMs })),
          ...broken([windows.reduce((sum, { count }) => sum + count, 0) === rows, `${WINDOWS} adjoining windows do not add up to ${rows}`])
        ]
      }
    } finally {
      client.close()
    }
  })
}

async function countWord (client: Client, range: Range): Promise<Counted[]> {
  const asked = { ...range, q: 'order' }
  return [
    await histogramOf(client, 'histogram', { ...asked, bins: 60 }),
    await facetsOf(client, { ...asked, field: 'service' }),
    await facetsOf(client, { ...asked, field: 'meta.paid' }),
    await totalOf(client, { ...asked, limit: 1, total: 'exact' })
  ]
}

async function histogramOf (client: Client, name: string, asked: Asked): Promise<Counted> {
  return counted(client, { name, path: '/events/histogram', asked }, ({ bins, partial }: Histogram) => ({ count: sum(bins.map(({ total }) => total)), partial }))
}

async function facetsOf (client: Client, asked: Asked & { field: string }): Promise<Counted> {
  return counted(client, { name: `facet ${asked.field}`, path: '/events/facets', asked }, ({ values, other, missing, partial }: Facets) => (
    { count: sum([...values.map(({ count }) => count), other, missing]), partial }))
}

async function totalOf (client: Client, asked: Asked): Promise<Counted> {
  return counted(client, { name: 'total', path: '/events', asked }, ({ total }: EventsPage) => ({ count: total.count, partial: total.partial }))
}

async function counted<A> (
  client: Client, { name, path, asked }: { name: string, path: string, asked: Asked },
  read: (answer: A) => { count: number, partial: Range | undefined }
): Promise<Counted> {
  const query = new URLSearchParams(Object.entries(asked).map(([key, value]): [string, string] => [key, String(value)]))
  const { ms, status, text } = await client.call({ path: `${path}?${query}`, timeoutMs: 60_000 })
  const { count, partial } = status === 200 ? read(parseAnswer<A>(text)) : { count: NaN }
  return { name, ms, status, count, part: partial ?? { from: asked.from, to: asked.to }, isPartial: partial !== undefined }
}

function figuresOf ({ name, ms, status, count, part, isPartial }: Counted): Array<[string, string | number]> {
  return [[`${name} ms`, ms], [`${name} counted`, status === 200 ? count : status], [`${name} of`, isPartial ? `${part.from} to ${part.to}` : 'all']]
}

function faultsOf (context: Context, { name, ms, status, count, isPartial }: Counted, { kept, rows, cutMs }: { kept: number, rows: number, cutMs: number }): string[] {
  return [
    ...broken(
      [status === 200, `${name}: answered ${status}`],
      [count > 0 && count === kept, `${name}: counted ${count} where there are ${kept}`],
      [isPartial || count === rows, `${name}: ${count} of ${rows} without saying so`]),
    ...exceeded(context, [ms <= cutMs + SLACK_MS, `${name}: answered after ${Math.round(ms)} ms`])
  ]
}

/** They cut minutes, and reach over all that was sent. */
function windowsOf (now: number): Range[] {
  const widthMs = 1_234_567
  return Array.from({ length: WINDOWS }, (_, at) => rangeOf(now - (at + 1) * widthMs, now - at * widthMs))
}

function rangeOf (from: number, to: number): Range {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

function sum (counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function parseAnswer<A> (text: string): A {
  return JSON.parse(text) as A
}

export const countCases: readonly Case[] = [
  { name: 'COUNTS', title: 'counts of a common word say what they are of, and agree with the counts kept', run: counts }
]
