import { join } from 'node:path'
import { Migrator } from 'kysely/migration'
import { test } from 'tap'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { openForWriting } from '../../../../src/store/hot/database.ts'
import { migrate } from '../../../../src/store/hot/migrations/migrate.ts'
import * as foundation from '../../../../src/store/hot/migrations/001-foundation.ts'
import { listTokens } from '../../../../src/store/hot/access/tokens.ts'
import { hasUsers } from '../../../../src/store/hot/access/users.ts'
import { testFolder } from '../../../support/test-folder.ts'

test('the tokens of a store that knew no people are good afterwards, and say nothing of their events', async (t) => {
  const connection = openForWriting(join(testFolder(t), FILE_NAME), 'fast')
  t.teardown(() => connection.close())
  await new Migrator({ db: connection.db, provider: { getMigrations: async () => ({ '001-foundation': foundation }) } }).migrateToLatest()
  connection.raw.exec("INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES ('a', 'old', 'h', 'ingest read', 1)")

  await migrate(connection)

  t.same(await listTokens(connection.db), [{
    id: 'a', name: 'old', hash: 'h', scopes: ['ingest', 'read'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null
  }])
  t.equal(await hasUsers(connection.db), false)
})
