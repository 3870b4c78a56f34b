import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { OPS_TOKEN } from '../../helper.ts'
import { run } from '../../program.ts'
import { program, serving } from '../client/support.ts'
import { testFolder } from '../../support/test-folder.ts'

/** Each line by its check; of several with the same name the last. */
function linesOf (text: string): Record<string, string> {
  return Object.fromEntries(text.trimEnd().split('\n').map((line) => [line.slice(6, 17).trim(), line]))
}

/** Each entry of a folder with its bytes. */
function content (folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).sort().map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

test('doctor finds nothing to mend before the first start, beside the service, and after its end, and changes nothing', async (t) => {
  const cwd = testFolder(t)
  const before = await run(t, ['doctor', '--port', '0'], { cwd, env: { WEBHOOK_URL: 'https://example.com/hook' } })
  t.match(before, { code: 0, stderr: '' })
  t.notMatch(before.stdout, /FAIL|warn/)
  t.match(linesOf(before.stdout), { node: /^ok {4}node/, store: /the first start makes it/, port: /^ok .*a free one/, channels: /^ok .*1 with/ })
  t.same(readdirSync(cwd), [], 'nothing was made')

  const it = await program(t)
  const asked = { cwd: it.cwd, env: { DATA_DIR: it.dataDir, PORT: new URL(it.address).port, BELLWETHER_TOKEN: OPS_TOKEN } }
  const beside = await run(t, ['doctor'], asked)
  t.match(beside, { code: 0, stderr: '' })
  t.match(linesOf(beside.stdout), { store: /^ok .*opens and passes its check/, marker: /^ok/, port: /^ok .*a Bellwether answers at http/, health: /^warn/, channels: /^warn .*nobody is told of alerts/ })

  it.service.signal('SIGTERM')
  t.equal(await it.service.exited(), 0, 'also right after its first words')
  const files = content(it.dataDir)
  const after = await run(t, ['doctor', '--json'], asked)
  const found = after.stdout.trimEnd().split('\n').map((line) => Object(JSON.parse(line)))
  t.equal(after.code, 0)
  t.match(found.filter(({ check }) => check === 'port'), [{ status: 'ok', text: /is free: the service does not run/ }])
  t.same(content(it.dataDir), files)
})

test('doctor says all that is wrong, each with what to do, and ends with 1', async (t) => {
  const it = await program(t)
  it.service.signal('SIGTERM')
  t.equal(await it.service.exited(), 0, 'also right after its first words')
  const foreign = await serving(t, (_, response) => { response.end('hello') })
  const file = join(it.dataDir, 'bellwether.db')
  truncateSync(file, 8_192)
  chmodSync(join(it.dataDir, 'jwt.secret'), 0o644)
  utimesSync(join(it.dataDir, 'bellwether.lock'), new Date(), new Date(Date.now() + 3_600_000))
  writeFileSync(join(it.dataDir, 'bellwether.db.damaged-1'), '')
  const files = content(it.dataDir)

  const { code, stdout } = await run(t, ['doctor', '--port', new URL(foreign).port], { cwd: it.cwd, env: { DATA_DIR: it.dataDir, RETENTION_DAYS: '0', MIN_FREE_BYTES: '1000TB' } })

  t.equal(code, 1)
  const told = [
    /^FAIL {2}settings {5}1 setting is wrong\n +RETENTION_DAYS: /m, /^FAIL {2}secrets .*jwt\.secret is open to others: chmod 600 it/m, /^FAIL {2}disk .*no event is taken; free some disk/m,
    /^FAIL {2}clock .*bellwether\.lock is of .*set the clock/m, /^FAIL {2}store .*is damaged: .*run bellwether recover/m, /^warn {2}store .*1 damaged stores stand aside/m,
    /^FAIL {2}port .*no Bellwether that answers: stop it, or set PORT/m
  ]
  for (const sentence of told) t.match(stdout, sentence)
  t.same(content(it.dataDir), files, 'and nothing was moved')
})

test('a data folder that cannot be is told', async (t) => {
  const cwd = testFolder(t, { file: '', remains: {} })
  mkdirSync(join(cwd, 'loose'), { mode: 0o755 })
  chmodSync(join(cwd, 'loose'), 0o755)
  writeFileSync(join(cwd, 'remains', 'bellwether.db-audit'), 'x')
  const told = async (dataDir: string) => linesOf((await run(t, ['doctor', '--port', '0', '--data-dir', dataDir], { cwd })).stdout)

  const [file, loose, remains] = await Promise.all(['file', 'loose', 'remains'].map(told))

  t.match(file, { 'data folder': /^FAIL .*is no folder/ })
  t.match(loose, { 'data folder': /^warn .*is open to others: chmod 700 it/ })
  t.match(remains, { store: /^FAIL .*the file is gone/ })
})
