import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { until } from '../support/until.ts'
import { testFolder } from '../support/test-folder.ts'

const shell = promisify(execFile)
const npm = await shell('npm', ['--version']).then(() => ({}), () => ({ skip: 'no npm on the PATH' }))

test('a signal to npm start reaches the service, which npm has started without a shell between', npm, async (t) => {
  const env = { PATH: process.env['PATH'], HOME: testFolder(t), DATA_DIR: join(t.testdirName, 'data'), PORT: '0' }
  const child = spawn('npm', ['start'], { cwd: join(import.meta.dirname, '..', '..'), env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => { texts.stdout += String(text) })
  child.stderr.on('data', (text) => { texts.stderr += String(text) })
  await until(() => texts.stdout.includes('  data file ') && /"pid":\d+/.test(texts.stderr))
  const [, pid = ''] = /"pid":(\d+)/.exec(texts.stderr) ?? []
  const [, parent] = /^PPid:\t(\d+)$/m.exec(existsSync('/proc') ? readFileSync(`/proc/${pid}/status`, 'utf8') : `PPid:\t${child.pid}`) ?? []

  child.kill('SIGTERM')
  await once(child, 'close')

  t.equal(parent, String(child.pid))
  t.match(texts.stderr, /"signal":"SIGTERM","msg":"stopping"/)
  t.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' })
  t.notOk(existsSync(join(env.DATA_DIR, 'bellwether.db-wal')), 'the store was closed')
})
