import type { Page } from 'playwright-core'
import { broken, type Result } from '../case.ts'
import type { ServiceProcess } from '../service-process.ts'
import { onStage, registered } from './browser.ts'
import { followTop, scrollDown } from './in-page.ts'
import { sendEvents } from './send.ts'

const ROW = '.rows .event'
const BEFORE = 80
const WHILE_SCROLLED = 40
const WHILE_OPEN = 5

/** Rows that come while somebody reads wait, and move nothing; the button shows them, each once. */
export function reading (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const numbers = new Numbers(service)
    await numbers.send(BEFORE)
    await page.goto('/dashboard/events')
    await page.getByText('Connected').waitFor()
    await page.locator(ROW, { hasText: 'number 79' }).waitFor()

    await scrollDown(page, 700)
    const scrolled = await followTop(page, `${ROW}[data-id="${await idInSight(page)}"]`)
    await numbers.send(WHILE_SCROLLED)
    await page.getByRole('button', { name: `${WHILE_SCROLLED} new events` }).waitFor()
    const shiftScrolled = await scrolled.moved()
    await page.getByRole('button', { name: `${WHILE_SCROLLED} new events` }).click()
    await page.locator(ROW, { hasText: 'number 119' }).waitFor()
    const first = await numbersOf(page)

    await page.locator(`${ROW} .line`, { hasText: 'number 110' }).click()
    await page.getByRole('button', { name: 'Events around it' }).waitFor()
    const opened = await followTop(page, `${ROW}.open`)
    await numbers.send(WHILE_OPEN)
    await page.getByRole('button', { name: `${WHILE_OPEN} new events` }).waitFor()
    const shiftOpen = await opened.moved()
    await page.getByRole('button', { name: `${WHILE_OPEN} new events` }).click()
    await page.locator(ROW, { hasText: 'number 124' }).waitFor()
    const second = await numbersOf(page)
    await page.keyboard.press('End')
    await page.locator(ROW, { hasText: /number 0$/ }).waitFor()
    const last = await numbersOf(page)
    return {
      figures: { 'shift while scrolled, px': shiftScrolled, 'shift while open, px': shiftOpen },
      faults: [...broken(
        [shiftScrolled === 0, `the row that was read moved by ${shiftScrolled} px while the list was scrolled`],
        [shiftOpen === 0, `the row that was open moved by ${shiftOpen} px`],
        [first[0] === 119 && isWhole(first), `after the button the list is ${first.join()}`],
        [second[0] === 124 && isWhole(second), `after the second one it is ${second.join()}`],
        [last.at(-1) === 0 && isWhole(last), `at its end it is ${last.join()}`]
      ), ...complaints]
    }
  })
}

/** Sends events that are numbered, each with a time of its own. */
class Numbers {
  readonly #service: ServiceProcess
  #next = 0
  #at = Date.now() - 60_000

  constructor (service: ServiceProcess) {
    this.#service = service
  }

  send (count: number): Promise<void> {
    return sendEvents(this.#service, Array.from({ length: count }, () => ({ message: `number ${this.#next++}`, service: 'counter', time: new Date(this.#at += 10).toISOString() })))
  }
}

/** Each is one less than the one before: nothing is there twice, and nothing is missing. */
function isWhole (numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number === (numbers[at - 1] ?? NaN) - 1)
}

/** The rows in their order, without the one that is kept elsewhere because it had the focus. */
async function numbersOf (page: Page): Promise<number[]> {
  const texts = await page.locator(`${ROW}:not([style*="absolute"]) .line .message`).allInnerTexts()
  return texts.map((text) => Number(text.replace('number ', '')))
}

async function idInSight (page: Page): Promise<string> {
  for (const row of await page.locator(ROW).all()) {
    const box = await row.boundingBox()
    if (box !== null && box.y > 300) return await row.getAttribute('data-id') ?? ''
  }
  throw new Error('no row is in sight')
}
