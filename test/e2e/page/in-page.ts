import type { Page } from 'playwright-core'

/** What runs in the page: as functions, since the policy of the page allows no text to be run. */
declare const document: { querySelectorAll: (selectors: string) => { length: number } }
declare const navigator: { clipboard: { readText: () => Promise<string> } }

/** Waits until so many elements are there. */
export async function countIs (page: Page, selector: string, count: number): Promise<void> {
  await page.waitForFunction(({ selector, count }) => document.querySelectorAll(selector).length === count, { selector, count })
}

/** Waits until there are some, and fewer than so many. */
export async function countBelow (page: Page, selector: string, most: number): Promise<void> {
  await page.waitForFunction(({ selector, most }) => { const { length } = document.querySelectorAll(selector); return length > 0 && length < most }, { selector, most })
}

export function copiedText (page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}
