import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import { loadSecret } from '../../src/settings/generated-secrets.ts'
import { testFolder } from '../support/test-folder.ts'

const run = promisify(execFile)

const modeOf = (path: string) => statSync(path).mode & 0o777

test('a secret is made once: 32 random bytes, mode 0600, in a folder of mode 0700', async (t) => {
  const dataDir = join(testFolder(t, {}), 'deep', 'data')

  const made = loadSecret(dataDir, 'jwt')

  t.match(made, /^[\w-]{43}$/)
  t.equal(Buffer.from(made, 'base64url').length, 32)
  t.equal(modeOf(dataDir), 0o700)
  t.equal(modeOf(join(dataDir, 'jwt.secret')), 0o600)
  t.same(readdirSync(dataDir), ['jwt.secret'], 'no draft is left behind')
  t.equal(loadSecret(dataDir, 'jwt'), made)
})

test('secrets of different names differ', async (t) => {
  const dataDir = testFolder(t, {})

  t.not(loadSecret(dataDir, 'jwt'), loadSecret(dataDir, 'cursor'))
})

test('a secret that a person wrote is taken without its line end', async (t) => {
  const dataDir = testFolder(t, { 'jwt.secret': `${'k'.repeat(32)}\n` })
  chmodSync(join(dataDir, 'jwt.secret'), 0o600)

  t.equal(loadSecret(dataDir, 'jwt'), 'k'.repeat(32))
})

for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644]) {
  test(`a secret of mode 0${mode.toString(8)} is refused with the chmod to run`, async (t) => {
    const dataDir = testFolder(t, { 'jwt.secret': 'k'.repeat(40) })
    const file = join(dataDir, 'jwt.secret')
    chmodSync(file, mode)

    t.throws(() => loadSecret(dataDir, 'jwt'), { code: 'invalid', message: `mode 0${mode.toString(8)}): run chmod 600 ` })
    t.equal(modeOf(file), mode, 'and left as it is')
  })
}

test('the chmod to run can be pasted when the path has blanks and quotes', async (t) => {
  const dataDir = join(testFolder(t, {}), "it's here")
  loadSecret(dataDir, 'jwt')
  chmodSync(join(dataDir, 'jwt.secret'), 0o644)
  const message = messageOf(() => loadSecret(dataDir, 'jwt'))

  await run('sh', ['-c', message.slice(message.indexOf('chmod 600'))])

  t.equal(modeOf(join(dataDir, 'jwt.secret')), 0o600)
})

for (const text of ['', '\n', 'k'.repeat(31), `${'k'.repeat(31)}   \n`]) {
  test(`a secret of ${text.trim().length} characters in ${text.length} is refused and not shown`, async (t) => {
    const dataDir = testFolder(t, { 'jwt.secret': text })
    chmodSync(join(dataDir, 'jwt.secret'), 0o600)

    const message = messageOf(() => loadSecret(dataDir, 'jwt'))

    t.match(message, /holds less than 32 bytes/)
    t.notMatch(message, /kkk/)
  })
}

test('a folder in the place of a secret is refused, and so is a file in the place of the data folder', async (t) => {
  const folder = testFolder(t, { 'jwt.secret': {}, data: 'a file' })

  t.throws(() => loadSecret(folder, 'jwt'), { code: 'invalid', message: /jwt.secret is no file/ })
  t.throws(() => loadSecret(join(folder, 'data'), 'jwt'), { code: 'invalid', message: /can be neither read nor made/ })
})

test('a draft that a crash left behind does no harm', async (t) => {
  const dataDir = testFolder(t, { 'jwt.secret.1.abc': 'half' })

  t.match(loadSecret(dataDir, 'jwt'), /^[\w-]{43}$/)
})

test('processes that start together get the same secret', async (t) => {
  const dataDir = join(testFolder(t, {}), 'data')
  const module = new URL('../../src/settings/generated-secrets.ts', import.meta.url).href
  const code = `import { loadSecret } from ${JSON.stringify(module)}; process.stdout.write(loadSecret(process.argv[1], 'jwt'))`

  const outputs = await Promise.all(Array.from({ length: 6 }, () =>
    run(process.execPath, ['--input-type=module', '-e', code, dataDir])))

  t.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1)
  t.equal(outputs[0]?.stdout, readFileSync(join(dataDir, 'jwt.secret'), 'utf8'))
  t.same(readdirSync(dataDir), ['jwt.secret'])
})

test('a secret in a removed folder is made anew', async (t) => {
  const dataDir = join(testFolder(t, {}), 'data')
  const first = loadSecret(dataDir, 'jwt')
  rmSync(dataDir, { recursive: true })

  t.not(loadSecret(dataDir, 'jwt'), first)
})

function messageOf (call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}
