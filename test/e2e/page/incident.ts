import type { Alert, AlertsPage } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { askUntil } from '../../support/until.ts'
import { broken, type Result } from '../case.ts'
import type { ServiceProcess } from '../service-process.ts'
import { onStage, registered } from './browser.ts'
import { PageApi } from './page-api.ts'
import { sendEvents } from './send.ts'

export const RULE = 'Checkout errors'
const QUERY = 'service:checkout level>=error'
const LIMIT = 5
const ERRORS = 12

/** A rule that counts errors of a service, and no event yet. */
function makeRule (api: PageApi): Promise<RuleView> {
  return api.send('POST', '/rules', { name: RULE, signal: { events: QUERY }, window: '5m', for: '0s', levels: { critical: { op: '>', value: LIMIT } } })
}

/** Events over the limit of that rule, among others that are well. */
function sendErrors (service: ServiceProcess, count = ERRORS): Promise<void> {
  const errors = Array.from({ length: count }, (_, at) => ({ message: `card declined ${at + 1}`, service: 'checkout', level: 'ERROR', meta: { attempt: at + 1 } }))
  return sendEvents(service, [...errors, { message: 'cart opened', service: 'checkout', level: 'INFO' }, { message: 'disk is fine', service: 'store', level: 'ERROR' }])
}

/** Makes the rule fire. */
export async function fire (api: PageApi, service: ServiceProcess): Promise<Alert> {
  await makeRule(api)
  await sendErrors(service)
  const { alerts: [alert] } = await askUntil(() => api.get<AlertsPage>('/alerts?state=firing'), ({ alerts }) => alerts.length > 0)
  if (alert === undefined) throw new Error('no alert fires')
  return alert
}

/** All quiet, then an alert out of real events; one click leads to them, and what was acknowledged is not told as well. */
export function incident (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const api = new PageApi(page)
    await makeRule(api)
    await page.goto('/dashboard')
    const verdict = page.getByRole('region', { name: 'Verdict' })
    await verdict.getByRole('heading', { name: 'All quiet' }).waitFor()
    const began = performance.now()
    await sendErrors(service)
    await verdict.getByRole('heading', { name: 'One thing needs attention' }).waitFor()
    const ms = performance.now() - began
    const said = await verdict.innerText()
    const card = page.getByRole('article', { name: RULE })
    const evidence = card.getByRole('link', { name: `See the ${ERRORS} events` })
    await evidence.waitFor()
    const told = await card.innerText()

    await evidence.click()
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    await page.getByRole('row', { name: /card declined 12/ }).waitFor()
    const rows = await page.locator('.rows .event').count()
    const messages = await page.locator('.rows .event .message').allInnerTexts()

    await page.goBack()
    await card.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByRole('button', { name: 'Until it recovers' }).click()
    await verdict.getByRole('heading', { name: 'Nothing needs attention' }).waitFor()
    const after = await verdict.innerText()
    return {
      figures: { 'events to verdict, ms': ms, rows },
      faults: [...broken(
        [/It began at \d\d:\d\d\. No other rule fires\./.test(said), `the verdict says ${said}`],
        [said.includes('1 critical'), `the verdict counts ${said}`],
        [told.includes('Critical') && told.includes(`${RULE}: ${ERRORS}, limit ${LIMIT}`) && /firing for/.test(told), `the card says ${told}`],
        [rows === ERRORS && messages.every((text) => text.startsWith('card declined')), `the rows are ${messages.join(', ')}`],
        [after.includes('One fires and is acknowledged or silenced.'), `after it was acknowledged the verdict says ${after}`]
      ), ...complaints]
    }
  })
}
