import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { Program } from './program.ts'

const shell = promisify(execFile)
const README = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')

/** Keeps what every curl was answered. */
const KEEPING = 'curl () { command curl -s -w "\\nHTTP %{http_code}\\n" "$@" | tee -a answers; }\n'

test('the lines of the README sign somebody in, invite another, refuse and sign out', async (t) => {
  const cwd = t.testdir()
  const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0' } })
  const address = await service.address()
  const [, lines = ''] = /<!-- run by test\/readme.test.ts -->\n```sh\n([^]*?)```/.exec(README) ?? []

  await shell('sh', ['-c', KEEPING + lines.replaceAll('http://127.0.0.1:8080', address)], { cwd })
  const answers = readFileSync(join(cwd, 'answers'), 'utf8')

  t.same(answers.match(/HTTP \d+/g), ['201', '200', '200', '201', '201', '200', '200', '403', '204', '401'].map((status) => `HTTP ${status}`), answers)
  t.match(answers, /"username":"ann","role":"admin"[^]*"username":"bob","role":"viewer"[^]*has the role viewer; this needs operator/)
})
