import { statSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import { test } from 'tap'
import type { AppError } from '../../../src/core/errors.ts'
import { probeStore, Soundness } from '../../../src/store/hot/soundness.ts'
import { storeFault } from '../../../src/store/hot/store-fault.ts'
import { newEvent, submission } from '../../contract/given.ts'
import { buildStore } from '../../helper.ts'
import { until } from '../../support/until.ts'
import { openParts } from '../support.ts'

const codes: Array<[code: string, told: string | undefined, retryAfterSeconds?: number]> = [
  ['SQLITE_FULL', 'no_space', 5],
  ['ENOSPC', 'no_space', 5],
  ['SQLITE_IOERR_FSYNC', 'overloaded', 1],
  ['SQLITE_READONLY_DBMOVED', 'overloaded', 1],
  ['SQLITE_BUSY_SNAPSHOT', 'overloaded', 1],
  ['SQLITE_LOCKED', 'overloaded', 1],
  ['SQLITE_PROTOCOL', 'overloaded', 1],
  ['SQLITE_CANTOPEN', 'overloaded', 1],
  ['SQLITE_CORRUPT_VTAB', 'overloaded', 1],
  ['SQLITE_NOTADB', 'overloaded', 1],
  ['EIO', 'overloaded', 1],
  ['EROFS', 'overloaded', 1],
  ['SQLITE_CONSTRAINT_UNIQUE', undefined],
  ['ERR_INVALID_ARG_TYPE', undefined]
]
for (const [code, told, retryAfterSeconds] of codes) {
  test(`${code} is ${told ?? 'a bug'} for the caller`, async (t) => {
    t.match(storeFault(Object.assign(new Error('x'), { code })), told === undefined ? undefined : { code: told, retryAfterSeconds })
  })
}

test('a fault stands while the probe fails, and each change is told once', async (t) => {
  const told: Array<string | undefined> = []
  let failure: Error | undefined
  const soundness = new Soundness({
    probe: () => { if (failure !== undefined) throw failure },
    onChange: (fault) => told.push(fault?.code)
  })
  const full = Object.assign(new Error('full'), { code: 'SQLITE_FULL' })

  soundness.noticed(full)
  t.equal(soundness.fault, undefined, 'the probe was written')
  failure = full
  soundness.noticed(new TypeError('a bug'))
  t.equal(soundness.fault, undefined, 'a bug is none of the store')
  soundness.noticed(full)
  soundness.noticed(full)
  t.equal(soundness.fault?.code, 'no_space')
  failure = new Error('odd')
  soundness.probe()
  t.equal(soundness.fault?.code, 'overloaded')
  failure = undefined
  soundness.probe()

  t.same(told, ['no_space', 'overloaded', undefined])
})

test('the probe writes into the log, and leaves nothing else', async (t) => {
  const { file, writer, appender, store } = await openParts(t)
  store([newEvent()])
  writer.raw.pragma('wal_checkpoint(TRUNCATE)')
  const rows = () => ['events_1', 'keys_1', 'names', 'minutes_1', 'words_1'].map((table) => writer.raw.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
  const before = rows()

  probeStore(writer.raw, appender)

  t.ok(statSync(`${file}-wal`).size > 4_096)
  t.same(rows(), before)
  t.equal(writer.raw.pragma('synchronous', { simple: true }), 1, 'as it was')
  t.equal(store([newEvent()])[0]?.ids.length, 1)
})

test('the probe meets what an event would meet: a word index that cannot be read', async (t) => {
  const { writer, appender, commit } = await openParts(t)
  commit(submission([newEvent()]))
  writer.raw.unsafeMode().exec('DELETE FROM words_1_data')

  const [outcome] = commit(submission([newEvent()]))

  t.match(outcome, { failed: { code: /^SQLITE_CORRUPT/ } })
  t.throws(() => probeStore(writer.raw, appender), { code: /^SQLITE_CORRUPT/ })
})

test('while another program holds the store one waits for it, the rest is refused at once; then it goes on by itself', async (t) => {
  const { store, file } = await buildStore(t)
  const append = async (): Promise<AppError | undefined> => store.append(submission([newEvent()])).then(() => undefined, (error: AppError) => error)
  await append()
  const other = new SqliteDatabase(file)
  other.exec('BEGIN EXCLUSIVE')

  t.match(await Promise.all([append(), append()]), [{ code: 'overloaded' }, { code: 'overloaded' }])
  t.match(store.fault, /another program holds the store/)
  t.match(await append(), { code: 'overloaded', retryAfterSeconds: 1 })
  await t.rejects(store.write('touchTokens', [{ id: 'x', at: 1 }]), { code: 'overloaded' })
  t.type((await store.write('space', undefined)).storeBytes, 'number', 'what writes nothing goes on')
  other.exec('COMMIT')
  other.close()
  await until(async () => store.fault === undefined)

  t.equal(await append(), undefined)
})
