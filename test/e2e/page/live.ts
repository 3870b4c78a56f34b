import { broken, type Result } from '../case.ts'
import { onStage, register, signIn, watch } from './browser.ts'
import { sendEvents } from './send.ts'

const TABS = 8
const BACK_WITHIN_MS = 20_000

/** Signed out in another browser by a new password: this page says so, and goes on where it was. */
export function endedSession (): Promise<Result> {
  return onStage(async ({ open, complaints }) => {
    const { page } = await open()
    await register(page)
    await page.goto('/dashboard/services')
    await page.getByRole('heading', { level: 1, name: 'Services' }).waitFor()
    const elsewhere = await open()
    await elsewhere.page.goto('/dashboard/login')
    await signIn(elsewhere.page)
    await elsewhere.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await elsewhere.page.evaluate(async () => {
      await fetch('/api/password', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ current: 'seven green lanterns 42', password: 'eight blue lanterns 43' }) })
    })
    await page.getByRole('dialog', { name: 'Your session ended' }).waitFor()
    await page.getByLabel('Password').fill('eight blue lanterns 43')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const url = new URL(page.url()).pathname
    return { figures: {}, faults: [...broken([url === '/dashboard/services', `the page went to ${url}`]), ...complaints] }
  })
}

/** Killed and started again under an open page. */
export function restart (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await register(page)
    await page.goto('/dashboard')
    await page.getByText('Connected').waitFor()
    await sendEvents(service, [{ message: 'before the restart' }])
    await page.getByText('before the restart').waitFor()
    await service.stop()
    await page.getByText(/Reconnecting in|Offline since/).first().waitFor()
    await service.start()
    const began = performance.now()
    await sendEvents(service, [{ message: 'while it was away' }])
    await page.getByText('while it was away').waitFor({ timeout: BACK_WITHIN_MS })
    const ms = performance.now() - began
    await page.getByText('Connected').waitFor()
    const seen = await page.getByText('while it was away').count()
    return { figures: { 'back after, ms': ms }, faults: [...broken([seen === 1, `the event is there ${seen} times`]), ...complaints] }
  })
}

/** Browsers allow six connections to one address: with one stream a tab, the seventh would hang. */
export function tabs (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page, context } = await open()
    await register(page)
    const pages = [page]
    while (pages.length < TABS) {
      const next = await context.newPage()
      watch(next, service.base, complaints)
      pages.push(next)
    }
    for (const one of pages) {
      await one.goto('/dashboard')
      await one.getByText('Connected').waitFor()
    }
    await sendEvents(service, [{ message: 'seen in every tab' }])
    for (const one of pages) await one.getByText('seen in every tab').waitFor()
    return { figures: { tabs: pages.length }, faults: complaints }
  })
}
