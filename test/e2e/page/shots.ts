import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page, Request } from 'playwright-core'
import { until } from '../../support/until.ts'
import { Client } from '../http.ts'
import { TOKEN, type ServiceProcess } from '../service-process.ts'
import { onStage, PHONE, register, signIn, visit, WIDE } from './browser.ts'
import { PAGES } from './pages.ts'

const HOUR_MS = 3_600_000
const EVERY_MS = 4_000
const TROUBLE_MS = 480_000
/** What somebody made who uses it. */
const THINGS: ReadonlyArray<[path: string, body: object]> = [
  ['/rules', { name: 'Billing errors', signal: { events: 'service:billing level>=error' }, window: '10m', levels: { warning: { op: '>', value: 5 }, critical: { op: '>', value: 50 } } }],
  ['/channels', { name: 'on-call', kind: 'webhook', url: 'https://hooks.example.com/on-call' }],
  ['/silences', { rule: 'builtin-disk', until: '2h', reason: 'the disk is being enlarged' }],
  ['/maintenance', { name: 'Nightly backup', cron: '0 2 * * *', duration: '30m' }],
  ['/tokens', { name: 'api-prod', scopes: ['ingest'] }]
]
const SERVICES = ['api', 'billing', 'worker', 'auth'] as const

/** Photographs every page in both themes and both widths, with an hour of events behind it. */
export function shots (folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  return onStage(async ({ open, service }) => {
    const first = await open()
    await register(first.page)
    await fill(service)
    for (const [path, body] of THINGS) await first.page.evaluate(async ([path, body]) => { await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body }) }, [path, JSON.stringify(body)] as const)
    await first.page.goto('/dashboard')
    await first.page.getByRole('heading', { level: 2, name: /needs? attention/ }).waitFor()
    await first.context.close()
    for (const colorScheme of ['dark', 'light'] as const) {
      for (const viewport of [WIDE, PHONE]) {
        const { page, context } = await open({ viewport, colorScheme })
        const asked = openRequests(page)
        await page.goto('/dashboard/login')
        await signIn(page)
        await page.locator('main#main').waitFor()
        for (const path of PAGES) {
          await visit(page, path)
          await until(() => asked.size === 0)
          await page.screenshot({ path: join(folder, `${nameOf(path)}-${colorScheme}-${viewport.width}.png`) })
        }
        await context.close()
      }
    }
  }, { EVALUATE_INTERVAL: '5s' })
}

/** Requests that are not answered yet, without the stream, which never is. */
function openRequests (page: Page): ReadonlySet<Request> {
  const asked = new Set<Request>()
  page.on('request', (request) => { if (!request.url().includes('/stream')) asked.add(request) })
  page.on('requestfinished', (request) => { asked.delete(request) })
  page.on('requestfailed', (request) => { asked.delete(request) })
  return asked
}

function nameOf (path: string): string {
  return path.replace('/dashboard', '').replaceAll(/[^a-z]+/g, '-').replace(/^-/, '') || 'overview'
}

/** An hour of four services, the last eight minutes of it with trouble. */
async function fill (service: ServiceProcess): Promise<void> {
  const now = Date.now()
  const events = Array.from({ length: HOUR_MS / EVERY_MS }, (_, at) => eventAt(now - HOUR_MS + at * EVERY_MS, at, now)).flat()
  const client = new Client(service.base, TOKEN)
  await client.call({ method: 'POST', path: '/events', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events) })
  client.close()
}

function eventAt (time: number, at: number, now: number): object[] {
  const source = SERVICES[at % SERVICES.length]
  const ordinary = { time: new Date(time).toISOString(), service: source, type: 'HTTP', level: at % 31 === 0 ? 'WARN' : at % 97 === 0 ? 'ERROR' : 'INFO', message: `GET /v1/orders/${8_000 + at} 200 in ${3 + at % 40} ms`, meta: { ms: 3 + at % 40, route: '/v1/orders/:id' } }
  if (time < now - TROUBLE_MS) return [ordinary]
  const failed = { time: new Date(time + 1).toISOString(), service: 'billing', type: 'DB', level: 'ERROR', message: `upstream pg-primary refused connection after ${5_000 + at % 9} ms, pool 20/20 busy`, meta: { upstream: 'pg-primary', pool: '20/20' } }
  return [ordinary, failed, { ...failed, time: new Date(time + 900).toISOString() }]
}
