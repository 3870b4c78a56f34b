import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import SqliteDatabase from 'better-sqlite3'
import { Migrator } from 'kysely/migration'
import { Appender } from '../../src/store/appender.ts'
import { FILE_NAME } from '../../src/store/checks.ts'
import { openForWriting } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { withDatabase } from '../../src/store/offline.ts'
import { pack } from '../../src/store/submission.ts'
import { allEvents, newEvents, submission } from '../contract/given.ts'
import { buildStore } from '../helper.ts'
import { NOON, openParts } from './support.ts'

const VERSION = Object.keys(migrations).length

const NEWER: Record<string, string> = {
  'a higher version': `PRAGMA user_version = ${VERSION + 1}`,
  'an unknown migration': "INSERT INTO kysely_migration (name, timestamp) VALUES ('999-later', '2030-01-01')"
}

for (const [what, sql] of Object.entries(NEWER)) {
  test(`a store with ${what} is refused and not changed`, async (t) => {
    const dataDir = await storeThen(t, sql)
    const bytes = readFileSync(join(dataDir, FILE_NAME))
    const refusal = { code: 'conflict', message: new RegExp(`version ${VERSION + 1}, this program knows ${VERSION}`) }

    await t.rejects(buildStore(t, { dataDir }), refusal, 'by the service')
    await t.rejects(withDatabase(dataDir, async () => undefined), refusal, 'by the command line')

    t.same(readFileSync(join(dataDir, FILE_NAME)), bytes)
  })
}

test('a fresh file reaches the version, and migrating again changes nothing', async (t) => {
  const { writer } = await openParts(t)
  const schema = () => writer.raw.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  const before = schema()

  await migrate(writer)

  t.equal(writer.raw.pragma('user_version', { simple: true }), VERSION)
  t.same(writer.raw.prepare('SELECT name FROM kysely_migration ORDER BY name').pluck().all(), Object.keys(migrations))
  t.same(schema(), before)
})

test('a migration that fails leaves the store as it was', async (t) => {
  const { writer } = await openParts(t)
  writer.raw.exec('DELETE FROM kysely_migration; PRAGMA user_version = 0')

  await t.rejects(migrate(writer), { code: 'internal', cause: /already exists/ }, 'its tables stand there')

  t.equal(writer.raw.pragma('user_version', { simple: true }), 0)
  t.same(writer.raw.prepare('SELECT name FROM kysely_migration').all(), [])
})

for (const [at, name] of Object.keys(migrations).slice(0, -1).entries()) {
  test(`a store that ${name} left is brought up to date, and keeps what it holds`, async (t) => {
    const dataDir = await storeOf(t, at + 1)

    const { store } = await buildStore(t, { dataDir })
    await store.write('appendSamples', { samples: [{ name: 'a', labels: {}, value: 1, time: 5 }], maxSeries: 1 })

    t.equal((await allEvents(store)).length, 10)
    t.match(await store.read('findToken', 'h'), { name: 'größe', service: null })
    t.same(await store.read('listSeries', {}), [{ name: 'a', labels: {}, first: 5, last: 5 }])
  })
}

/** The folder of a store as the program with the first `version` migrations wrote it. */
async function storeOf (t: Test, version: number): Promise<string> {
  const dataDir = t.testdir()
  const writer = openForWriting(join(dataDir, FILE_NAME), 'fast')
  const known = Object.fromEntries(Object.entries(migrations).slice(0, version))
  await new Migrator({ db: writer.db, provider: { getMigrations: async () => known } }).migrateToLatest()
  const appender = new Appender(writer.raw, { partitionBytes: 1e9, now: () => NOON })
  appender.commit([pack(submission(newEvents(10, () => ({}))))])
  writer.raw.exec(`INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES ('a', 'größe', 'h', 'read', 1); PRAGMA user_version = ${version}`)
  await writer.close()
  return dataDir
}

async function storeThen (t: Test, sql: string): Promise<string> {
  const parts = await openParts(t)
  parts.store(newEvents(10, () => ({})))
  await parts.close()
  const raw = new SqliteDatabase(parts.file)
  raw.exec(sql)
  raw.pragma('wal_checkpoint(TRUNCATE)')
  raw.close()
  return join(parts.file, '..')
}
