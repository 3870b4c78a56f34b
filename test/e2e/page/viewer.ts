import type { Page } from 'playwright-core'
import type { Alert, Silence } from '../../../schemas/alert.ts'
import { broken, type Result } from '../case.ts'
import { addUser, onStage, registered, signIn, visit } from './browser.ts'
import { fire } from './incident.ts'
import { PageApi } from './page-api.ts'

/** What only an operator or an admin may do, as buttons call it. */
const DEEDS = /^(Acknowledge|Take the acknowledgement back|Silence|Resolve|Save rule|Revert|New rule|New silence|End the |Send |Switch |Invite|Make |Remove|More for )/
const READABLE = ['/dashboard', '/dashboard/alerts', '/dashboard/alerts?tab=silences', '/dashboard/events', '/dashboard/services', '/dashboard/settings', '/dashboard/settings/sessions', '/dashboard/settings/storage']
const FORBIDDEN = 403

/** Who may only read sees no button and no grip for what is not allowed, and is refused when it is tried anyway. */
export function viewer (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const admin = await open()
    await registered(admin.page)
    const api = new PageApi(admin.page)
    await addUser(api, 'vic', 'viewer')
    const alert = await fire(api, service)
    const silence = await api.send<Silence>('POST', '/silences', { rule: 'builtin-cpu', until: '1h' })

    const { page } = await open()
    await page.goto('/dashboard/login')
    await signIn(page, 'vic')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    const faults: string[] = []
    for (const path of [...READABLE, `/dashboard/alerts/${alert.id}`]) faults.push(...await deedsOn(page, path))
    faults.push(...await readOnlyRule(page, alert), ...await refusals(new PageApi(page), alert, silence))
    for (const section of ['notifications', 'users', 'tokens']) {
      await visit(page, `/dashboard/settings/${section}`)
      await page.getByText('that is for admins').waitFor()
    }
    return { figures: { pages: READABLE.length + 1, 'calls refused': callsOf(alert, silence).length }, faults: [...faults, ...complaints] }
  })
}

async function deedsOn (page: Page, path: string): Promise<string[]> {
  await visit(page, path)
  const names = await page.locator('main').getByRole('button').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? one.textContent ?? ''))
  const grips = await page.locator('main [role="slider"]:not(.edge)').count()
  const fields = await page.locator('main form table input:not(:disabled)').count()
  const failed = await page.locator('main [role="alert"]', { hasText: 'Could not' }).allInnerTexts()
  return [
    ...names.filter((name) => DEEDS.test(name)).map((name) => `${path} offers ${name}`),
    ...broken([grips === 0, `${path} has a grip`], [fields === 0, `${path} has fields to fill in`], [failed.length === 0, `${path}: ${failed.join()}`])
  ]
}

/** The limit is a line without a grip, and the editor says why. */
async function readOnlyRule (page: Page, { rule }: Alert): Promise<string[]> {
  const faults = await deedsOn(page, `/dashboard/alerts?rule=${rule.id}`)
  await page.getByText('Your role can read rules but not change them.').waitFor()
  await page.locator('.limit.fixed').waitFor()
  return faults
}

type Call = [method: string, path: string, body: object]

function callsOf ({ id, rule }: Alert, silence: Silence): Call[] {
  const levels = { critical: { op: '>', value: 1 } }
  return [
    ['POST', `/alerts/${id}/ack`, {}], ['POST', `/alerts/${id}/unack`, {}], ['POST', `/alerts/${id}/resolve`, {}],
    ['POST', '/silences', { rule: rule.id, until: '1h' }], ['DELETE', `/silences/${silence.id}`, {}],
    ['POST', '/rules', { name: 'mine', signal: { events: '' }, levels }], ['PATCH', `/rules/${rule.id}`, { levels }], ['PUT', `/rules/${rule.id}`, { name: 'mine', signal: { events: '' }, levels }], ['DELETE', `/rules/${rule.id}`, {}],
    ['PATCH', '/config', { thresholds: { cpu_percent: { warning: 1 } } }], ['POST', '/maintenance', { name: 'mine', duration: '1h' }],
    ['POST', '/channels', { name: 'mine', kind: 'webhook', url: 'https://example.com' }], ['POST', '/tokens', { name: 'mine', scopes: ['read'] }], ['POST', '/invitations', { role: 'admin' }], ['POST', '/users', { username: 'eve', password: 'nine yellow lanterns 44', role: 'admin' }]
  ]
}

async function refusals (api: PageApi, alert: Alert, silence: Silence): Promise<string[]> {
  const faults: string[] = []
  for (const [method, path, body] of callsOf(alert, silence)) {
    const status = await api.status(method, path, body)
    if (status !== FORBIDDEN) faults.push(`${method} ${path} is answered ${status}`)
  }
  return faults
}
