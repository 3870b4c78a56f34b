import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, statfsSync, statSync, symlinkSync, utimesSync, writeFileSync, writeSync
} from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { ConfigurationError } from '../../../../src/core/errors.ts'
import { listTokens } from '../../../../src/store/hot/access/tokens.ts'
import { checkFile, listDamaged } from '../../../../src/store/hot/files/checks.ts'
import { FreeSpace } from '../../../../src/store/hot/files/free-space.ts'
import { lockFolder } from '../../../../src/store/hot/files/lock.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { withDatabase, withReads } from '../../../../src/store/hot/offline.ts'
import { allEvents, appendAll, newEvent, newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'
import { NOON, openParts } from '../../support.ts'

const HEADER_BYTES = 100

const DAMAGES: Record<string, (file: string) => void> = {
  'overwritten in the middle': (file) => change(file, (fd, size) => writeSync(fd, Buffer.alloc(size >> 1, 0xa5), 0, size >> 1, size >> 2)),
  'cut short': (file) => change(file, (fd, size) => ftruncateSync(fd, size >> 1)),
  'cut to a few bytes': (file) => change(file, (fd) => ftruncateSync(fd, 10)),
  'with a zeroed header': (file) => change(file, (fd) => writeSync(fd, Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)),
  'that is a text': (file) => writeFileSync(file, 'This is no database.\n'.repeat(1_000))
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`a file ${what} is kept aside as it is`, async (t) => {
    const dataDir = await storeOf(t, 500)
    const file = join(dataDir, FILE_NAME)
    damage(file)
    writeFileSync(`${file}-wal`, 'its log')
    const bytes = readFileSync(file)

    const { damage: found } = checkFile(dataDir)

    t.ok(found !== undefined && found.reason !== '', String(found?.reason))
    t.same(readFileSync(found?.keptAs ?? ''), bytes)
    t.ok(existsSync(`${found?.keptAs}-wal`), 'its log stands beside it')
    t.notOk(existsSync(file) || existsSync(`${file}-wal`), 'nothing of it is left in the way')
    t.same(listDamaged(dataDir), [found?.keptAs.slice(dataDir.length + 1)])
  })
}

test('after damage a fresh store works, and the next start finds it healthy', async (t) => {
  const dataDir = await storeOf(t, 500)
  DAMAGES['overwritten in the middle']?.(join(dataDir, FILE_NAME))

  const { store, damage } = await buildStore(t, { dataDir, acceptEmpty: true })
  await store.append(submission([newEvent({ message: 'anew' })]))
  await store.close()
  const second = await buildStore(t, { dataDir })

  t.ok(damage !== undefined)
  t.equal(second.damage, undefined)
  t.same((await allEvents(second.store)).map(({ message }) => message), ['anew'])
  t.equal(listDamaged(dataDir).length, 1)
})

test('a healthy file, an empty one and none at all are left alone', async (t) => {
  const dataDir = await storeOf(t, 500)
  const bytes = readFileSync(join(dataDir, FILE_NAME))
  const empty = testFolder(t, { healthy: {}, empty: { [FILE_NAME]: '' }, none: {} })

  t.equal(checkFile(join(empty, 'none')).damage, undefined)
  t.equal(checkFile(join(empty, 'empty')).damage, undefined)
  t.same(readdirSync(join(empty, 'empty')), [FILE_NAME])
  writeFileSync(join(empty, 'healthy', FILE_NAME), bytes)
  t.equal(checkFile(join(empty, 'healthy')).damage, undefined)
  t.same(readFileSync(join(empty, 'healthy', FILE_NAME)), bytes)
})

test('the log of a process that was killed is no damage, and what it holds is found', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(50, () => ({})))
  const log = readFileSync(`${parts.file}-wal`)
  const bytes = readFileSync(parts.file)
  await parts.close()
  writeFileSync(parts.file, bytes)
  writeFileSync(`${parts.file}-wal`, log)

  const { store, damage } = await buildStore(t, { dataDir: join(parts.file, '..') })

  t.equal(damage, undefined)
  t.equal((await allEvents(store)).length, 50)
})

test('a second damaged file does not take the place of the first', (t) => {
  const dataDir = testFolder(t)
  const file = join(dataDir, FILE_NAME)
  const kept = ['first', 'second'].map((text) => {
    writeFileSync(file, text.repeat(1_000))
    utimesSync(file, 1, 1)
    return checkFile(dataDir).damage?.keptAs ?? ''
  })

  t.match(kept.map((name) => readFileSync(name, 'utf8')), [/^first/, /^second/])
  t.equal(listDamaged(dataDir).length, 2)
  t.end()
})

test('a file that cannot be opened is no damage: it stays, and the reason is told', (t) => {
  const dataDir = testFolder(t, { [FILE_NAME]: { inside: 'a folder in its place' } })

  t.throws(() => checkFile(dataDir), { code: 'invalid', message: /cannot be opened: it is no file/ })

  t.ok(existsSync(join(dataDir, FILE_NAME, 'inside')))
  t.end()
})

async function storeOf (t: Test, count: number): Promise<string> {
  const dataDir = testFolder(t)
  const parts = await openParts(t, { dataDir })
  parts.store(newEvents(count, (index) => ({ message: `message ${index}`, clientId: String(index) })))
  await parts.close()
  return dataDir
}

function change (file: string, how: (fd: number, size: number) => unknown): void {
  const fd = openSync(file, 'r+')
  how(fd, statSync(file).size)
  closeSync(fd)
}

const ENDLESS = Number.MAX_SAFE_INTEGER

test('under the floor events are refused, while reading, tokens and retention go on; above it they are taken again', async (t) => {
  const dataDir = testFolder(t)
  const roomy = await buildStore(t, { dataDir, partitionBytes: 1 })
  await appendAll(roomy.store, [newEvents(3, () => ({ message: 'old' })), newEvents(2, () => ({ message: 'new' }))])
  await roomy.store.close()

  const { store, space } = await buildStore(t, { dataDir, partitionBytes: 1, minFreeBytes: ENDLESS })
  t.equal(space.isLow, true)
  await t.rejects(store.append(submission([newEvent()])), { code: 'no_space', retryAfterSeconds: 5, message: /MIN_FREE_BYTES is 9007199254740991/ })
  t.equal((await allEvents(store)).length, 5)
  t.equal(await store.write('revokeToken', { id: 'x', now: 1 }), false)
  t.match(await store.write('keepBudget', { maxBytes: 0 }), { dropped: 1 })
  t.equal((await allEvents(store)).length, 2)
  await store.close()

  const again = await buildStore(t, { dataDir, partitionBytes: 1 })
  t.equal(again.space.isLow, false)
  t.equal((await again.store.append(submission([newEvent()]))).ids.length, 1)
})

test('the disk is looked at now and then, so that room which comes or goes is noticed', async (t) => {
  const { writer, file } = await openParts(t)
  const options = { file, minFreeBytes: 0, now: () => now }
  let now = NOON
  const space = new FreeSpace(writer.raw, options)

  const steps: Array<[waitMs: number, minFreeBytes: number, isRefused: boolean]> = [
    [0, 0, false], [500, ENDLESS, false], [1, ENDLESS, true], [500, 0, true], [1, 0, false], [-3_600_000, ENDLESS, true]
  ]
  for (const [waitMs, minFreeBytes, isRefused] of steps) {
    now += waitMs
    // The floor moves, since the disk of the machine cannot.
    options.minFreeBytes = minFreeBytes
    t.equal(space.refusal() !== undefined, isRefused, `${waitMs} ms later, floor ${minFreeBytes}`)
  }
})

test('what the store takes, what of it is free again, and the disk are told in bytes', async (t) => {
  const { writer, file, store } = await openParts(t)
  store(newEvents(1_000, () => ({ message: 'x'.repeat(1_000) })))
  const space = new FreeSpace(writer.raw, { file, minFreeBytes: 1, now: () => NOON })
  const full = space.look()

  writer.raw.exec('DROP TABLE events_1')
  const emptied = space.look()

  const { blocks, bsize } = statfsSync(join(file, '..'))
  t.ok(full.storeBytes > 1_000_000)
  t.ok(full.diskFreeBytes > 0 && full.diskFreeBytes < blocks * bsize)
  t.ok(emptied.reusableBytes - full.reusableBytes > 1_000_000)
  t.equal(emptied.usedBytes + emptied.reusableBytes, full.usedBytes + full.reusableBytes)
})

const MODULE = new URL('../../../../src/store/hot/files/lock.ts', import.meta.url).href
const TAKES = `import { lockFolder } from '${MODULE}'
// Kept where no garbage collection finds it.
try { globalThis.lock = lockFolder(process.argv[1]); console.log('held') } catch (error) { console.log(error.code) }`
const KEEPS = `${TAKES}\nsetInterval(() => {}, 1000)`

test('a folder is for one service, until that one is closed', async (t) => {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir })

  await t.rejects(buildStore(t, { dataDir }), { code: 'conflict', message: /another bellwether process uses/ })
  t.equal(takeElsewhere(dataDir), 'conflict', 'for another process, too')
  t.equal((await store.append(submission([newEvent()]))).ids.length, 1, 'the first goes on')
  await store.close()

  t.equal(takeElsewhere(dataDir), 'held')
  await t.resolves(buildStore(t, { dataDir }))
})

test('a process that is killed gives the folder free', async (t) => {
  const dataDir = testFolder(t)
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', KEEPS, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(holder.stdout, 'data')

  t.equal(String(said).trim(), 'held')
  t.throws(() => lockFolder(dataDir), { code: 'conflict' })
  holder.kill('SIGKILL')
  await once(holder, 'exit')

  t.doesNotThrow(() => lockFolder(dataDir).release())
})

test('a start that fails gives the folder free', async (t) => {
  const dataDir = testFolder(t, { 'bellwether.db': { inside: 'a folder in its place' } })

  await t.rejects(buildStore(t, { dataDir }), { code: 'invalid' })

  t.doesNotThrow(() => lockFolder(dataDir).release())
})

test('a folder that cannot be made or written is told with its path', (t) => {
  const root = testFolder(t, { file: 'no folder' })

  t.throws(() => lockFolder(join(root, 'file', 'data')), { code: 'invalid', message: new RegExp(`${root}/file/data cannot be made: it lies below what is no folder`) })
  t.end()
})

test('the folder is made when it is missing', (t) => {
  const dataDir = join(testFolder(t), 'a', 'b')

  lockFolder(dataDir).release()

  t.doesNotThrow(() => writeFileSync(join(dataDir, 'x'), ''))
  t.end()
})

function takeElsewhere (dataDir: string): string {
  return spawnSync(process.execPath, ['--input-type=module-typescript', '-e', TAKES, dataDir], { encoding: 'utf8' }).stdout.trim()
}

/** Each lays something in the way of a store in the folder `data` below `root`. */
const PLACES: Record<string, { lay: (root: string) => void, told: RegExp, isOfService?: boolean }> = {
  'a file in the place of the folder': { lay: (root) => writeFileSync(join(root, 'data'), ''), told: /data cannot be (made|opened): it is no folder/ },
  'a link to nowhere in the place of the folder': { lay: (root) => symlinkSync('/nowhere/at/all', join(root, 'data')), told: /data cannot be made: it is a link to where nothing is/, isOfService: true },
  'a folder in the place of the store': { lay: (root) => mkdirSync(join(root, 'data', FILE_NAME), { recursive: true }), told: /bellwether.db cannot be opened: it is no file/ },
  'a pipe in the place of the store': { lay: (root) => { mkdirSync(join(root, 'data')); spawnSync('mkfifo', [join(root, 'data', FILE_NAME)]) }, told: /bellwether.db cannot be opened: it is no file/ },
  'a link to nowhere in the place of the store': { lay: (root) => { mkdirSync(join(root, 'data')); symlinkSync('gone.db', join(root, 'data', FILE_NAME)) }, told: /is a link to .*gone.db, where nothing is/ },
  'a link to itself in the place of the store': { lay: (root) => { mkdirSync(join(root, 'data')); symlinkSync(FILE_NAME, join(root, 'data', FILE_NAME)) }, told: /is a link to .*, where nothing is/ },
  'a text in the place of the lock': { lay: (root) => { mkdirSync(join(root, 'data')); writeFileSync(join(root, 'data', 'bellwether.lock'), 'no lock at all') }, told: /bellwether.lock is no lock: move away/, isOfService: true },
  'a folder in the place of the lock': { lay: (root) => mkdirSync(join(root, 'data', 'bellwether.lock'), { recursive: true }), told: /bellwether.lock cannot be opened: it is no file/, isOfService: true },
  ...Object.fromEntries(['-wal', '-shm', '-journal', '-audit', '-marker', '-damage', '-draft'].map((companion) => [`a folder in the place of ${FILE_NAME}${companion}`, {
    lay: (root: string) => mkdirSync(join(root, 'data', FILE_NAME + companion), { recursive: true }), told: new RegExp(`bellwether.db${companion} cannot be opened: it is no file`)
  }]))
}

for (const [what, { lay, told, isOfService = false }] of Object.entries(PLACES)) {
  test(`${what} is a fault of the configuration, told with its path, and left`, async (t) => {
    const root = testFolder(t)
    lay(root)
    const dataDir = join(root, 'data')
    const before = readdirSync(root, { recursive: true })
    const refused = async (task: Promise<unknown>): Promise<void> => {
      const error = await task.then(() => undefined, (error: unknown) => error)
      t.ok(error instanceof ConfigurationError, String(error))
      t.match(error, { message: told })
    }

    await refused(buildStore(t, { dataDir, acceptEmpty: true }))
    if (!isOfService) {
      await refused(withDatabase(dataDir, listTokens))
      await refused(withReads(dataDir, async ({ read }) => read('hasUsers', undefined)))
    }

    t.same(readdirSync(root, { recursive: true }).filter((name) => name !== join('data', 'bellwether.lock')), before.filter((name) => name !== join('data', 'bellwether.lock')))
  })
}
