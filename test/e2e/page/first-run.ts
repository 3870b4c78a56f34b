import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { broken, type Result } from '../case.ts'
import { NARROWEST, onStage, register, signIn, visit } from './browser.ts'
import { PAGES } from './pages.ts'
import { sendEvents } from './send.ts'

const shell = promisify(execFile)

/** What would run if it were not shown as text. Each says `boom` in a dialog. */
const PAYLOADS = [
  '<script>alert("boom")</script>', '<img src=x onerror=alert("boom")>', '"><svg onload=alert("boom")>', '\'-alert("boom")-\'', 'javascript:alert("boom")',
  '<a href="javascript:alert(1)">x</a>', '{{constructor.constructor("alert(1)")()}}', '$' + '{alert("boom")}', '<iframe srcdoc="<script>alert(1)</script>">', '<style>*{display:none}</style>',
  '<math><mtext></mtext><script>alert(1)</script></math>', '\u202Egnp.exe\u202C', '\u0000\u0007\u001B[31mred\u001B[0m'.replace('\u0000', ''), 'a'.repeat(20_000), '\u0645\u0631\u062D\u0628\u0627 <b>x</b>'
]

/** Register, make a token, run the printed command: the panel turns into the event. */
export function firstRun (): Promise<Result> {
  return onStage(async ({ open, complaints }) => {
    const { page } = await open()
    await register(page)
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByText('Token made').waitFor()
    const command = await page.locator('pre.command').innerText()
    await page.getByText('Listening for the first event').waitFor()
    const [{ stdout }, ms] = await timed(async () => {
      const sent = await shell('sh', ['-c', command])
      await page.getByRole('heading', { name: 'Your event is here' }).waitFor()
      return sent
    })
    const row = await page.locator('.listening .message').innerText()
    await page.goto('/dashboard')
    await page.getByRole('heading', { level: 2, name: /All quiet|need/ }).waitFor()
    return {
      figures: { 'command to event, ms': ms },
      faults: [...broken([row === 'hello', `the event reads ${row}`], [stdout.includes('"message":"hello"'), `the command was answered ${stdout}`]), ...complaints]
    }
  })
}

/** Payloads as message, service and user name. */
export function hostileText (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await register(page)
    await sendEvents(service, PAYLOADS.map((text) => ({ message: text, service: text.slice(0, 200), level: 'ERROR' })))
    let shown = 0
    for (const path of PAGES) {
      await visit(page, path)
      shown += await page.locator('.message').count()
    }
    return { figures: { payloads: PAYLOADS.length, pages: PAGES.length, 'rows seen': shown }, faults: [...broken([shown > 0, 'no row was seen']), ...complaints] }
  })
}

export function phones (): Promise<Result> {
  return onStage(async ({ open, complaints }) => {
    const first = await open()
    await register(first.page)
    const { page } = await open({ viewport: NARROWEST })
    await page.goto('/dashboard/login')
    await signIn(page)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const faults: string[] = []
    for (const path of PAGES) {
      await visit(page, path)
      const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (sideways > 0) faults.push(`${path} scrolls ${sideways} px sideways`)
    }
    return { figures: { pages: PAGES.length, width: NARROWEST.width }, faults: [...faults, ...complaints] }
  })
}

async function timed<T> (run: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  return [await run(), performance.now() - began]
}
