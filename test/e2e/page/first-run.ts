import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { broken, type Result } from '../case.ts'
import { NARROWEST, onStage, register, signIn, visit } from './browser.ts'
import { PAGES } from './pages.ts'

const shell = promisify(execFile)

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
      for (const tab of await page.locator('.tabs [aria-current]').all()) {
        const { x, width } = await tab.boundingBox() ?? { x: -1, width: 0 }
        if (x < 0 || x + width > NARROWEST.width) faults.push(`${path} has its chosen tab out of sight`)
      }
    }
    return { figures: { pages: PAGES.length, width: NARROWEST.width }, faults: [...faults, ...complaints] }
  })
}

async function timed<T> (run: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  return [await run(), performance.now() - began]
}
