import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Migrator } from 'kysely/migration'
import { test, type Test } from 'tap'
import { toJsonText } from '../../../../src/core/text/json-text.ts'
import { anchorFile, readAnchor, writeAnchor } from '../../../../src/store/hot/access/audit-anchor.ts'
import { checkAudit } from '../../../../src/store/hot/access/audit-check.ts'
import { appendAudit, audited, hashOf, listAudit, type NewAuditRecord, NO_ENTRY } from '../../../../src/store/hot/access/audit.ts'
import { listTokens } from '../../../../src/store/hot/access/tokens.ts'
import { hasUsers } from '../../../../src/store/hot/access/users.ts'
import { openForWriting } from '../../../../src/store/hot/database.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import * as foundation from '../../../../src/store/hot/migrations/001-foundation.ts'
import { migrations } from '../../../../src/store/hot/migrations/index.ts'
import { migrate } from '../../../../src/store/hot/migrations/migrate.ts'
import { withDatabase } from '../../../../src/store/hot/offline.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'
import { openParts, type Parts } from '../../support.ts'

const ALL = { from: undefined, to: undefined, actor: undefined, actions: undefined, before: undefined, limit: 100 }

function entry (target: string, more: Partial<NewAuditRecord> = {}): NewAuditRecord {
  return { time: 1, action: 'token.create', actor: { kind: 'user', id: 'u1', name: 'Größe' }, from: '127.0.0.1', target, detail: { name: 'x', scopes: ['read'] }, ...more }
}

/** A store with five entries, as one who can open its file finds it. */
async function withFive (t: Test): Promise<Parts & { anchor: string, check: () => ReturnType<typeof checkAudit> }> {
  const parts = await openParts(t)
  for (const target of ['a', 'b', 'c', 'd', 'e']) await appendAudit(parts.writer, [entry(target)])
  const anchor = anchorFile(parts.file)
  const check = () => {
    const head = readAnchor(anchor)
    return checkAudit(parts.writer.db, head === undefined ? [] : [head])
  }
  return { ...parts, anchor, check }
}

/** What somebody does who opened the file and took the guards away. */
function tamper ({ writer }: Pick<Parts, 'writer'>, sql: string): void {
  writer.raw.exec(`DROP TRIGGER audit_update; DROP TRIGGER audit_delete; DROP TRIGGER audit_insert; ${sql}`)
}

test('entries count from one without a hole, and each holds the hash of the one before', async (t) => {
  const { writer, check } = await withFive(t)

  const rows = await writer.db.selectFrom('audit').selectAll().orderBy('id').execute()

  t.same(rows.map(({ id }) => id), [1, 2, 3, 4, 5])
  rows.reduce((before, row) => {
    t.equal(row.hash, hashOf(before, row))
    return row.hash
  }, NO_ENTRY.hash)
  t.same(await check(), { entries: 5, head: { id: 5, hash: rows[4]?.hash }, fault: undefined })
})

test('the newest entries come first, and what was written is what is read', async (t) => {
  const { writer } = await withFive(t)
  const odd = entry('\0 "quoted" \u{1F600}', { actor: null, from: null, detail: { from: 1.5, to: { deep: ['\ud800'] } } })
  await appendAudit(writer, [odd])

  const [newest, ...older] = await listAudit(writer.db, ALL)

  t.match(newest, { id: 6, ...odd })
  t.same(older.map(({ target }) => target), ['e', 'd', 'c', 'b', 'a'])
  t.equal((await checkAudit(writer.db, [])).fault, undefined)
})

test('the table only grows: no statement changes, removes, replaces or puts in', async (t) => {
  const { writer, check } = await withFive(t)
  const values = "1, 'x', '{}', 'h'"

  for (const sql of [
    "UPDATE audit SET target = 'z' WHERE id = 3",
    'DELETE FROM audit',
    'DELETE FROM audit WHERE id = 5',
    `REPLACE INTO audit (id, time, action, detail, hash) VALUES (5, ${values})`,
    `INSERT INTO audit (id, time, action, detail, hash) VALUES (7, ${values})`,
    `INSERT INTO audit (id, time, action, detail, hash) VALUES (0, ${values})`
  ]) t.throws(() => writer.raw.exec(sql), { message: 'the audit only grows' }, sql)

  t.match(await check(), { entries: 5, fault: undefined })
})

const tamperings: Record<string, [sql: string, fault: string]> = {
  'another target': ["UPDATE audit SET target = 'z' WHERE id = 3", 'entry 3 was changed, or put in place of another'],
  'another time': ['UPDATE audit SET time = 2 WHERE id = 1', 'entry 1 was changed, or put in place of another'],
  'another actor': ["UPDATE audit SET actor_id = 'u2' WHERE id = 2", 'entry 2 was changed, or put in place of another'],
  'no address': ['UPDATE audit SET source = NULL WHERE id = 2', 'entry 2 was changed, or put in place of another'],
  'another detail': ["UPDATE audit SET detail = '{}' WHERE id = 5", 'entry 5 was changed, or put in place of another'],
  'another hash': ["UPDATE audit SET hash = '0' WHERE id = 4", 'entry 4 was changed, or put in place of another'],
  'a removed entry': ['DELETE FROM audit WHERE id = 3', 'entry 3 is missing: after 2 comes 4'],
  'a removed first entry': ['DELETE FROM audit WHERE id = 1', 'entry 1 is missing: after 0 comes 2'],
  'entries moved up': ['DELETE FROM audit WHERE id = 2; UPDATE audit SET id = id - 1 WHERE id > 2', 'entry 2 was changed, or put in place of another'],
  'two that changed places': ['UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 9', 'entry 2 was changed, or put in place of another'],
  'one in front': ["INSERT INTO audit (id, time, action, detail, hash) VALUES (0, 1, 'x', '{}', 'h')", 'entry 0 was put in before the first'],
  'one at the end': ["INSERT INTO audit (id, time, action, detail, hash) VALUES (6, 1, 'x', '{}', 'h')", 'entry 6 was changed, or put in place of another'],
  'the newest removed': ['DELETE FROM audit WHERE id = 5', 'entry 5 was written and is not there'],
  'all removed': ['DELETE FROM audit', 'entries 1 to 5 were written and are not there']
}

for (const [what, [sql, fault]] of Object.entries(tamperings)) {
  test(`it is found: ${what}`, async (t) => {
    const five = await withFive(t)

    tamper(five, sql)

    t.equal((await five.check()).fault?.text, fault)
  })
}

test('a chain that was written anew, or cut and written on, is found by the anchor, which the next entry leaves alone', async (t) => {
  const five = await withFive(t)
  const kept = readAnchor(five.anchor)
  tamper(five, 'DELETE FROM audit WHERE id > 3')

  await appendAudit(five.writer, [entry('forged'), entry('forged'), entry('forged')])

  t.same(readAnchor(five.anchor), kept)
  t.equal((await five.check()).fault?.text, 'entry 5 is not the one that was written: it, or one before it, was written anew')
  t.equal((await checkAudit(five.writer.db, [])).fault, undefined, 'by the chain alone it is not')
})

test('the anchor follows each entry, of whichever process, and is behind at most', async (t) => {
  const { file, writer, anchor, check } = await withFive(t)
  t.equal(readAnchor(anchor)?.id, 5)

  await withDatabase(join(file, '..'), (_, connection) => appendAudit(connection, [entry('beside')]))
  t.equal(readAnchor(anchor)?.id, 6)

  const [fifth] = await listAudit(writer.db, { ...ALL, before: 6, limit: 1 })
  writeAnchor(anchor, { id: 5, hash: fifth?.hash ?? '' })
  t.match(await check(), { entries: 6, fault: undefined }, 'a process that was killed before it wrote the anchor does no harm')
  await appendAudit(writer, [entry('next')])
  t.equal(readAnchor(anchor)?.id, 7)
})

test('the anchor is there before the first entry, so that a power cut between the two misses none', async (t) => {
  const { file, writer } = await openParts(t)

  await t.rejects(audited(writer, [entry('x', { detail: { to: 1n } })], async () => {}), /BigInt/)
  t.same(readAnchor(anchorFile(file)), NO_ENTRY, 'laid before what was to follow')
  await appendAudit(writer, [entry('a')])

  t.equal(readAnchor(anchorFile(file))?.id, 1)
  t.equal((await checkAudit(writer.db, [NO_ENTRY])).fault, undefined, 'it did not follow')
})

test('an anchor that is gone or cannot be read is made anew by the next entry', async (t) => {
  const { writer, anchor } = await withFive(t)

  rmSync(anchor)
  t.equal(readAnchor(anchor), undefined)
  await appendAudit(writer, [entry('f')])
  t.equal(readAnchor(anchor)?.id, 6)

  writeFileSync(anchor, `${'7 not a hash'.repeat(20)}\n`)
  t.equal(readAnchor(anchor), undefined)
  await appendAudit(writer, [entry('g')])
  t.equal(readAnchor(anchor)?.id, 7)
})

test('a change and its entry are stored together, or neither is', async (t) => {
  const { writer, anchor, check } = await withFive(t)
  const change = () => writer.db.insertInto('settings').values({ name: 'n', value: toJsonText(1), updated_at: 1 }).execute()

  await t.rejects(audited(writer, [entry('x')], async () => {
    await change()
    throw new Error('no')
  }), { message: 'no' })
  await t.rejects(audited(writer, [entry('x', { detail: { to: 1n } })], change), /BigInt/)

  t.same(await writer.db.selectFrom('settings').selectAll().execute(), [])
  t.match(await check(), { entries: 5, fault: undefined })
  t.equal(readAnchor(anchor)?.id, 5)
  await audited(writer, [entry('x')], change)
  t.match(await check(), { entries: 6, fault: undefined })
})

test('a service and the command line that write at the same time make one chain', async (t) => {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir })
  const byService = Array.from({ length: 20 }, () => store.write('appendAudit', [entry('service')]))
  for (let n = 0; n < 10; n++) await withDatabase(dataDir, (_, connection) => appendAudit(connection, [entry('beside')]))
  await Promise.all(byService)

  t.match(await withDatabase(dataDir, (db) => checkAudit(db, [])), { entries: 30, fault: undefined })
})

test('long chains are checked whole', async (t) => {
  const { writer } = await openParts(t)
  await appendAudit(writer, Array.from({ length: 2_500 }, (_, n) => entry(String(n))))

  t.match(await checkAudit(writer.db, []), { entries: 2_500, fault: undefined })
  tamper({ writer }, "UPDATE audit SET target = 'x' WHERE id = 2400")
  t.match(await checkAudit(writer.db, []), { fault: { kind: 'broken', text: /^entry 2400 was changed/ } })
})

test('a store of before gets the tables, and keeps what it holds', async (t) => {
  const old = openForWriting(join(testFolder(t), FILE_NAME), 'fast')
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '004'))
  await new Migrator({ db: old.db, provider: { getMigrations: async () => before } }).migrateToLatest()
  await old.db.insertInto('names').values({ id: 1, name: 'kept' }).execute()

  await migrate(old)
  await appendAudit(old, [entry('first')])

  t.match(await checkAudit(old.db, []), { entries: 1, fault: undefined })
  t.same(await old.db.selectFrom('names').selectAll().execute(), [{ id: 1, name: 'kept' }])
  await old.close()
})

test('the tokens of a store that knew no people are good afterwards, and say nothing of their events', async (t) => {
  const connection = openForWriting(join(testFolder(t), FILE_NAME), 'fast')
  t.teardown(() => connection.close())
  await new Migrator({ db: connection.db, provider: { getMigrations: async () => ({ '001-foundation': foundation }) } }).migrateToLatest()
  connection.raw.exec("INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES ('a', 'old', 'h', 'ingest read', 1)")

  await migrate(connection)

  t.same(await listTokens(connection.db), [{
    id: 'a', name: 'old', hash: 'h', prefix: null, createdBy: null, scopes: ['ingest', 'read'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null
  }])
  t.equal(await hasUsers(connection.db), false)
})
