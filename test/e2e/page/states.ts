import type { Page } from 'playwright-core'
import { broken, type Result } from '../case.ts'
import { faultsOn } from './accessibility.ts'
import { onStage, registered, visit } from './browser.ts'
import { sendEvents } from './send.ts'

const PROBLEM = { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'the database is busy', instance: 'urn:uuid:req-7', code: 'overloaded' }
const STALE_MS = 60_000

/** A page, what of its data is refused, and what each widget that needs it says then. */
const PLACES = [
  { path: '/dashboard/services', refused: /\/services\?/, what: ['requests', 'errors', 'the routes', 'the distribution', 'the requests'] },
  { path: '/dashboard/alerts', refused: /\/alerts\?/, what: ['the alerts that are open', 'the last 24 hours'] },
  { path: '/dashboard/events', refused: /\/events\/facets\?/, what: ['the values of level', 'the values of service', 'the values of type', 'the values of host'] },
  { path: '/dashboard/settings/sessions', refused: /\/api\/me\/sessions/, what: ['the sessions'] }
] as const

/** The service refuses a part of what a page asks for: each widget tells it where it stands, and Retry mends it. */
export function states (): Promise<Result> {
  return onStage(async ({ open, service, complaints }) => {
    const { page } = await open()
    await registered(page)
    await sendEvents(service, [{ message: 'hello', service: 'api' }])
    const faults: string[] = []
    for (const place of PLACES) faults.push(...await refusedAt(page, place))
    await page.clock.install()
    faults.push(...await staleOverview(page))
    return { figures: { places: PLACES.length + 1 }, faults: [...faults, ...complaints] }
  })
}

async function refusedAt (page: Page, { path, refused, what }: typeof PLACES[number]): Promise<string[]> {
  await refuse(page, refused)
  await visit(page, path)
  for (const one of what) await page.getByRole('alert').filter({ hasText: `Could not read ${one}: the database is busy. Request req-7.` }).first().waitFor()
  const faults = await faultsOn(page)
  await page.unroute(refused)
  for (const retries = page.getByRole('button', { name: 'Retry' }); await retries.count() > 0;) {
    const before = await retries.count()
    // One button may mend what others are about: the first may be gone before it is pressed.
    await Promise.race([retries.first().click().catch(() => {}), retries.first().waitFor({ state: 'detached' })])
    await retries.nth(before - 1).waitFor({ state: 'detached' })
  }
  return faults.map((fault) => `${path}: ${fault}`)
}

/** What was answered stays, says how old it is, and is renewed by Retry. */
async function staleOverview (page: Page): Promise<string[]> {
  await visit(page, '/dashboard')
  const verdict = page.getByRole('region', { name: 'Verdict' })
  await refuse(page, /\/overview\?/)
  await page.clock.runFor(STALE_MS)
  await verdict.getByText(/old$/).waitFor()
  await page.getByText('Could not read the overview: the database is busy.').waitFor()
  const kept = await page.getByRole('region', { name: 'CPU' }).count()
  await page.unroute(/\/overview\?/)
  await page.getByRole('button', { name: 'Retry' }).click()
  await verdict.getByText(/old$/).waitFor({ state: 'detached' })
  return broken([kept === 1, 'what was read before is gone'])
}

async function refuse (page: Page, url: RegExp): Promise<void> {
  await page.route(url, (route) => route.fulfill({ status: PROBLEM.status, contentType: 'application/problem+json', headers: { 'x-request-id': 'req-7' }, body: JSON.stringify(PROBLEM) }))
}
