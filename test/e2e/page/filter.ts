import type { Page } from 'playwright-core'
import { broken, type Result } from '../case.ts'
import type { ServiceProcess } from '../service-process.ts'
import { onStage, registered, signIn } from './browser.ts'
import { copiedText, countBelow, countIs } from './in-page.ts'
import { sendEvents } from './send.ts'

const MINUTE_MS = 60_000
const EVENTS = 36
const ROWS = '.rows .event'
const QUERY = 'service:api level>=warn'

/** The filter as chips and as text, the range by brush, Back and Forward, and a link that shows somebody else the same. */
export function filter (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    await sendMix(service)
    await page.goto('/dashboard/events')
    await countIs(page, ROWS, EVENTS)
    const faults = [...await chipsAndText(page), ...await rangeAndSteps(page)]
    const [link, rows] = [await copiedLink(page), await messagesOf(page)]
    const other = await open()
    await other.page.goto(link)
    await signIn(other.page)
    await countIs(other.page, ROWS, rows.length)
    const theirs = await messagesOf(other.page)
    return {
      figures: { 'rows of the link': rows.length },
      faults: [...faults, ...broken(
        [rows.length > 0 && theirs.join() === rows.join(), `the link shows ${theirs.join()}, and not ${rows.join()}`],
        [new URL(link).searchParams.get('from')?.endsWith('Z') === true && new URL(link).searchParams.get('to')?.endsWith('Z') === true, `the link is ${link}`]
      ), ...complaints]
    }
  })
}

/** One event a minute: of three services in turn, every fourth an error. */
function sendMix (service: ServiceProcess): Promise<void> {
  const now = Date.now()
  return sendEvents(service, Array.from({ length: EVENTS }, (_, at) => ({
    message: `request ${at}`, service: ['api', 'worker', 'store'][at % 3] ?? '', level: at % 4 === 0 ? 'ERROR' : at % 4 === 1 ? 'WARN' : 'INFO', time: new Date(now - at * MINUTE_MS).toISOString()
  })))
}

async function chipsAndText (page: Page): Promise<string[]> {
  const faults: string[] = []
  const input = page.getByRole('combobox', { name: 'Filter' })
  const same = async (what: string, wanted: string, rows: number): Promise<void> => {
    await page.waitForURL((url) => (url.searchParams.get('q') ?? '') === wanted)
    await countIs(page, ROWS, rows)
    const chips = await page.locator('.chip button[aria-label^="Edit "]').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')?.slice(5)))
    faults.push(...broken([chips.join(' ') === wanted, `${what}: the chips are ${chips.join(' ')}, the text ${wanted}`]))
  }
  await input.fill(QUERY)
  await input.press('Enter')
  await same('typed', QUERY, 6)
  await page.getByRole('button', { name: 'Remove level>=warn' }).click()
  await same('a chip removed', 'service:api', 12)
  await page.getByRole('group', { name: 'Level' }).getByRole('checkbox', { name: /error/ }).check()
  await same('a level chosen', 'service:api level:error', 3)
  await page.getByRole('button', { name: 'Edit service:api' }).click()
  const text = await input.inputValue()
  await input.fill(`${text} message~request`)
  await input.press('Enter')
  await same('edited as text', 'service:api level:error message~request', 3)
  await input.fill('level>=')
  await input.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'column' }).waitFor()
  await countIs(page, ROWS, 3)
  await input.press('Escape')
  await page.getByRole('button', { name: 'Remove message~request' }).click()
  await page.getByRole('button', { name: 'Remove level:error' }).click()
  await same('as it was', 'service:api', 12)
  return [...faults, ...broken([text === 'service:api level:error', `a click on a chip made it ${text}`])]
}

/** A part of the histogram is selected and zoomed into; Back and Forward give what was there. */
async function rangeAndSteps (page: Page): Promise<string[]> {
  const whole = await messagesOf(page)
  const box = await page.locator('.brush').boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 }
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * 0.4, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 })
  await page.mouse.up()
  await page.getByRole('status').filter({ hasText: 'selected' }).waitFor()
  const isWhole = !page.url().includes('from=')
  await page.keyboard.press('Enter')
  await page.waitForURL(/from=.*to=/)
  await countBelow(page, ROWS, whole.length)
  const [narrow, url] = [await messagesOf(page), page.url()]
  await page.goBack()
  await countIs(page, ROWS, whole.length)
  const back = await messagesOf(page)
  await page.goForward()
  await countIs(page, ROWS, narrow.length)
  const forth = await messagesOf(page)
  return broken(
    [isWhole, 'selecting alone changed the range'],
    [narrow.every((text) => whole.includes(text)), `zooming brought ${narrow.join()}`],
    [back.join() === whole.join(), `Back shows ${back.join()}`],
    [forth.join() === narrow.join() && page.url() === url, `Forward shows ${forth.join()} at ${page.url()}`]
  )
}

async function copiedLink (page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
  return copiedText(page)
}

function messagesOf (page: Page): Promise<string[]> {
  return page.locator('.rows .event .message').allInnerTexts()
}
