import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import SqliteDatabase from 'better-sqlite3'
import { FILE_NAME } from '../../src/store/checks.ts'
import { migrate } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { withDatabase } from '../../src/store/offline.ts'
import { allEvents, newEvents } from '../contract/given.ts'
import { buildStore } from '../helper.ts'
import { openParts } from './support.ts'

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

test('a store from before there were series keeps its events and takes samples', async (t) => {
  const dataDir = await storeThen(t, `
    DROP TABLE series; DROP TABLE samples; DROP TABLE sample_minutes; DROP TABLE sample_hours;
    DELETE FROM kysely_migration WHERE name > '001-foundation'; PRAGMA user_version = 1`)

  const { store } = await buildStore(t, { dataDir })
  await store.write('appendSamples', { samples: [{ name: 'a', labels: {}, value: 1, time: 5 }], maxSeries: 1 })

  t.equal((await allEvents(store)).length, 10)
  t.same(await store.read('listSeries', {}), [{ name: 'a', labels: {}, first: 5, last: 5 }])
})

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
