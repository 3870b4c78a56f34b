import type { Page } from 'playwright-core'
import type { NoticeBody } from '../../../schemas/notice.ts'
import { Receiver } from '../../notify/receiver.ts'
import { broken, type Result } from '../case.ts'
import { faultsOn } from './accessibility.ts'
import { NARROWEST, onStage, PHONE, register, watch, WIDE, type Stage } from './browser.ts'
import { PageApi } from './page-api.ts'
import { sendEvents } from './send.ts'

const NAME = '<img src=x onerror=alert("boom")> is down'
const RULE = { name: NAME, signal: { events: 'boom' }, levels: { critical: { op: '>=', value: 1 } }, window: '1h' }

/** The link of a notice, as a phone that never signed in opens it: in each theme and width, then pressed, without a script. */
export async function ackLink (): Promise<Result> {
  const endings: Array<() => unknown> = []
  const receiver = await Receiver.open({ teardown: (end: () => unknown) => endings.push(end) })
  try {
    return await onStage((stage) => pressed(stage, receiver), { WEBHOOK_URL: receiver.url, WEBHOOK_ALLOW: '127.0.0.1' })
  } finally {
    for (const end of endings) end()
  }
}

async function pressed ({ open, browser, service, complaints }: Stage, receiver: Receiver): Promise<Result> {
  const first = await open()
  await register(first.page)
  await new PageApi(first.page).send('POST', '/rules', RULE)
  await sendEvents(service, [{ message: 'boom' }])
  await receiver.until(1)
  const link = linkOf(receiver.received[0]?.body ?? '')
  const faults: string[] = []
  let looks = 0
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const viewport of [WIDE, PHONE, NARROWEST]) {
      const { page, context } = await open({ viewport, colorScheme })
      await page.goto(link)
      faults.push(...await faultsOf(page, `${colorScheme} ${viewport.width}`))
      looks++
      await context.close()
    }
  }
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: PHONE })
  const page = await context.newPage()
  watch(page, service.base, complaints)
  await page.goto(link)
  await page.getByRole('button', { name: 'For 4 h' }).click()
  const done = await page.getByRole('heading').innerText()
  const again = await page.goto(link)
  const used = await page.getByRole('heading').innerText()
  faults.push(...broken(
    [done === 'Acknowledged for 4 h', `the button led to ${done}`],
    [again?.status() === 409 && used === 'This link was used before', `the second look says ${used}`]
  ))
  return { figures: { looks, letters: link.length }, faults: [...faults, ...complaints] }
}

async function faultsOf (page: Page, look: string): Promise<string[]> {
  const heading = await page.getByRole('heading', { level: 1 }).innerText()
  const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  const axe = await faultsOn(page)
  return [...broken([heading === NAME, `the name reads ${heading}`], [sideways <= 0, `scrolls ${sideways} px sideways`]), ...axe].map((fault) => `${look}: ${fault}`)
}

function linkOf (text: string): string {
  const { ack_url: link = '' }: NoticeBody = JSON.parse(text)
  return link
}
