import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Role } from '../../../schemas/user.ts'
import { Skip } from '../case.ts'
import { ServiceProcess } from '../service-process.ts'
import { PageApi } from './page-api.ts'

const CHROMIUM = '/usr/bin/chromium'
const PASSWORD = 'seven green lanterns 42'
export const WIDE = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }
export const NARROWEST = { width: 320, height: 700 }
const PATIENCE_MS = 90_000

/** A service with a browser in front of it. */
export interface Stage {
  service: ServiceProcess
  browser: Browser
  /** What the pages of `open` said that they should not: errors of scripts, refusals of the policy, requests to others. */
  complaints: string[]
  /** Opens a browser of its own, with nobody signed in. */
  open: (options?: { viewport?: { width: number, height: number }, colorScheme?: 'dark' | 'light' }) => Promise<Visit>
}

/** A browser of its own, with one page. */
export interface Visit {
  context: BrowserContext
  page: Page
}

/** Runs with a real service and Debian's Chromium. Throws Skip where there is none. */
export async function onStage<T> (run: (stage: Stage) => Promise<T>, settings: Record<string, string> = {}): Promise<T> {
  if (!existsSync(CHROMIUM)) throw new Skip('chromium is missing')
  const service = new ServiceProcess({ settings: { EVALUATE_INTERVAL: '1s', SAMPLE_INTERVAL: '1s', ...settings } })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const complaints: string[] = []
  try {
    await service.start()
    const open: Stage['open'] = async ({ viewport = WIDE, colorScheme = 'dark' } = {}) => {
      const context = await browser.newContext({ baseURL: service.base, viewport, colorScheme, permissions: ['clipboard-read', 'clipboard-write'] })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      watch(page, service.base, complaints)
      return { context, page }
    }
    return await run({ service, browser, complaints, open })
  } catch (error) {
    service.mustRun()
    throw error
  } finally {
    await browser.close()
    await service.close()
  }
}

/** Notes what a page should never do. A refused request (401, 503) is no fault of its scripts. */
export function watch (page: Page, base: string, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); void dialog.dismiss() })
  page.on('console', (message) => { if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(`policy: ${message.text()}`) })
  page.on('request', (request) => { if (!request.url().startsWith(base) && !request.url().startsWith('data:')) complaints.push(`foreign request: ${request.url()}`) })
}

/** Makes the first account on the page, and waits for the overview's or the first run's heading. */
export async function register (page: Page, username = 'ann'): Promise<void> {
  await page.goto('/dashboard')
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Make the account' }).click()
  await page.getByRole('heading', { name: 'Send your first event' }).waitFor()
}

/** Makes the first account as `register` does, and signs in, by the API alone: the page is not opened. */
export async function registered (page: Page, username = 'ann'): Promise<void> {
  const api = new PageApi(page)
  await api.send('POST', '/api/register', { username, password: PASSWORD })
  await api.send('POST', '/api/login', { username, password: PASSWORD })
}

/** Makes a further account, which signs in with the password of all. */
export async function addUser (api: PageApi, username: string, role: Role): Promise<void> {
  await api.send('POST', '/users', { username, password: PASSWORD, role })
}

export async function signIn (page: Page, username = 'ann'): Promise<void> {
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens a page and waits until all that it asks for has been answered. */
export async function visit (page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('main').waitFor()
  await page.locator('main :visible').first().waitFor()
  await page.locator('[aria-busy="true"], .outline').first().waitFor({ state: 'detached' })
}
