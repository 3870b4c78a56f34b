import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Stats } from '../../../schemas/pipeline.ts'
import { LAUNCHER } from '../../program.ts'
import { broken, type Result } from '../case.ts'
import { faultsOn } from './accessibility.ts'
import { NARROWEST, onStage, registered, visit, watch, type Stage } from './browser.ts'
import { sideways } from './controls.ts'
import { PageApi } from './page-api.ts'

const LINES = 300_000
const MAIN = { processors: [{ type: 'filter', id: 'quiet', pattern: 'healthz', mode: 'exclude' }, { type: 'router', id: 'by', routes: [{ pattern: 'ERROR', to: 'mark' }], default: 'rest' }, { type: 'tagger', id: 'mark', tags: [{ tag: 'error', pattern: 'ERROR' }] }, { type: 'redact', id: 'hide', inputs: ['mark', 'by.rest'] }] }

/** What pipelines do to events is seen, changed, tried and set on the page; a run of the command line serves the same, and ends with the numbers of /stats. */
export function pipeline (): Promise<Result> {
  return onStage(async (stage) => {
    const { page } = await stage.open()
    await registered(page)
    const api = new PageApi(page)
    const faults = [...await setAndTried(page, api), ...await seen(page, api), ...await ofARun(stage)]
    return { figures: { lines: LINES }, faults: [...faults, ...stage.complaints] }
  })
}

async function setAndTried (page: Page, api: PageApi): Promise<string[]> {
  await visit(page, '/dashboard/pipeline')
  await page.getByText('no pipeline is set').waitFor()
  await page.getByRole('link', { name: 'Write one and try it' }).click()
  await page.getByLabel('Processors').fill(JSON.stringify(MAIN))
  await page.getByLabel('or on these lines').fill('GET /healthz\nERROR for bob@example.com\nplain')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await page.getByText('3 lines').waitFor()
  const rows = await page.locator('tbody tr').allInnerTexts()
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await page.getByText('main is in force from the next batch on.').waitFor()
  await api.send('POST', '/events', ['GET /healthz', 'ERROR for bob@example.com', 'plain'].map((message) => ({ message })))
  return broken(
    [/dropped.*quiet matches "healthz"/s.test(rows[0] ?? ''), `the first line is shown as ${rows[0]}`],
    [/ERROR for \[redacted\].*modified.*routed to by\.mark/s.test(rows[1] ?? ''), `the second line is shown as ${rows[1]}`],
    [/same/.test(rows[2] ?? ''), `the third line is shown as ${rows[2]}`]
  )
}

async function seen (page: Page, api: PageApi): Promise<string[]> {
  await visit(page, '/dashboard/pipeline')
  await page.getByRole('button', { name: /^quiet filter in 3 out 2/ }).click()
  await page.getByRole('heading', { name: 'quiet' }).waitFor()
  await page.getByRole('button', { name: /GET \/healthz/ }).click()
  await page.getByRole('cell', { name: 'dropped, matches "healthz"' }).waitFor()
  // What the page asks for is not answered any more: what it shows of the next event comes by the stream.
  await page.route(/\/stats/, (route) => route.abort())
  await api.send('POST', '/events', [{ message: 'GET /healthz' }])
  await page.getByRole('button', { name: /^quiet filter in 4 out 2/ }).waitFor()
  await page.unroute(/\/stats/)
  const { processors } = await api.get<Stats>('/stats')
  const faults = (await faultsOn(page)).map((fault) => `axe: ${fault}`)
  return [...faults, ...broken([processors['quiet']?.dropped === 2, `/stats says ${JSON.stringify(processors['quiet'])}`])]
}

/** The page of a run in a browser of its own, which signs nobody in. */
async function ofARun ({ browser, complaints }: Stage): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-run-page-'))
  writeFileSync(join(folder, 'in.log'), Array.from({ length: LINES }, (_, at) => `${at % 3 === 0 ? 'error' : 'info'} line ${at}\n`).join(''))
  const run = spawn(process.execPath, [LAUNCHER, 'run', '--file', 'in.log', '--output', 'out.log', '--dashboard-port', '0', '--save-metrics', 'm.json'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const base = await addressOf(run.stderr)
    const page = await (await browser.newContext({ baseURL: base })).newPage()
    watch(page, base, complaints)
    await page.goto('/')
    await page.getByText('Finished').waitFor()
    await page.locator('.traces .trace').first().waitFor()
    await page.getByText('No line was an error.').waitFor()
    const name = await page.getByRole('button', { name: /^filter/ }).innerText()
    const faults = (await faultsOn(page)).map((fault) => `axe, run: ${fault}`)
    const stats: Stats = await (await page.request.get('/stats')).json()
    const icon = await page.request.get('/logo.svg')
    const narrow = await (await browser.newContext({ baseURL: base, viewport: NARROWEST })).newPage()
    await narrow.goto('/')
    await narrow.locator('.traces .trace').first().waitFor()
    const px = await sideways(narrow)
    run.kill('SIGINT')
    const [code] = await once(run, 'close')
    const saved: Stats = JSON.parse(readFileSync(join(folder, 'm.json'), 'utf8'))
    return [...faults, ...broken(
      [code === 0, `the run ended with ${code}`],
      [px <= 0, `at 320 px the run scrolls ${px} px sideways`],
      [icon.ok(), `its icon is answered ${icon.status()}`],
      [/in\s+300k/.test(name) && /out\s+100k/.test(name), `the filter is shown as ${name}`],
      [stats.system.total_lines === LINES && JSON.stringify(saved.processors) === JSON.stringify(stats.processors), 'the page, /stats and the saved metrics differ']
    )]
  } finally {
    run.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The address that a run says. */
function addressOf (stderr: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    stderr.on('data', (text) => {
      said += String(text)
      const address = /^page: (\S+)$/m.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    stderr.on('end', () => { reject(new Error(`the run says no address: ${said}`)) })
  })
}
