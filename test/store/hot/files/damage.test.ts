import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { test, type Test } from 'tap'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { withDatabase } from '../../../../src/store/hot/offline.ts'
import { listTokens } from '../../../../src/store/hot/access/tokens.ts'
import { newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'

const LOG = `${FILE_NAME}-wal`
const WAL_HEADER_BYTES = 32

/** What stands in a folder after a kill: the file as it was at the last checkpoint, and a log with everything since. */
const killed = Promise.withResolvers<Map<string, Buffer>>()

test('a store that is killed leaves its log', async (t) => {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir, durability: 'durable' })
  for (let n = 0; n < 20; n++) await store.append(submission(newEvents(50, (index) => ({ message: `event ${n}.${index}` }))))

  killed.resolve(new Map(readdirSync(dataDir).filter((name) => name.startsWith(`${FILE_NAME}`)).map((name) => [name, readFileSync(join(dataDir, name))])))

  t.ok((await killed.promise).has(LOG))
})

const DAMAGES: Record<string, { change: (dataDir: string) => void, reason: RegExp }> = {
  'that is gone': { change: (dir) => rmSync(join(dir, FILE_NAME)), reason: /the file is gone/ },
  'that is gone with its log': { change: (dir) => remove(dir, FILE_NAME, LOG, `${FILE_NAME}-shm`), reason: /the file is gone, and of an earlier start stands there bellwether.db-marker/ },
  'that is gone with all but a secret': {
    change: (dir) => {
      remove(dir, ...readdirSync(dir))
      writeFileSync(join(dir, 'jwt.secret'), 'k'.repeat(40))
    },
    reason: /the file is gone, and of an earlier start stands there jwt.secret/
  },
  'that is empty': { change: (dir) => truncateSync(join(dir, FILE_NAME), 0), reason: /the file is empty/ },
  'that is empty, without its log': {
    change: (dir) => {
      remove(dir, LOG)
      truncateSync(join(dir, FILE_NAME), 0)
    },
    reason: /the file is empty/
  },
  'without its log': { change: (dir) => remove(dir, LOG), reason: /it ends at .*, and events were stored until .*: its write-ahead log is missing/ },
  'without its log and what describes it': { change: (dir) => remove(dir, LOG, `${FILE_NAME}-shm`), reason: /its write-ahead log is missing/ },
  'whose log is empty': { change: (dir) => truncateSync(join(dir, LOG), 0), reason: /its write-ahead log is missing/ },
  'whose log is cut short': { change: (dir) => truncateSync(join(dir, LOG), 40_000), reason: /its write-ahead log is missing/ },
  'with a byte flipped in the header of its log': { change: (dir) => flip(join(dir, LOG), 20), reason: /its write-ahead log is missing or damaged/ },
  'with a byte flipped in its log': { change: (dir) => flip(join(dir, LOG), WAL_HEADER_BYTES + 60_000), reason: /its write-ahead log is missing or damaged/ },
  'that is another store': { change: (dir) => writeFileSync(join(dir, FILE_NAME), otherStore()), reason: /malformed|pages are damaged|not the store that was here|older/ },
  'that is noise': { change: (dir) => writeFileSync(join(dir, FILE_NAME), Buffer.alloc(50_000, 'noise')), reason: /not a database|malformed/ },
  'that is cut in half': { change: (dir) => truncateSync(join(dir, FILE_NAME), Math.floor(readFileSync(join(dir, FILE_NAME)).length / 2)), reason: /malformed|pages are damaged/ }
}

for (const [what, { change, reason }] of Object.entries(DAMAGES)) {
  test(`a store ${what} does not start as a healthy one, and is kept byte for byte`, async (t) => {
    const dataDir = await crashed(t)
    change(dataDir)
    const before = contents(dataDir)

    await t.rejects(buildStore(t, { dataDir }), { code: 'overloaded', message: reason })
    await t.rejects(buildStore(t, { dataDir }), { code: 'overloaded', message: reason }, 'nor at the next start')
    await t.rejects(withDatabase(dataDir, listTokens), { code: 'conflict', message: /bellwether recover/ }, 'nor for the command line')

    const after = [...contents(dataDir).values()]
    for (const [name, bytes] of before) {
      if (!name.endsWith('-shm')) t.ok(after.some((kept) => kept.equals(bytes)), `${name} is kept`)
    }
    t.notOk(existsSync(join(dataDir, FILE_NAME)), 'nothing stands in its place')
  })
}

const HEALTHY: Record<string, (dataDir: string) => void> = {
  'as it was left': () => {},
  'whose log another program folded in': (dir) => {
    const raw = new SqliteDatabase(join(dir, FILE_NAME))
    raw.pragma('wal_checkpoint(TRUNCATE)')
    raw.close()
  },
  'without a marker, as earlier versions left it': (dir) => remove(dir, `${FILE_NAME}-marker`),
  'with a marker that nobody can read': (dir) => writeFileSync(join(dir, `${FILE_NAME}-marker`), 'noise')
}

for (const [what, change] of Object.entries(HEALTHY)) {
  test(`a store ${what} starts with all that it holds`, async (t) => {
    const dataDir = await crashed(t)
    change(dataDir)

    const { store, damage } = await buildStore(t, { dataDir })

    t.equal(damage, undefined)
    t.match(await store.read('partitions', undefined), [{ rows: 1_000 }])
  })
}

const FOREIGN: Record<string, string> = {
  'with an application_id of its own': 'PRAGMA application_id = 252006673; CREATE TABLE notes (text)',
  'with tables of its own': 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)',
  'that keeps its migrations as we do': "CREATE TABLE kysely_migration (name, timestamp); INSERT INTO kysely_migration VALUES ('2020_notes', 'x'); CREATE TABLE notes (text)"
}

for (const [what, sql] of Object.entries(FOREIGN)) {
  test(`a database ${what} is refused and not changed`, async (t) => {
    const dataDir = testFolder(t)
    const raw = new SqliteDatabase(join(dataDir, FILE_NAME))
    raw.exec(sql)
    raw.close()
    const bytes = readFileSync(join(dataDir, FILE_NAME))
    const refusal = { code: 'invalid', message: /bellwether.db belongs to another program .*nothing was changed/ }

    await t.rejects(buildStore(t, { dataDir, acceptEmpty: true }), refusal)
    await t.rejects(withDatabase(dataDir, listTokens), refusal)

    t.same(readFileSync(join(dataDir, FILE_NAME)), bytes)
  })
}

test('what can be no store is refused and left', async (t) => {
  const folder = testFolder(t, { folder: { [FILE_NAME]: {} }, link: {}, pipe: {} })
  symlinkSync('nowhere.db', join(folder, 'link', FILE_NAME))
  spawnSync('mkfifo', [join(folder, 'pipe', FILE_NAME)])

  await t.rejects(buildStore(t, { dataDir: join(folder, 'folder') }), { message: /cannot be opened: it is no file/ })
  await t.rejects(buildStore(t, { dataDir: join(folder, 'pipe') }), { message: /cannot be opened: it is no file/ })
  await t.rejects(buildStore(t, { dataDir: join(folder, 'link') }), { message: /is a link to .*nowhere.db, where nothing is/ })
  t.notOk(existsSync(join(folder, 'link', 'nowhere.db')))
})

test('a store behind a link is the file that it names, when it is damaged too', async (t) => {
  const folder = testFolder(t, { disk: {}, data: {} })
  symlinkSync(join(folder, 'disk', 'big.db'), join(folder, 'data', FILE_NAME))
  writeFileSync(join(folder, 'disk', 'big.db'), '')
  const { store } = await buildStore(t, { dataDir: join(folder, 'data') })
  await store.close()
  rmSync(join(folder, 'disk', 'big.db'))

  await t.rejects(buildStore(t, { dataDir: join(folder, 'data') }), { message: /the file is gone/ })
  const again = await buildStore(t, { dataDir: join(folder, 'data'), acceptEmpty: true })

  t.equal(again.file, join(folder, 'disk', 'big.db'))
})

test('an operator who accepts it begins with an empty store, once', async (t) => {
  const dataDir = await crashed(t)
  remove(dataDir, LOG)
  await t.rejects(buildStore(t, { dataDir }))

  const { store, damage } = await buildStore(t, { dataDir, acceptEmpty: true })
  await store.append(submission(newEvents(1, () => ({}))))
  await store.close()

  t.match(damage, { reason: /write-ahead log/ })
  const next = await buildStore(t, { dataDir })
  t.equal(next.damage, undefined)
  t.match(await next.store.read('partitions', undefined), [{ n: 1_002, rows: 1 }], 'with room before it for what may be recovered')
})

test('a move that was cut off is gone on with', async (t) => {
  const dataDir = await crashed(t)
  remove(dataDir, LOG)
  await t.rejects(buildStore(t, { dataDir }))
  const note = join(dataDir, `${FILE_NAME}-damage`)
  const kept = readdirSync(dataDir).find((name) => name.endsWith('-marker')) ?? ''
  writeFileSync(note, readFileSync(note, 'utf8').replace('"isMoved":true', '"isMoved":false'))
  copyFileSync(join(dataDir, kept), join(dataDir, `${FILE_NAME}-marker`))
  rmSync(join(dataDir, kept))

  await t.rejects(buildStore(t, { dataDir }), { message: /write-ahead log/ })

  t.ok(existsSync(join(dataDir, kept)))
  t.notOk(existsSync(join(dataDir, `${FILE_NAME}-marker`)))
})

async function crashed (t: Test): Promise<string> {
  const dataDir = testFolder(t)
  for (const [name, bytes] of await killed.promise) writeFileSync(join(dataDir, name), bytes)
  return dataDir
}

function contents (dataDir: string): Map<string, Buffer> {
  return new Map(readdirSync(dataDir).map((name) => [name, readFileSync(join(dataDir, name))]))
}

function remove (dataDir: string, ...names: string[]): void {
  for (const name of names) rmSync(join(dataDir, name), { force: true })
}

function flip (file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(file, bytes)
}

function otherStore (): Buffer {
  const raw = new SqliteDatabase(':memory:')
  raw.exec("CREATE TABLE kysely_migration (name, timestamp); INSERT INTO kysely_migration VALUES ('001-foundation', '2020-01-01')")
  const bytes = raw.serialize()
  raw.close()
  return bytes
}
