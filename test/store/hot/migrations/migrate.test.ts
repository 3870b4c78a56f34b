import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { test, type Test } from 'tap'
import { openForWriting } from '../../../../src/store/hot/database.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import * as foundation from '../../../../src/store/hot/migrations/001-foundation.ts'
import { migrations } from '../../../../src/store/hot/migrations/index.ts'
import { migrate } from '../../../../src/store/hot/migrations/migrate.ts'
import { withDatabase } from '../../../../src/store/hot/offline.ts'
import type { Tables } from '../../../../src/store/hot/tables.ts'
import { dueIds, tell } from '../../../contract/given-alerts.ts'
import { allEvents, everyEvent, newEvent, newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'
import { NOON, openParts } from '../../support.ts'
import { layOldPartition } from '../days/old-partition.ts'

const VERSION = Object.keys(migrations).length
/** Those that versions ran statement by statement. */
const UNSAFE = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '006'))

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

for (const [what, sql] of Object.entries(NEWER)) {
  test(`a store with ${what}, killed with its log not yet folded in, is refused, and the log not changed either`, async (t) => {
    const dataDir = await storeThen(t, 'PRAGMA user_version')
    const files = ['', '-wal'].map((companion) => join(dataDir, FILE_NAME + companion))
    const killed = new SqliteDatabase(join(dataDir, FILE_NAME))
    killed.exec(sql)
    const bytes = files.map((file) => readFileSync(file))
    killed.close()
    for (const [at, file] of files.entries()) writeFileSync(file, bytes[at] ?? '')

    await t.rejects(buildStore(t, { dataDir }), { code: 'conflict', message: /nothing was changed/ }, 'by the service')
    await t.rejects(withDatabase(dataDir, async () => undefined), { code: 'conflict', message: /nothing was changed/ }, 'by the command line')

    t.ok((bytes[1]?.length ?? 0) > 0, 'there is a log')
    t.same(files.map((file) => readFileSync(file)), bytes)
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

test('a migration that fails leaves the store as it was, and its cause is told', async (t) => {
  const { raw, db } = await storeAfter(t, Object.keys(UNSAFE).length)
  const before = schemaOf(raw)
  raw.exec('PRAGMA max_page_count = 1')

  await t.rejects(migrate({ raw, db }), { code: 'internal', message: /could not be brought up to date: .*full.*; nothing was changed/ })

  t.equal(raw.pragma('user_version', { simple: true }), 0)
  t.same(schemaOf(raw), before)
})

test('a store that a kill left at any statement of a migration is finished', async (t) => {
  const whole = new SqliteDatabase(':memory:')
  await migrate(connectionOf(whole))
  const unfinished: number[] = []
  let statement = 0

  for (let isCut = true; isCut; statement++) {
    const raw = new SqliteDatabase(':memory:')
    isCut = await migrateUntil(raw, statement)
    await migrate(connectionOf(raw)).catch(() => {})
    if (JSON.stringify(schemaOf(raw)) !== JSON.stringify(schemaOf(whole))) unfinished.push(statement)
  }

  t.ok(statement > 50, `${statement} places`)
  t.same(unfinished, [])
})

test('a table that no kill explains is left alone, and named', async (t) => {
  const { raw, db } = await storeAfter(t, 5)
  raw.exec("INSERT INTO settings VALUES ('a', '1', 1); DELETE FROM kysely_migration WHERE name >= '004'")
  const before = schemaOf(raw)

  await t.rejects(migrate({ raw, db }), { code: 'conflict', message: /its table settings, which holds rows: .*nothing was changed/ })

  t.same(schemaOf(raw), before)
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

/** As the first versions did it, up to the statement at which it is killed; false when it came to its end before. */
async function migrateUntil (raw: SqliteDatabase.Database, statement: number): Promise<boolean> {
  let count = 0
  const killed = new Error('killed')
  const prepare = (sql: string): SqliteDatabase.Statement => {
    if (count++ >= statement) throw killed
    return raw.prepare(sql)
  }
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: { prepare, close: () => {} } }) })
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => UNSAFE } }).migrateToLatest().catch((error: unknown) => ({ error }))
  return error === killed
}

function connectionOf (raw: SqliteDatabase.Database): Parameters<typeof migrate>[0] {
  return { raw, db: new Kysely<Tables>({ dialect: new SqliteDialect({ database: raw }) }) }
}

function schemaOf (raw: SqliteDatabase.Database): unknown[] {
  return raw.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT GLOB 'kysely*' AND name NOT GLOB 'sqlite*' ORDER BY name").all()
}

/** A store in memory as the first versions left it after so many migrations. */
async function storeAfter (t: Test, version: number): Promise<Parameters<typeof migrate>[0]> {
  const raw = new SqliteDatabase(':memory:')
  t.teardown(() => raw.close())
  const { db } = connectionOf(raw)
  const known = Object.fromEntries(Object.entries(UNSAFE).slice(0, version))
  await new Migrator({ db, provider: { getMigrations: async () => known } }).migrateToLatest()
  return { raw, db }
}
test('letters of scripts without blanks are found in an old store, whose word index does not know them', async (t) => {
  const { store } = await buildStore(t, { dataDir: await storeOf(t, 5) })
  await store.append(submission([newEvent({ time: NOON, message: '新的连接超时' })]))

  for (const [q, found] of [['超时', ['新的连接超时', '连接超时']], ['连接 -新的', ['连接超时']], ['message', Array(9).fill(/^message/)]] as const) {
    t.match((await allEvents(store, { q })).map(({ message }) => message), found, q)
  }
})

test('the ids of an old store are known: the same event is a duplicate, another one is stored beside it', async (t) => {
  const { store } = await buildStore(t, { dataDir: await storeOf(t, 5) })
  const send = (message: string) => store.append(submission([newEvent({ time: NOON, clientId: 'old-3', message })]))

  const [same, other] = [await send('message 3'), await send('another')]

  t.match(same, { ids: [NOON * 1024 + 3], duplicates: [0], renamed: [] })
  t.match(other, { duplicates: [], conflicts: [], renamed: [0] })
  t.match(await store.read('getEvent', 'old-3'), { message: 'message 3' })
  t.match(await store.read('getEvent', String(other.ids[0])), { message: 'another', meta: '{"event_id":"old-3"}' })
})

test('who made an old token is told by the audit, and who was seen last by the sessions', async (t) => {
  const dataDir = await storeOf(t, 10)
  const raw = new SqliteDatabase(join(dataDir, FILE_NAME))
  raw.exec(`
    INSERT INTO audit VALUES (1, 1, 'token.create', 'user', 'u', 'ann', NULL, 'a', '{}', 'h1'), (2, 2, 'token.revoke', 'user', 'v', 'bob', NULL, 'a', '{}', 'h2');
    INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES ('b', 'older', 'i', 'read', 1);
    INSERT INTO users VALUES ('u', 'ann', 'ann', 'x', 'admin', 1, 1, NULL, 5), ('v', 'bob', 'bob', 'x', 'viewer', 1, 1, NULL, NULL);
    INSERT INTO sessions VALUES ('s', 'u', 1, 'c', 'r', 5, 9000000000000, 7), ('z', 'u', 1, 'd', 'q', 5, 9000000000000, 6)`)
  raw.close()

  const { store } = await buildStore(t, { dataDir })

  t.same((await store.read('listTokens', undefined)).map(({ id, prefix, createdBy }) => [id, prefix, createdBy]), [['a', null, 'ann'], ['b', null, null]])
  t.same((await store.read('listUsers', undefined)).map(({ username, lastSeenAt }) => [username, lastSeenAt]), [['ann', 7], ['bob', null]])
  t.same((await store.read('listSessions', { userId: 'u', now: 8 })).map(({ id, address }) => [id, address]), [['s', null], ['z', null]])
})

/** The folder of a store as the program with the first `version` migrations wrote it. */
async function storeOf (t: Test, version: number): Promise<string> {
  const dataDir = testFolder(t)
  const writer = openForWriting(join(dataDir, FILE_NAME), 'fast')
  const known = Object.fromEntries(Object.entries(migrations).slice(0, version))
  await new Migrator({ db: writer.db, provider: { getMigrations: async () => known } }).migrateToLatest()
  layOldPartition(writer.raw, NOON, Array.from({ length: 10 }, (_, at) => ({ clientId: `old-${at}`, message: at === 9 ? '连接超时' : `message ${at}` })))
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
  // What stayed in the log would be folded in by whoever closes next, and change the header.
  if (raw.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0) throw new Error('the log was not folded in: somebody else has the store open')
  raw.close()
  return join(parts.file, '..')
}

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
