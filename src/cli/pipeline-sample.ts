import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface SampleFile {
  path: string
  notes: string[]
  remove: () => void
}

const LINES = 20_000
const SERVICES = ['checkout', 'cart', 'search', 'mail']
const TEXTS = ['order placed|stock updated', 'request served', 'cache refreshed', 'error: payment provider timed out', 'important: certificate ends in 9 days', 'session opened']

/** Makes lines of a small shop, for a page that shows something without a file. */
export function sampleFile (): SampleFile {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-sample-'))
  const path = join(folder, 'sample.log')
  writeFileSync(path, Array.from({ length: LINES }, (_, at) => `${SERVICES[at % SERVICES.length]} ${TEXTS[at * 7 % TEXTS.length]} ${at % 997} ms\n`).join(''))
  return { path, notes: ['a sample run: its lines were made up'], remove: () => { rmSync(folder, { recursive: true, force: true }) } }
}
