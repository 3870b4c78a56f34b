import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import SqliteDatabase from 'better-sqlite3'
import { newEvents } from '../contract/given.ts'
import { backup, restore } from '../../src/cli/backup-commands.ts'
import { auditRecord } from '../../src/access/audit.ts'
import { checkBackup } from '../../src/store/hot/backup/check-backup.ts'
import { restoreBackup } from '../../src/store/hot/backup/restore-backup.ts'
import { takeBackup } from '../../src/store/hot/backup/take-backup.ts'
import { appendAudit } from '../../src/store/hot/access/audit.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { buildStore } from '../helper.ts'
import { Program, run } from '../program.ts'
import { openParts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const NEVER = { now: Date.UTC(2026, 5, 1), signal: new AbortController().signal }

interface Made {
  folder: string
  dataDir: string
  to: string
}

/** A folder with a store of five events, an audit and a secret, and a backup of it. */
async function made (t: Test): Promise<Made> {
  const folder = testFolder(t, { data: {} })
  const dataDir = join(folder, 'data')
  const parts = await openParts(t, { dataDir })
  parts.store(newEvents(5, () => ({})))
  await withDatabase(dataDir, (_, connection) => appendAudit(connection, [auditRecord({ action: 'token.revoke', actor: undefined, from: undefined, target: 'a' }, 1)]))
  await parts.close()
  writeFileSync(join(dataDir, 'jwt.secret'), 'a secret of more than thirty-two bytes', { mode: 0o600 })
  const to = join(folder, 'copy')
  await takeBackup(dataDir, to, NEVER)
  return { folder, dataDir, to }
}

/** Each entry of a folder with its bytes. */
function content (folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).sort().map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

test('a backup is taken beside the service, checked, restored and started, and says ok', async (t) => {
  const cwd = testFolder(t)
  const settings = { PORT: '0', OPS_API_TOKEN: 'token-of-the-test', CANARY_INTERVAL: '0s', WEBHOOK_URL: 'https://example.com/hook' }
  const headers = { authorization: 'Bearer token-of-the-test', 'content-type': 'application/json' }
  const service = new Program(t, ['serve'], { cwd, env: { ...settings, DATA_DIR: join(cwd, 'data') } })
  const stored = await fetch(`${await service.address()}/events`, { method: 'POST', headers, body: '[{"message":"before the backup"},{"message":"and this"}]' })
  t.equal(stored.status, 201)

  const env = { DATA_DIR: join(cwd, 'data') }
  t.match(await run(t, ['backup', 'copy'], { cwd, env }), { code: 0, stdout: /^copy: 2 events, 3 files, \d+ bytes, checked; /, stderr: '' })
  t.match(await run(t, ['restore', 'copy'], { cwd, env }), { code: 1, stdout: '', stderr: /data is not empty .*: a backup is put into an empty data folder alone/ })
  t.match(await run(t, ['restore', 'copy', '--data-dir', 'again'], { cwd, env }), { code: 0, stdout: /^copy is restored into .*again: 2 events/, stderr: '' })
  const again = new Program(t, ['serve'], { cwd, env: { ...settings, DATA_DIR: join(cwd, 'again') } })
  const address = await again.address()
  t.match(await (await fetch(`${address}/events?q=backup`, { headers })).json(), { events: [{ message: 'before the backup' }] })
  const health = await (await fetch(`${address}/health`, { headers })).json()
  t.match(health, { ok: true, checks: { store: { status: 'ok' } } })
  t.match(await run(t, ['audit', 'verify'], { cwd, env: { DATA_DIR: join(cwd, 'again') } }), { code: 0, stdout: /chain whole/ })
})

test('a backup and its check change nothing, and the copy is for its owner alone', async (t) => {
  const { folder, dataDir, to } = await made(t)
  const before = content(dataDir)

  await takeBackup(dataDir, join(folder, 'second'), NEVER)
  const copied = content(to)
  const manifest = await checkBackup(to)

  t.same(content(dataDir), before)
  t.same(content(to), copied)
  t.match(manifest, { events: 5, files: [{ name: 'bellwether.db' }, { name: 'bellwether.db-audit' }, { name: 'jwt.secret' }], made_at: '2026-06-01T00:00:00.000Z' })
  t.same(readdirSync(to).filter((name) => (statSync(join(to, name)).mode & 0o077) !== 0), [])
  t.same(readdirSync(folder).sort(), ['copy', 'data', 'second'], 'nothing is left beside it')
})

test('what is wrong with a backup is found by its check, and not restored', async (t) => {
  const { folder, to } = await made(t)
  const file = join(to, 'bellwether.db')
  const whole = readFileSync(file)
  const manifest = readFileSync(join(to, 'manifest.json'), 'utf8')
  const mend = (): void => {
    rmSync(to, { recursive: true })
    mkdirSync(to)
    for (const [name, bytes] of Object.entries(rest)) writeFileSync(join(to, name), bytes, 'latin1')
  }
  const rest = content(to)
  const harms: ReadonlyArray<[harm: () => void, told: RegExp]> = [
    [() => { writeFileSync(file, Buffer.from(whole.with(whole.length >> 1, (whole[whole.length >> 1] ?? 0) ^ 1))) }, /bellwether\.db was changed or is damaged/],
    [() => truncateSync(file, whole.length >> 1), /bellwether\.db has \d+ bytes, and had \d+/],
    [() => rmSync(file), /bellwether\.db is missing/],
    [() => rmSync(join(to, 'jwt.secret')), /jwt\.secret is missing/],
    [() => rmSync(join(to, 'manifest.json')), /there is no manifest\.json in it: it was broken off/],
    [() => writeFileSync(join(to, 'manifest.json'), manifest.slice(0, 100)), /its manifest\.json is none of ours, or damaged/],
    [() => writeFileSync(join(to, 'manifest.json'), manifest.replace('"jwt.secret"', '"../jwt.secret"')), /is none of ours/],
    [() => writeFileSync(join(to, 'manifest.json'), manifest.replace('"events": 5', '"events": 6')), /it holds 5 events, and held 6/],
    [() => appendFileSync(join(to, 'bellwether.db-wal'), 'log'), /bellwether\.db-wal is not in its manifest/],
    [() => { copyFileSync(file, join(folder, 'else')); rmSync(file); symlinkSync(join(folder, 'else'), file) }, /bellwether\.db is missing/]
  ]

  for (const [harm, told] of harms) {
    harm()
    await t.rejects(checkBackup(to), { code: 'conflict', message: told })
    await t.rejects(restoreBackup(to, join(folder, 'never')), { message: told })
    mend()
  }
  t.match(await checkBackup(to), { events: 5 })
  t.notOk(readdirSync(folder).includes('never'))
})

test('a file of another program is no backup, whatever its manifest says', async (t) => {
  const { to } = await made(t)
  const file = join(to, 'bellwether.db')
  rmSync(file)
  const raw = new SqliteDatabase(file)
  raw.exec('CREATE TABLE notes (text)')
  raw.close()
  const { describeFile } = await import('../../src/store/hot/backup/backup-files.ts')
  const foreign = await describeFile(to, 'bellwether.db')
  const manifest = await import(join(to, 'manifest.json'), { with: { type: 'json' } })
  const files = [foreign, ...manifest.default.files.slice(1)]
  writeFileSync(join(to, 'manifest.json'), JSON.stringify({ ...manifest.default, files }))

  await t.rejects(checkBackup(to), { message: /belongs to another program \(it has the table notes\)/ })
  await t.rejects(checkBackup(file), { message: /it is no folder/ })
})

test('a backup is written over nothing, and needs a store, a place and room', async (t) => {
  const { folder, dataDir, to } = await made(t)
  const taken = (from: string, place: string, signal = NEVER.signal) => takeBackup(from, place, { now: 1, signal })

  await t.rejects(taken(dataDir, to), { code: 'conflict', message: /is there already/ })
  await t.rejects(taken(dataDir, join(folder, 'no', 'where')), { code: 'not_found', message: /there is no folder/ })
  await t.rejects(taken(join(folder, 'copy2'), join(folder, 'third')), { message: /there is no store/ })
  await t.rejects(taken(dataDir, join(folder, 'third'), AbortSignal.abort()), { name: 'AbortError' })
  t.same(readdirSync(folder).sort(), ['copy', 'data'], 'nothing is left of it')
})

test('a backup is restored into no folder that a service has', async (t) => {
  const { folder, to } = await made(t)
  const dataDir = join(folder, 'used')
  mkdirSync(dataDir)
  const { store } = await buildStore(t, { dataDir })

  await t.rejects(restoreBackup(to, dataDir), { code: 'conflict', message: /is not empty/ })
  await t.resolves(store.read('listTokens', undefined))
})

test('a restored store knows that it is newer than an older copy of it', async (t) => {
  const { folder, dataDir, to } = await made(t)
  const place = join(folder, 'place')
  await restoreBackup(to, place)

  t.match(JSON.parse(readFileSync(join(place, 'bellwether.db-marker'), 'utf8')), { audit: 1 })
  const { store } = await buildStore(t, { dataDir: place })
  t.match(await store.read('pageEvents', { where: undefined, range: { from: 0, to: Date.UTC(2201, 0, 1) }, order: 'desc', limit: 9, total: 'exact', cursor: undefined }), { total: { count: 5 } })
  t.same(readFileSync(join(place, 'jwt.secret')), readFileSync(join(dataDir, 'jwt.secret')))
})

test('the commands say how they are used', async (t) => {
  await t.rejects(backup([]), { message: /missing required argument 'to' \(see bellwether backup --help\)/ })
  await t.rejects(restore(['a', 'b']), { message: /too many arguments/ })
})
