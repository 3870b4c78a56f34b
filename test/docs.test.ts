import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { renew, replaceBlock, settingsTable } from '../bin/generate-docs.ts'
import { Settings } from '../schemas/env.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const GENERATOR = join(ROOT, 'bin', 'generate-docs.ts')
const MARKED = '# T\n\n<!-- generated:settings -->\nold\n<!-- /generated:settings -->\n\nend\n'

test('the tables in the README are current', async (t) => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')

  t.match(text, /<!-- generated:settings -->[^]*<!-- generated:routes -->/)
  t.equal(await renew(text), text, 'npm run docs was forgotten')
})

test('every setting has a row with its default and meaning', async (t) => {
  const rows = settingsTable().split('\n').slice(2)

  t.same(rows.map((row) => row.split('`')[1]), Object.keys(Settings.properties))
  t.match(rows[1], /^\| `PORT` \| `8080` \| port to listen on; .*; 0 to 65535 \|$/)
  for (const row of rows) t.match(row, /^\| `[A-Z_]+` \| .+ \| .+ \|$/)
})

test('a block is replaced between its markers, and nothing else', async (t) => {
  t.equal(replaceBlock(MARKED, 'settings', 'new $& $1'), MARKED.replace('old', () => 'new $& $1'))
})

test('a text without its markers, with two or in the wrong order is refused', async (t) => {
  const open = '<!-- generated:x -->'
  const close = '<!-- /generated:x -->'

  for (const text of ['', open, close, `${close} ${open}`, `${open}${open}${close}`, `${open}${close}${close}`]) {
    t.throws(() => replaceBlock(text, 'x', 'new'), { message: /once each/ }, text)
  }
})

test('--check fails on an old README and leaves it alone; without it the README is renewed', async (t) => {
  const file = join(t.testdir({ 'README.md': MARKED }), 'README.md')

  const failure: unknown = await run(process.execPath, [GENERATOR, '--check', file]).catch((error: unknown) => error)
  t.match(failure, { code: 1, stderr: /is not current: run npm run docs/ })
  t.equal(readFileSync(file, 'utf8'), MARKED)

  await run(process.execPath, [GENERATOR, file])
  t.equal(readFileSync(file, 'utf8'), await renew(MARKED))
  t.match(await run(process.execPath, [GENERATOR, '--check', file]), { stderr: '' })
})
