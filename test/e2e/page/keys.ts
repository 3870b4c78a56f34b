import type { Page } from 'playwright-core'
import type { Alert, AlertFile } from '../../../schemas/alert.ts'
import { broken, type Result } from '../case.ts'
import { onStage, registered } from './browser.ts'
import { copiedText, countIs, focusedText } from './in-page.ts'
import { fire, RULE } from './incident.ts'
import { PageApi } from './page-api.ts'

/** No mouse: an alert acknowledged and silenced from the overview, every key on the pages where it means something, and keys switched off. */
export function keys (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const api = new PageApi(page)
    const alert = await fire(api, service)
    await page.goto('/dashboard')
    await page.getByRole('article', { name: RULE }).waitFor()
    const faults = [
      ...await fromTheOverview(page, api, alert), ...await throughPages(page), ...await inTheEvents(page),
      ...await overTime(page), ...await inTheAlerts(page, alert), ...await switchedOff(page)
    ]
    return { figures: {}, faults: [...faults, ...complaints] }
  })
}

async function fromTheOverview (page: Page, api: PageApi, alert: Alert): Promise<string[]> {
  await page.keyboard.press('j')
  const focused = await focusedText(page)
  await page.keyboard.press('y')
  await page.getByRole('dialog', { name: `Acknowledge ${RULE}` }).waitFor()
  await page.keyboard.type('by keys: jmxy')
  await press(page, 'Tab', 'Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const isBack = (await focusedText(page)).includes(RULE)
  await page.keyboard.press('m')
  await page.getByRole('dialog', { name: `Silence ${RULE}` }).waitFor()
  await press(page, 'Tab', 'Tab', 'Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'Nothing needs attention' }).waitFor()
  const file = await api.get<AlertFile>(`/alerts/${alert.id}`)
  return broken(
    [focused.includes(RULE), `j leads to ${focused}`],
    [isBack, 'the dialog did not give the focus back to the alert'],
    [file.acknowledged_by === 'ann' && file.note === 'by keys: jmxy', `y: ${file.acknowledged_by}, ${file.note}`],
    [file.silenced_by !== null, 'm silenced nothing']
  )
}

async function throughPages (page: Page): Promise<string[]> {
  for (const [key, name] of [['s', 'Services'], [',', 'Settings'], ['a', 'Alerts'], ['o', 'Overview'], ['e', 'Events']]) {
    await press(page, 'g', key ?? '')
    await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor()
  }
  await press(page, 'g', 'o')
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.keyboard.press('/')
  await page.getByRole('dialog', { name: 'Search or jump to' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Search or jump to' }).waitFor()
  await page.keyboard.type('events')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return []
}

/** Rows, the fields of one, the filter, and letters that are text there. */
async function inTheEvents (page: Page): Promise<string[]> {
  const query = (): string => new URL(page.url()).searchParams.get('q') ?? ''
  await page.locator('.rows .event').first().waitFor()
  await press(page, 'j', 'j', 'k')
  const first = await focusedText(page)
  const top = await page.locator('.rows .event').first().innerText()
  await press(page, 'ArrowDown', 'ArrowUp', 'Enter')
  await page.locator('.rows .event.open').waitFor()
  const level = page.getByRole('button', { name: /^Only events with level/ })
  await level.focus()
  await page.keyboard.press('i')
  await page.waitForURL((url) => url.searchParams.get('q')?.startsWith('level:') === true)
  const included = query()
  await page.locator('.rows .event').first().waitFor()
  const box = page.getByRole('group', { name: 'Service' }).getByRole('checkbox').first()
  await box.focus()
  await page.keyboard.press('x')
  await page.waitForURL((url) => url.searchParams.get('q')?.includes('-service:') === true)
  await page.keyboard.press('/')
  await page.keyboard.type(' xijkmyct?[]-g')
  const typed = await page.getByRole('combobox', { name: 'Filter' }).inputValue()
  const path = new URL(page.url()).pathname
  return broken(
    [first.split('\n').join(' ') === top.split('\n').join(' '), `j j k leads to ${first}, the first row is ${top}`],
    [/^level:/.test(included), `i made the filter ${included}`],
    [typed.trim() === 'xijkmyct?[]-g' && path === '/dashboard/events', `typing in the filter gave ${typed} at ${path}`]
  )
}

async function overTime (page: Page): Promise<string[]> {
  await page.goto('/dashboard/events')
  const live = page.getByRole('button', { name: 'Live' })
  await live.and(page.locator('[aria-pressed="true"]')).waitFor()
  await page.keyboard.press('Space')
  await live.and(page.locator('[aria-pressed="false"]')).waitFor()
  const paused = spanOf(page)
  await page.keyboard.press('Space')
  await live.and(page.locator('[aria-pressed="true"]')).waitFor()
  for (const [key, from] of [['1', '-15m'], ['3', '-6h'], ['4', '-24h'], ['5', '-7d'], ['2', null]] as const) {
    await press(page, 't', key)
    await page.waitForURL((url) => url.searchParams.get('from') === from)
  }
  await page.keyboard.press('[')
  await page.waitForURL(/from=.*to=/)
  const before = spanOf(page)
  await page.keyboard.press('-')
  await page.waitForURL((url) => url.searchParams.get('from') !== new Date(before.from).toISOString())
  const wide = spanOf(page)
  await page.keyboard.press('c')
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
  const link = await copiedText(page)
  await press(page, ']')
  await live.and(page.locator('[aria-pressed="true"]')).waitFor()
  return broken(
    [paused.to - paused.from > 0, 'Space did not hold the range'],
    [Math.abs(before.to - before.from - 3_600_000) < 1_000 && Date.now() - before.to > 3_500_000, `[ shows ${JSON.stringify(before)}`],
    [Math.abs(wide.to - wide.from - 7_200_000) < 60_000, `- shows ${JSON.stringify(wide)}`],
    [link === page.url() || link.includes(encodeURIComponent(new Date(wide.from).toISOString())), `c copied ${link}`]
  )
}

async function inTheAlerts (page: Page, { id }: Alert): Promise<string[]> {
  await press(page, 'g', 'a')
  await page.getByRole('region', { name: 'Firing now' }).waitFor()
  // Keys go through what is there.
  await page.locator('.rule-rows [data-row]').first().waitFor()
  await page.keyboard.press('j')
  const row = await focusedText(page)
  await press(page, 'j', 'j')
  const rule = await focusedText(page)
  await page.keyboard.press('Enter')
  await page.waitForURL(/rule=/)
  await press(page, 'k', 'k', 'Enter')
  await page.waitForURL(`**/dashboard/alerts/${id}`)
  await page.getByRole('region', { name: 'What it is' }).waitFor()
  await page.keyboard.press('m')
  await page.getByRole('dialog', { name: `Silence ${RULE}` }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return broken([row.startsWith(RULE), `j leads to ${row}`], [rule !== '' && rule !== row, `j j leads to ${rule}`])
}

/** Without single letters, what has two keys or Control goes on. */
async function switchedOff (page: Page): Promise<string[]> {
  const box = page.getByRole('checkbox', { name: 'Single letters and signs do this' })
  await page.keyboard.press('?')
  await box.focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const path = new URL(page.url()).pathname
  await press(page, 'g', 'o', '?', 'm', '/', 'Control+k')
  await page.getByRole('dialog', { name: 'Search or jump to' }).waitFor()
  const [dialogs, after] = [await page.getByRole('dialog').count(), new URL(page.url()).pathname]
  await page.keyboard.type('keys')
  await page.keyboard.press('Enter')
  await box.focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await press(page, 'g', 'o')
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await countIs(page, 'dialog[open]', 0)
  return broken([after === path && dialogs === 1, `with single letters off, they led to ${after} and ${dialogs} dialogs`])
}

function spanOf (page: Page): { from: number, to: number } {
  const { searchParams } = new URL(page.url())
  return { from: Date.parse(searchParams.get('from') ?? ''), to: Date.parse(searchParams.get('to') ?? '') }
}

async function press (page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) await page.keyboard.press(name)
}
