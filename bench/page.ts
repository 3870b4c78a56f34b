import { setTimeout as delay } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { pageBytes } from '../test/page/bytes.ts'
import { Client } from '../test/e2e/http.ts'
import { onStage, registered, type Stage } from '../test/e2e/page/browser.ts'
import { TOKEN } from '../test/e2e/service-process.ts'
import { quantile } from '../test/e2e/case.ts'
import { benchChart, metric, taskMs } from './page-chart.ts'
import { median, settings } from './report.ts'

const KB = 1_024
const EVERY_MS = 100
/** 300 events a second, of which ten are those that the page shows. */
const BATCH = 29
const BATCHES = 20
const ROWS = 20
const LOAD_BATCH = 1_000

/** In every page: when the verdict was there, and when each row was first there in a frame. */
const WATCH = `
  globalThis.seenAt = {}
  addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
    if (globalThis.verdictAt === undefined && document.querySelector('.verdict h2') !== null) globalThis.verdictAt = performance.now()
    for (const { textContent } of document.querySelectorAll('.rows .event .message')) if (seenAt[textContent] === undefined) { seenAt[textContent] = 0; requestAnimationFrame(() => { seenAt[textContent] = Date.now() }) }
  }).observe(document, { childList: true, subtree: true, characterData: true }))
`

function tell (what: string, value: number, { target, unit }: { target: string, unit: string }): void {
  console.log(`${what}: ${value.toFixed(value < 10 ? 1 : 0)} ${unit} (target: ${target})`)
}

async function main (): Promise<void> {
  const bytes = await pageBytes()
  tell('scripts of the first view', bytes.firstScripts / KB, { target: 'at most 60', unit: 'KB gzip' })
  tell('all scripts', bytes.allScripts / KB, { target: 'at most 110', unit: 'KB gzip' })
  tell('styles', bytes.styles / KB, { target: 'at most 12', unit: 'KB gzip' })
  await onStage(async (stage) => {
    const { page, context } = await stage.open()
    await registered(page)
    const state = await context.storageState()
    await firstViews(stage, state)
    const client = new Client(stage.service.base, TOKEN)
    await page.addInitScript(WATCH)
    await follow(page)
    await toRow(client, page)
    // Its watching would be measured as well.
    await page.close()
    const plain = await context.newPage()
    const session = await context.newCDPSession(plain)
    await session.send('Performance.enable')
    await follow(plain)
    await perBatch(client, plain, session)
    await plain.goto('/dashboard/events')
    await anHour(client, plain, session)
    client.close()
    await benchChart(context)
  })
}

async function follow (page: Page): Promise<void> {
  await page.goto('/dashboard/events?q=service:probe')
  await page.getByText('Connected').waitFor()
}

/** Opens the overview in browsers that know nothing of it yet. */
async function firstViews ({ browser, service }: Stage, storageState: Awaited<ReturnType<Awaited<ReturnType<Stage['open']>>['context']['storageState']>>): Promise<void> {
  const views: Array<{ paint: number, verdict: number, files: number, calls: number }> = []
  for (let round = 0; round <= settings.rounds; round++) {
    const context = await browser.newContext({ baseURL: service.base, storageState, viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.addInitScript(WATCH)
    const asked: string[] = []
    context.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto('/dashboard')
    await page.locator('.verdict h2').waitFor()
    const [paint, verdict] = await page.evaluate<[number, number]>('[performance.getEntriesByName("first-contentful-paint")[0].startTime, verdictAt]')
    const first = beforeStream(asked)
    views.push({ paint, verdict, files: first.filter(isFile).length, calls: first.filter((path) => !isFile(path)).length })
    await context.close()
  }
  const middle = (of: (view: typeof views[number]) => number): number => median(views.slice(1).map(of))
  tell('files up to the verdict, the page and the logo among them', middle(({ files }) => files), { target: 'at most 4', unit: 'requests' })
  tell('data up to the verdict', middle(({ calls }) => calls), { target: 'at most 2', unit: 'requests' })
  tell('first content', middle(({ paint }) => paint), { target: 'under 400', unit: 'ms' })
  tell('verdict', middle(({ verdict }) => verdict), { target: 'under 800', unit: 'ms' })
}

/** The stream is opened once the verdict is drawn. */
function beforeStream (asked: readonly string[]): readonly string[] {
  const worker = asked.findIndex((path) => path.includes('stream-worker'))
  return worker === -1 ? asked : asked.slice(0, worker)
}

function isFile (path: string): boolean {
  return path.startsWith('/dashboard') || path === '/logo.svg'
}

/** From the answer to an event until its row is in a frame, while 300 events a second come. */
async function toRow (client: Client, page: Page): Promise<void> {
  const accepted = new Map<string, number>()
  const sends: Array<Promise<void>> = []
  for (let at = 0; at < settings.seconds * 1_000 / EVERY_MS; at++) {
    const message = `probe ${at}`
    const batch = [{ message, service: 'probe' }, ...Array.from({ length: BATCH }, () => ({ message: 'request done', service: 'api' }))]
    sends.push(client.post('/events', batch).then(() => { accepted.set(message, Date.now()) }))
    await delay(EVERY_MS)
  }
  await Promise.all(sends)
  const last = [...accepted.keys()].at(-1) ?? ''
  await page.locator('.rows .message', { hasText: new RegExp(`^${last}$`) }).waitFor()
  const seen = await page.evaluate<Record<string, number>>('seenAt')
  const ms = [...accepted].map(([message, at]) => (seen[message] ?? Infinity) - at)
  tell('event accepted to row seen at 300 events/s, median', quantile(ms, 0.5), { target: 'under 300', unit: 'ms' })
  tell('event accepted to row seen at 300 events/s, 99 of 100', quantile(ms, 0.99), { target: 'under 1000', unit: 'ms' })
}

/** Work of the main thread for batches of rows, without what it does anyway meanwhile. */
async function perBatch (client: Client, page: Page, session: CDPSession): Promise<void> {
  const run = async (isSending: boolean): Promise<number> => {
    const before = await taskMs(session)
    for (let batch = 0; batch < BATCHES; batch++) {
      if (isSending) await client.post('/events', Array.from({ length: ROWS }, (_, at) => ({ message: `batch ${batch} ${at}`, service: 'probe' })))
      await delay(300)
    }
    return await taskMs(session) - before
  }
  const idle = await run(false)
  const busy = await run(true)
  await page.locator('.rows .message', { hasText: `batch ${BATCHES - 1} ` }).first().waitFor()
  tell(`work for one live batch of ${ROWS} rows`, (busy - idle) / BATCHES, { target: 'under 16', unit: 'ms of main thread' })
}

/** As many events as an hour has at 300 a second, as fast as they are taken. */
async function anHour (client: Client, page: Page, session: CDPSession): Promise<void> {
  const used = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage')
    return await metric(session, 'JSHeapUsedSize') / 1e6
  }
  const batches = Math.ceil(settings.small / LOAD_BATCH)
  const before = await used()
  let middle = NaN
  for (let at = 0; at < batches; at++) {
    const { status } = await client.post('/events', Array.from({ length: LOAD_BATCH }, (_, n) => ({ message: `request ${at * LOAD_BATCH + n} done in 12 ms`, service: 'api', level: n % 50 === 0 ? 'ERROR' : 'INFO', meta: { status: 200, route: '/cart' } })))
    if (status >= 300) throw new Error(`a batch is answered ${status}`)
    if (at === Math.floor(batches / 2)) middle = await used()
  }
  const after = await used()
  const rows = await page.locator('.rows .event').count()
  tell(`heap after ${settings.small} events (${before.toFixed(1)} MB before, ${middle.toFixed(1)} MB after half of them, ${rows} rows drawn)`, after, { target: 'under 60, not growing', unit: 'MB' })
}

await main()
