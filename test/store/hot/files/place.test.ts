import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { ConfigurationError } from '../../../../src/core/errors.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { withDatabase, withReads } from '../../../../src/store/hot/offline.ts'
import { listTokens } from '../../../../src/store/hot/access/tokens.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'

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
