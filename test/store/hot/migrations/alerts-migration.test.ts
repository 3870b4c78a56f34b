import { join } from 'node:path'
import { Migrator } from 'kysely/migration'
import { test } from 'tap'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { openForWriting } from '../../../../src/store/hot/database.ts'
import { migrations } from '../../../../src/store/hot/migrations/index.ts'
import * as foundation from '../../../../src/store/hot/migrations/001-foundation.ts'
import { everyEvent, newEvent } from '../../../contract/given.ts'
import { dueIds, tell } from '../../../contract/given-alerts.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'

test('a store of before gets the tables of alerts, and keeps what it holds', async (t) => {
  const dataDir = testFolder(t)
  const old = openForWriting(join(dataDir, FILE_NAME), 'fast')
  const migrator = new Migrator({ db: old.db, provider: { getMigrations: async () => ({ '001-foundation': foundation }) } })
  await migrator.migrateToLatest()
  old.raw.exec("PRAGMA user_version = 1; INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES ('a', 'größe', 'h', 'read', 1)")
  await old.close()

  const { store } = await buildStore(t, { dataDir })

  t.match(await store.read('findToken', 'h'), { name: 'größe' })
  await store.append({ tokenId: 'a', events: [newEvent()], indexes: [0], rejections: [] })
  t.equal((await everyEvent(store)).length, 1)
  t.same(await dueIds(store, ['c']), [], 'no notice comes from nowhere')
  t.same(await dueIds(store, ['d']), [])
  const ids = await tell(store, 'c')
  t.same(await dueIds(store, ['c']), ids)
})

test('channels of before are told links that acknowledge', async (t) => {
  const dataDir = testFolder(t)
  const old = openForWriting(join(dataDir, FILE_NAME), 'fast')
  const known = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '010'))
  await new Migrator({ db: old.db, provider: { getMigrations: async () => known } }).migrateToLatest()
  old.raw.exec(`PRAGMA user_version = 9; INSERT INTO channels (id, name, kind, url, enabled, failures, held_until, fixed, created_at, updated_at)
    VALUES ('c', 'team', 'slack', 'https://example.com', 1, 0, 0, 0, 1, 1)`)
  await old.close()

  const { store } = await buildStore(t, { dataDir })

  t.match(await store.read('deliveryChannels', undefined), [{ name: 'team', ackLinks: true }])
})
