import type { Locator, Page } from 'playwright-core'
import type { RuleView } from '../../../schemas/rule.ts'
import { broken, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { TOKEN, type ServiceProcess } from '../service-process.ts'
import { onStage, registered } from './browser.ts'
import { PageApi } from './page-api.ts'

const METRIC = 'queue_depth'
const LIMIT = 90
const EVERY_MS = 30_000
const POINTS = 100
/** Of every so many numbers some are high: three times in the fifty minutes. */
const PERIOD = 30
const HIGH = 6
/** A limit that the high ones cross, and where the pointer leads it. */
const WANTED = 50
const CLOSE_PX = 4

/** A limit moved by mouse and by keyboard, what the rule would have done with it, and that nothing holds until it is saved. */
export function limit (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const api = new PageApi(page)
    await sendNumbers(service)
    const { id } = await api.send<RuleView>('POST', '/rules', { name: 'Deep queue', signal: { metric: METRIC }, window: '1m', aggregate: 'avg', for: '0s', levels: { critical: { op: '>', value: LIMIT } } })
    const saved = async (): Promise<number | undefined> => (await api.get<RuleView>(`/rules/${id}`)).levels.critical?.value
    await page.goto(`/dashboard/alerts?rule=${id}`)
    const grip = page.getByRole('slider', { name: 'Deep queue, critical limit' })
    await told(page, /fired never in/)

    const off = await drag(page, grip)
    const dragged = await valueOf(grip)
    const began = performance.now()
    await told(page, /fired 3 times in/)
    const ms = performance.now() - began
    const kept = await saved()

    await grip.press('Escape')
    await told(page, /fired never in/)
    const restored = await valueOf(grip)
    await grip.press('ArrowDown')
    await grip.press('PageDown')
    await grip.press('PageDown')
    const typed = await valueOf(grip)
    await told(page, /fired 3 times in/)
    // The button is out of use while the answer is awaited, too.
    const answered = page.waitForResponse((response) => response.url().endsWith(`/rules/${id}`) && response.request().method() !== 'GET')
    await page.getByRole('button', { name: 'Save rule' }).click()
    await answered
    const after = await saved()
    return {
      figures: { 'drag to answer, ms': ms, 'grip off the pointer, px': off },
      faults: [...broken(
        [Math.abs(dragged - WANTED) <= 1, `it was dragged to ${dragged}`],
        [off <= CLOSE_PX, `the grip is ${off} px from the pointer`],
        [kept === LIMIT, `dragging changed the rule to ${kept}`],
        [restored === LIMIT, `Escape restored ${restored}`],
        [typed === LIMIT - 21, `the keys moved it to ${typed}`],
        [after === LIMIT - 21, `what was saved is ${after}`]
      ), ...complaints]
    }
  })
}

async function sendNumbers (service: ServiceProcess): Promise<void> {
  const client = new Client(service.base, TOKEN)
  const now = Date.now()
  const samples = Array.from({ length: POINTS }, (_, at) => ({ name: METRIC, value: at % PERIOD < HIGH && at >= PERIOD ? 80 : 20, time: new Date(now - (POINTS - at) * EVERY_MS).toISOString() }))
  const { status, text } = await client.post('/samples', samples)
  client.close()
  if (status !== 201) throw new Error(`POST /samples: ${status} ${text}`)
}

/** Leads the grip by the mouse to the value that is wanted, by way of others. Answers how far it is from the pointer in the end. */
async function drag (page: Page, grip: Locator): Promise<number> {
  const from = await centreOf(grip)
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  let y = from.y
  for (let left = 200; left > 0 && await valueOf(grip) > WANTED; left--) await page.mouse.move(from.x, y += 1)
  const off = Math.abs((await centreOf(grip)).y - y)
  await page.mouse.up()
  return off
}

async function centreOf (grip: Locator): Promise<{ x: number, y: number }> {
  const { x, y, width, height } = await grip.boundingBox() ?? { x: NaN, y: NaN, width: 0, height: 0 }
  return { x: x + width / 2, y: y + height / 2 }
}

async function valueOf (grip: Locator): Promise<number> {
  return Number(await grip.getAttribute('aria-valuenow'))
}

async function told (page: Page, words: RegExp): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).waitFor()
}
