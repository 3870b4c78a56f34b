import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import type { Result } from '../case.ts'
import { onStage, PHONE, register, signIn, visit, WIDE } from './browser.ts'
import { PAGES } from './pages.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

/** Every page in both themes and both widths. */
export function accessibility (): Promise<Result> {
  return onStage(async ({ open, complaints }) => {
    const first = await open()
    const faults = (await faultsOf(first.page, '/dashboard')).map((fault) => `first run: ${fault}`)
    await register(first.page)
    let looks = 1
    for (const colorScheme of ['dark', 'light'] as const) {
      for (const viewport of [WIDE, PHONE]) {
        const { page, context } = await open({ viewport, colorScheme })
        await page.goto('/dashboard/login')
        await signIn(page)
        await page.locator('main#main').waitFor()
        for (const path of PAGES) {
          for (const fault of await faultsOf(page, path)) faults.push(`${path} ${colorScheme} ${viewport.width}: ${fault}`)
          looks++
        }
        await context.close()
      }
    }
    return { figures: { looks, violations: faults.length }, faults: [...faults, ...complaints] }
  })
}

async function faultsOf (page: Page, path: string): Promise<string[]> {
  await visit(page, path)
  return faultsOn(page)
}

/** What axe finds on the page as it is. */
export async function faultsOn (page: Page): Promise<string[]> {
  // Through the debugger, which the policy of the page does not bind.
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${String(target)} (${failureSummary?.split('\n').slice(1, 2).join(' ') ?? ''})`).join('; ')}`)
}
