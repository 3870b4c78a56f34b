import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { checkFile, listDamaged } from '../../../../src/store/hot/files/checks.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { allEvents, newEvent, newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { openParts } from '../../support.ts'
import { testFolder } from '../../../support/test-folder.ts'

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
