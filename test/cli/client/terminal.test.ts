import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { LAUNCHER, Program } from '../../program.ts'
import { testFolder } from '../../support/test-folder.ts'
import { running, serving } from './support.ts'

test('a program that reads no further ends it without a word', async (t) => {
  const it = await running(t)
  await it.store(Array.from({ length: 5_000 }, (_, at) => ({ message: `event ${at} ${'x'.repeat(200)}` })))
  const query = spawn(process.execPath, [LAUNCHER, 'query', '--limit', '100000'], { cwd: it.cwd, env: { PATH: process.env['PATH'], ...it.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = text(query.stderr)
  await once(query.stdout, 'data')
  query.stdout.destroy()

  t.same(await once(query, 'close'), [0, null])
  t.equal(await said, '')
})

test('a terminal gets colours, unless NO_COLOR says otherwise', { skip: process.platform !== 'linux' }, async (t) => {
  const it = await running(t)
  await it.store([{ level: 'error', service: 'shop', message: 'payment failed' }])
  const shown = async (env: Record<string, string>): Promise<string> => {
    const file = join(it.cwd, 'typescript')
    writeFileSync(file, '')
    const terminal = spawn('script', ['-qfec', `'${process.execPath}' '${LAUNCHER}' query service:shop`, file], { cwd: it.cwd, env: { PATH: process.env['PATH'], TERM: 'xterm', ...it.env, ...env }, stdio: 'ignore' })
    await once(terminal, 'close')
    return readFileSync(file, 'utf8')
  }

  // eslint-disable-next-line no-control-regex
  t.match(await shown({}), /\u001b\[31mERROR\u001b\[0m {2}shop/)
  t.match(await shown({ NO_COLOR: '1' }), /Z {2}ERROR {2}shop/)
})

test('Ctrl-C ends a query with 130', async (t) => {
  const asked = Promise.withResolvers<void>()
  const silent = await serving(t, () => asked.resolve())
  const query = new Program(t, ['query', '--url', silent], { cwd: testFolder(t) })
  await asked.promise

  query.signal('SIGINT')

  t.equal(await query.exited(), 130)
  t.equal(query.stderr, '')
})
