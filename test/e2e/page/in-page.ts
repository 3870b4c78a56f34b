import type { Page } from 'playwright-core'

/** What runs in the page: as functions, since the policy of the page allows no text to be run. */
declare const document: {
  activeElement: { innerText: string } | null
  querySelector: (selectors: string) => { getBoundingClientRect: () => { top: number } } | null
  querySelectorAll: (selectors: string) => { length: number }
}
declare const requestAnimationFrame: (look: () => void) => void
declare const scrollTo: (x: number, y: number) => void
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

interface Frames { most: number }

/** Looks in every frame how far an element is from where it was. */
export async function followTop (page: Page, selector: string): Promise<{ moved: () => Promise<number> }> {
  const frames = await page.evaluateHandle((selector): Frames => {
    const top = (): number => document.querySelector(selector)?.getBoundingClientRect().top ?? Infinity
    const began = top()
    const seen = { most: 0 }
    const look = (): void => {
      seen.most = Math.max(seen.most, Math.abs(top() - began))
      requestAnimationFrame(look)
    }
    look()
    return seen
  }, selector)
  return { moved: () => frames.evaluate(({ most }) => most) }
}

export async function scrollDown (page: Page, px: number): Promise<void> {
  await page.evaluate((px) => scrollTo(0, px), px)
}

/** What has the focus, in words. */
export function focusedText (page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.innerText ?? '')
}

/** Whether a payload left its mark. */
export function wasRun (page: Page): Promise<boolean> {
  return page.evaluate(() => 'boom' in globalThis)
}
