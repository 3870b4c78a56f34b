import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { withDatabase } from '../../../src/store/hot/offline.ts'
import { insertToken, listTokens, revokeToken } from '../../../src/store/hot/access/tokens.ts'
import { newEvents, submission } from '../../contract/given.ts'
import { buildStore } from '../../helper.ts'
import { testFolder } from '../../support/test-folder.ts'

const TOKEN = { id: 'a', name: 'made beside', hash: 'h', prefix: 'bw_abcdef', createdBy: 'ann', scopes: ['ingest'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null }

test('what the command line writes beside a running service is seen by it, and the other way round', async (t) => {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir })
  const appends = newEvents(50, () => ({})).map((event) => store.append(submission([event])))

  await withDatabase(dataDir, (db) => insertToken(db, TOKEN))
  t.same(await store.read('findToken', 'h'), TOKEN)
  await store.write('touchTokens', [{ id: 'a', at: 5 }])

  t.same(await withDatabase(dataDir, (db) => listTokens(db)), [{ ...TOKEN, lastUsedAt: 5 }])
  t.equal(await withDatabase(dataDir, (db) => revokeToken(db, { id: 'a', now: 6 })), true)
  t.equal((await store.read('findToken', 'h'))?.revokedAt, 6)
  t.equal((await Promise.all(appends)).length, 50, 'and ingest goes on')
})

test('without a store the command line makes one, which the service then opens', async (t) => {
  const dataDir = join(testFolder(t), 'new')

  await withDatabase(dataDir, (db) => insertToken(db, TOKEN))
  const { store, damage } = await buildStore(t, { dataDir })

  t.equal(damage, undefined)
  t.same(await store.read('listTokens', undefined), [TOKEN])
})

test('a task that fails is told and leaves nothing open', async (t) => {
  const dataDir = testFolder(t)

  await t.rejects(withDatabase(dataDir, async () => { throw new Error('no') }), { message: 'no' })

  t.notOk(existsSync(join(dataDir, 'bellwether.db-wal')), 'the last connection was closed')
})
