import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { lockFolder } from '../../../../src/store/hot/files/lock.ts'
import { newEvent, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'

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
