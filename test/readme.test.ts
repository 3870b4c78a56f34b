import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { buildTestApp } from './helper.ts'
import { guest } from './plugins/people.ts'
import { Program } from './program.ts'
import { testFolder } from './support/test-folder.ts'

const shell = promisify(execFile)
const README = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')

const MINUTE = 60_000

/** Keeps what every curl was answered. */
const KEEPING = 'curl () { command curl -s -w "\\nHTTP %{http_code}\\n" "$@" | tee -a answers; }\n'

/** The shell lines below a marker, sent to a service, with what each curl was answered. */
async function runLines (marker: string, { address, cwd, before = '' }: { address: string, cwd: string, before?: string }): Promise<string> {
  const [, lines = ''] = new RegExp(`<!-- run by test/readme.test.ts${marker} -->\\n\`\`\`sh\\n([^]*?)\`\`\``).exec(README) ?? []
  rmSync(join(cwd, 'answers'), { force: true })
  await shell('sh', ['-c', KEEPING + before + lines.replaceAll('http://127.0.0.1:8080', address)], { cwd })
  return readFileSync(join(cwd, 'answers'), 'utf8')
}

function statuses (answers: string): string[] {
  return Array.from(answers.matchAll(/^HTTP (\d+)$/gm), ([, status = '']) => status)
}

test('the lines of the README sign somebody in, invite another, refuse and sign out', async (t) => {
  const cwd = testFolder(t)
  const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0' } })
  const address = await service.address()

  const answers = await runLines('', { address, cwd })

  t.same(statuses(answers), ['201', '200', '200', '201', '201', '200', '200', '403', '204', '401'], answers)
  t.match(answers, /"username":"ann","role":"admin"[^]*"username":"bob","role":"viewer"[^]*has the role viewer; this needs operator/)
})

test('the lines of the README make a rule, replay it, let it fire, show the alert and acknowledge it', async (t) => {
  const cwd = testFolder(t)
  // It begins a while ago, so that a whole window has been seen.
  const clock = { behindMs: 2 * MINUTE, now: () => Date.now() - clock.behindMs }
  const app = await buildTestApp(t, { DATA_DIR: join(cwd, 'data') }, clock)
  const address = await app.listen()
  const ann = await guest(app, 'ann', 'admin')
  const run = { address, cwd, before: `SESSION=${ann.sessionToken}\n` }
  clock.behindMs = 0

  const made = await runLines(': first alert', run)
  await app.service.evaluator.evaluateNow()
  const seen = await runLines(': look at it', run)

  t.same(statuses(made), ['201', '200', '201', '201', '201'], made)
  t.match(made, /"sweep":\[\{"value":1,/)
  t.same(statuses(seen).slice(-2), ['200', '200'], seen)
  t.match(seen, /"message":"payment timed out"[^]*"acknowledged_by":"ann"/)
})
