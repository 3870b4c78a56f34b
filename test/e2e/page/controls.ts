import type { Page } from 'playwright-core'

/** As much of the document as is looked at here. */
interface Box { left: number, top: number, right: number, bottom: number, width: number, height: number }
interface Element {
  innerText?: string
  scrollWidth: number
  clientWidth: number
  scrollHeight: number
  clientHeight: number
  getAttribute: (name: string) => string | null
  checkVisibility: () => boolean
  scrollIntoView: (how: { block: 'center', inline: 'center', behavior: 'instant' }) => void
  getBoundingClientRect: () => Box
  contains: (other: Element | null) => boolean
  closest: (selectors: string) => Element | null
}
interface Sheet { replaceSync: (text: string) => void }
declare const document: { querySelectorAll: (selectors: string) => Iterable<Element>, elementFromPoint: (x: number, y: number) => Element | null, documentElement: Element, adoptedStyleSheets: Sheet[] }
declare const innerWidth: number
declare const getComputedStyle: (element: Element) => { overflowX: string, overflowY: string }
declare const CSSStyleSheet: new () => Sheet

const CONTROLS = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), summary, textarea, [role="slider"]'
/** WCAG 2.2, 1.4.12. */
const SPACING = '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }'

/** Controls that cannot be brought into sight, or that something else covers there; in words. */
export function unreachable (page: Page, selector = CONTROLS): Promise<string[]> {
  return page.evaluate((selector) => {
    const nameOf = (element: Element): string => `${element.getAttribute('aria-label') ?? element.innerText ?? ''}`.slice(0, 60)
    return [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility()).flatMap((element) => {
      if (element.closest('.skip, .hidden, [aria-hidden="true"]') !== null) return []
      element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect()
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      if (hit !== null && (element.contains(hit) || hit.contains(element) || hit.closest('label')?.contains(element) === true)) return []
      return [`${nameOf(element)} (${Math.round(width)} by ${Math.round(height)} at ${Math.round(left)}, ${Math.round(top)}) is under ${hit === null ? 'nothing' : hit.getAttribute('class') ?? 'something'}`]
    })
  }, selector)
}

/** What the controls that are seen are called, without rows and heads of columns, which show less where there is less room. */
export function controlNames (page: Page): Promise<string[]> {
  return page.evaluate((selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility() && element.closest('.rows, .tabbar, .rail, .log, summary, th') === null)
    .map((element) => (element.getAttribute('aria-label') ?? element.closest('label')?.innerText ?? element.innerText ?? '').trim().split('\n')[0] ?? ''), CONTROLS)
}

/** How far the page scrolls sideways, in px. */
export function sideways (page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}

/** Spaces text as a reader may want it. */
export async function spaceText (page: Page): Promise<void> {
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    document.adoptedStyleSheets = [sheet]
  }, SPACING)
}

/** Controls and headings whose text is cut, and cannot be read by scrolling. */
export function cutTexts (page: Page): Promise<string[]> {
  return page.evaluate(() => [...document.querySelectorAll('button, a.button, h1, h2, h3, th, label, legend, .badge')].filter((element) => element.checkVisibility() && element.closest('.hidden') === null).flatMap((element) => {
    const { overflowX, overflowY } = getComputedStyle(element)
    const isCut = (overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1) || (overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1)
    return isCut ? [`${element.innerText ?? ''} is cut`] : []
  }))
}
