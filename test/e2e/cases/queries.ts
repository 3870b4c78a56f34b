import { setTimeout as delay } from 'node:timers/promises'
import { broken, exceeded, quantile, type Case, type Context, type Result } from '../case.ts'
import { Client, NoAnswer } from '../http.ts'
import { Load } from '../load.ts'
import { probed } from '../probe.ts'
import { TOKEN, withService } from '../service-process.ts'

const CUT_MS = 5_000
const CUT_SLACK_MS = 1_000
/** Under this, a doubled p99 is the noise of a busy machine. */
const NOISE_MS = 20
const PAGES = 50
const ABANDONED = 20

/** Queries that make a store read everything, with the words that no message holds among them. */
const expensive: Record<string, string> = {
  'wide range': '/events?from=-30d&limit=1000',
  'leading wildcard': `/events?from=-30d&q=${encodeURIComponent('message~"x"')}`,
  'no match': `/events?from=-30d&q=${encodeURIComponent('message~"zzzzzz"')}`,
  'no match in meta': `/events?from=-30d&q=${encodeURIComponent('meta.path.from~"zzzzzz"')}`,
  'a million matches': '/events?from=-30d&q=order&limit=1000',
  'a million prefixes': `/events?from=-30d&q=${encodeURIComponent('ord*')}`,
  'all but one word': `/events?from=-30d&q=${encodeURIComponent('-zzzzzz OR message~"yyyyyy"')}`,
  'oldest first': '/events?from=-30d&order=asc&limit=1000',
  'histogram of a scan': `/events/histogram?from=-30d&bins=200&q=${encodeURIComponent('message~"x"')}`,
  'facets of a scan': `/events/facets?from=-30d&field=service&q=${encodeURIComponent('message~"took"')}`
}

interface Asked { name: string, ms: number, status: number, text: string }

/** Fills a service; answers events a second. */
export async function preloaded (base: string, total: number): Promise<number> {
  const startedAt = performance.now()
  const load = new Load({ base, token: TOKEN, connections: 8, batch: 500, total })
  load.start()
  await load.finished()
  load.close()
  return load.owed.size / (performance.now() - startedAt) * 1_000
}

async function expensiveQueries (context: Context): Promise<Result> {
  return withService({}, async (service) => {
    const client = new Client(service.base, TOKEN, 32)
    const { isShort } = context
    const rows = isShort ? 200_000 : 2_000_000
    try {
      const perSecond = await preloaded(service.base, rows)
      const steady = { base: service.base, token: TOKEN, path: '/events', body: '{"message":"steady {n}"}', everyMs: 10 }
      const before = await probed(steady, () => delay(isShort ? 3_000 : 15_000))
      const during = await probed(steady, () => askAll(client))
      return {
        figures: { rows, 'preload events/s': perSecond, ...figuresOf(during.value), 'ingest p99 before ms': quantile(before.ms, 0.99), 'ingest p99 during ms': quantile(during.ms, 0.99) },
        faults: [...faultsOf(context, during.value), ...[...before.failures, ...during.failures].slice(0, 3), ...exceeded(context,
          [quantile(during.ms, 0.99) <= Math.max(2 * quantile(before.ms, 0.99), NOISE_MS), 'the p99 of ingest is more than doubled']
        )]
      }
    } finally {
      client.close()
    }
  })
}

async function askAll (client: Client): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const [name, path] of Object.entries(expensive)) asked.push(await ask(client, name, path))
  asked.push(await deepPages(client), ...await allAtOnce(client), await afterAbandoned(client))
  return asked
}

async function ask (client: Client, name: string, path: string): Promise<Asked> {
  const { ms, status, text } = await client.call({ path, timeoutMs: 4 * CUT_MS })
  return { name, ms, status, text }
}

/** Walks pages of a scan; the slowest counts. */
async function deepPages (client: Client): Promise<Asked> {
  let slowest: Asked = { name: 'deep pages', ms: 0, status: 200, text: '' }
  let cursor: string | undefined
  for (let i = 0; i < PAGES; i++) {
    const page = await ask(client, 'deep pages', `/events?from=-30d&limit=1000&q=${encodeURIComponent('message~"took"')}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
    if (page.ms > slowest.ms) slowest = page
    cursor = page.status === 200 ? parseNext(page.text) : undefined
    if (cursor === undefined) break
  }
  return slowest
}

/** Eight scans at the same time: each has its own five seconds, waiting for a reader included. */
function allAtOnce (client: Client): Promise<Asked[]> {
  return Promise.all(Array.from({ length: 8 }, () => ask(client, 'eight scans at once', expensive['no match'] ?? '')))
}

/** Clients that leave must not keep the readers busy: a cheap query after them is answered at once. */
async function afterAbandoned (client: Client): Promise<Asked> {
  const leaving = Array.from({ length: ABANDONED }, () => client.call({ path: expensive['no match in meta'] ?? '', timeoutMs: 50 }).catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error
  }))
  await Promise.all(leaving)
  return ask(client, 'first page after 20 left', '/events?limit=1')
}

function figuresOf (asked: readonly Asked[]): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const { name, ms } of asked) figures[`${name} ms`] = Math.max(figures[`${name} ms`] ?? 0, ms)
  return figures
}

/** Cut in the open: a page with what was found so far, or a problem that says so. */
function faultsOf (context: Context, asked: readonly Asked[]): string[] {
  return asked.flatMap(({ name, ms, status, text }) => [
    ...exceeded(context, [ms <= CUT_MS + CUT_SLACK_MS, `${name}: answered after ${Math.round(ms)} ms`]),
    ...broken([status === 200 || /"code":"(timeout|overloaded)"/.test(text), `${name}: answered ${status} ${text.slice(0, 300)}`])
  ])
}

function parseNext (text: string): string | undefined {
  return (JSON.parse(text) as { next?: string | null }).next ?? undefined
}

export const queryCases: readonly Case[] = [
  { name: 'R48', title: 'expensive queries are cut and do not slow ingest', run: expensiveQueries }
]
