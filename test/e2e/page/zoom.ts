import type { Page } from 'playwright-core'
import { broken, type Result } from '../case.ts'
import { onStage, registered, signIn, visit } from './browser.ts'
import { controlNames, cutTexts, sideways, spaceText, unreachable } from './controls.ts'
import { fire } from './incident.ts'
import { PageApi } from './page-api.ts'
import { PAGES } from './pages.ts'

/** 1280 by 1024 px at 400 %. */
const ZOOMED = { width: 320, height: 256 }
const USUAL = { width: 1280, height: 1024 }
const LOOKS = 4
/** Of no use where columns are not shown and all text is wrapped; search stands in the menu; what the connection is called changes. */
const NOT_NEEDED = new Set(['Live', 'Connecting', 'Reconnecting', 'Wrap', 'Columns', 'Search or jump to/', 'Search or jump to'])

/** At 400 %, and with the text spaced out, everything can be reached and read, and nothing scrolls sideways. */
export function zoom (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const usual = await open({ viewport: USUAL })
    await registered(usual.page)
    const alert = await fire(new PageApi(usual.page), service)
    const zoomed = await open({ viewport: ZOOMED })
    await zoomed.page.goto('/dashboard/login')
    await signIn(zoomed.page)
    await zoomed.page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const faults: string[] = []
    let controls = 0
    for (const path of [...PAGES, `/dashboard/alerts/${alert.id}`]) {
      let look = await compared(usual.page, zoomed.page, path)
      // What a page holds changes while both are looked at: only what stays away is missing.
      for (let again = 1; again < LOOKS && look.missing.length > 0; again += 1) look = await compared(usual.page, zoomed.page, path)
      controls += look.controls
      faults.push(...look.faults, ...look.missing.map((name) => `${path} at 400 % has no ${name}`))
      for (const { page, at } of [{ page: usual.page, at: '100 %' }, { page: zoomed.page, at: '400 %' }]) {
        await spaceText(page)
        const px = await sideways(page)
        faults.push(...broken([px <= 0, `${path} at ${at}, spaced, scrolls ${px} px sideways`]), ...(await cutTexts(page)).map((fault) => `${path} at ${at}, spaced: ${fault}`))
      }
    }
    return { figures: { pages: PAGES.length + 1, controls }, faults: [...faults, ...complaints] }
  })
}

interface Look { controls: number, missing: string[], faults: string[] }

/** Opens a page in both, and says which controls the zoomed one lacks, also in its menu, and which of its own cannot be reached. */
async function compared (usual: Page, zoomed: Page, path: string): Promise<Look> {
  await Promise.all([visit(usual, path), visit(zoomed, path)])
  if (path === '/dashboard/events') await zoomed.getByRole('button', { name: 'Fields' }).click()
  const onPage = (await unreachable(zoomed)).map((fault) => `${path} at 400 %: ${fault}`)
  await zoomed.getByRole('button', { name: 'Theme and account' }).click()
  const inMenu = (await unreachable(zoomed, '.menu button, .menu a')).map((fault) => `${path}, the menu at 400 %: ${fault}`)
  const wide = (await controlNames(usual)).map(withoutCounts)
  const narrow = new Set((await controlNames(zoomed)).map(withoutCounts))
  await zoomed.keyboard.press('Escape')
  return { controls: wide.length, missing: wide.filter((name) => !narrow.has(name) && !NOT_NEEDED.has(name)), faults: [...onPage, ...inMenu] }
}

/** What a control is called besides how many of something there are, which changes while both are looked at, and is told once it is known. */
function withoutCounts (name: string): string {
  return name.replace(/, \d.*$/, '').replace(/\d+$/, '').replace(/\d+/g, '0').trim()
}
