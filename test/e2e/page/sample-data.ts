import { broken, type Result } from '../case.ts'
import { faultsOn } from './accessibility.ts'
import { NARROWEST, onStage, register, visit, WIDE } from './browser.ts'
import { sendEvents } from './send.ts'

/** Loaded from the first page, marked where it is seen, and removed again; what was sent meanwhile stays. */
export function sampleData (): Promise<Result> {
  return onStage(async ({ open, service, complaints }) => {
    const { page } = await open()
    await register(page)
    const began = performance.now()
    await page.getByRole('button', { name: 'Load sample data instead' }).click()
    await page.getByRole('button', { name: 'Remove sample data' }).waitFor()
    const ms = performance.now() - began
    const listens = await page.getByText('Listening for the first event').count()
    const faults = await faultsOn(page)
    await sendEvents(service, [{ message: 'mine', service: 'checkout' }])
    await visit(page, '/dashboard/events?q=service:checkout&from=-2h')
    const rows = await page.getByText(/^order \d+/).count()
    await visit(page, '/dashboard/settings/storage')
    const marked = page.getByText('Sample data', { exact: true })
    await marked.nth(1).waitFor()
    const marks = await marked.count()
    faults.push(...await faultsOn(page))
    await page.setViewportSize(NARROWEST)
    await visit(page, '/dashboard')
    const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    await page.setViewportSize(WIDE)
    await page.getByRole('button', { name: 'Remove sample data' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove sample data' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.locator('.log .message', { hasText: 'mine' }).waitFor()
    const left = await page.getByText('Sample data', { exact: true }).count()
    return {
      figures: { 'button to loaded, ms': ms, rows },
      faults: [...faults, ...broken(
        [listens === 1, 'the first page takes sample data for the first event'],
        [rows > 0, 'no order is seen in Events'],
        [marks === 2, `${marks} marks in the settings and the rail`],
        [sideways <= 0, `the overview scrolls ${sideways} px sideways at 320 px`],
        [left === 0, 'a mark was left']
      ), ...complaints]
    }
  })
}
