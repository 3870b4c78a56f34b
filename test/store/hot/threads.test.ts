import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { test, type Test } from 'tap'
import { insertToken, listTokens, revokeToken } from '../../../src/store/hot/access/tokens.ts'
import { CommitTimes } from '../../../src/store/hot/commit-times.ts'
import { Guard } from '../../../src/store/hot/guard.ts'
import { withDatabase } from '../../../src/store/hot/offline.ts'
import { Readers } from '../../../src/store/hot/readers.ts'
import { Thread } from '../../../src/store/hot/thread.ts'
import type { WriterOptions } from '../../../src/store/hot/writer-thread.ts'
import { allEvents, newEvent, newEvents, submission } from '../../contract/given.ts'
import { buildStore } from '../../helper.ts'
import { testFolder } from '../../support/test-folder.ts'
import { until } from '../../support/until.ts'
import { appendedOf, openParts } from '../support.ts'

test('each commit is timed, also one that fails, until they are taken', async (t) => {
  const times = new CommitTimes()

  t.equal(times.measure(() => 'stored'), 'stored')
  t.throws(() => times.measure(() => { throw new Error('disk') }), { message: 'disk' })

  const taken = times.take()
  t.equal(taken.length, 2)
  t.ok(taken.every((seconds) => seconds >= 0))
  t.same(times.take(), [])
})

test('what nobody takes does not pile up', async (t) => {
  const times = new CommitTimes()
  for (let n = 0; n < 20_000; n++) times.measure(() => {})

  t.equal(times.take().length, 10_000)
})

const WRITERS = 500

test('appends that come at once are all answered, with ids that grow in the order of the calls', async (t) => {
  const { store } = await buildStore(t, { durability: 'durable' })

  const answers = await Promise.all(newEvents(WRITERS, (index) => ({ message: `from ${index}` })).map((event) => store.append(submission([event]))))

  const ids = answers.flatMap((answer) => answer.ids)
  t.equal(ids.length, WRITERS)
  t.ok(ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? 0)), 'strictly growing')
  const stored = await store.read('eventsSince', { after: 0, where: undefined, limit: WRITERS + 1 })
  t.same(stored.map(({ id, message }) => [id, message]), ids.map((id, at) => [id, `from ${at}`]))
})

test('a submission that cannot be stored does not sink those committed with it', async (t) => {
  const { store } = await buildStore(t)
  const sent = newEvents(20, (index) => ({ clientId: `id-${index % 19}`, service: `s-${index}`, time: index === 7 ? NaN : index }))

  const outcomes = await Promise.allSettled(sent.map((event) => store.append(submission([newEvent(), event]))))

  t.same(outcomes.flatMap(({ status }, at) => status === 'rejected' ? [at] : []), [7])
  const stored = await allEvents(store, { order: 'asc' })
  t.equal(stored.length, 19 + 18, 'two of each good one, but the repeated id')
  t.same(stored.filter(({ service }) => service !== null).map(({ service }) => service).sort(), sent.flatMap(({ service }, at) => at === 7 || at === 19 ? [] : [service]).sort())
})

test('a group with a bad submission leaves counts, words, ids and the catalogue as if that one had not come', async (t) => {
  const { commit, writer } = await openParts(t)
  const good = (message: string) => submission([newEvent({ clientId: message, service: message, message })])
  const bad = submission([newEvent({ clientId: 'lost', service: 'lost', message: 'lost' }), newEvent({ time: NaN })])

  const outcomes = commit(good('one'), bad, good('two'))

  const column = (sql: string) => writer.raw.prepare(sql).pluck().all()
  t.match(outcomes, [{ appended: {} }, { failed: Error }, { appended: {} }])
  t.same(column('SELECT message FROM events_1 ORDER BY id'), ['one', 'two'])
  t.same(column('SELECT client_id FROM keys_1 ORDER BY 1'), ['one', 'two'])
  t.same(column('SELECT name FROM names ORDER BY 1'), ['one', 'token', 'two'])
  t.same(column("SELECT count(*) FROM words_1 WHERE words_1 MATCH 'one OR two OR lost'"), [2])
  t.same(column('SELECT sum(count) FROM minutes_1'), [2])
  t.same(column('SELECT rows FROM partitions'), [2])
})

test('an event may come again after the submission it was in had failed', async (t) => {
  const { commit } = await openParts(t)
  const event = newEvent({ clientId: 'a', service: 'api' })

  const [failed] = commit(submission([event, newEvent({ time: NaN })]))
  const [stored] = commit(submission([event]))

  t.ok(failed !== undefined && 'failed' in failed)
  t.same(appendedOf(stored).duplicates, [])
})

test('a guard lets pass before the deadline and cuts at it', async (t) => {
  let now = 99
  const guard = new Guard(100, () => now)

  await t.resolves(guard.pause())
  t.equal(guard.isLate, false)
  for (now of [100, 101]) {
    await t.rejects(guard.pause(), { code: 'timeout', message: /narrow the time range/, retryAfterSeconds: 1 })
    t.equal(guard.isLate, true)
  }
})

test('a guard that is cancelled cuts at the next pause, in time or not', async (t) => {
  const guard = new Guard(Infinity, () => 0)
  const pausing = guard.pause()

  guard.cancel()

  await t.rejects(pausing, { code: 'timeout', message: /caller left/ })
  await t.rejects(guard.pause(), { code: 'timeout', message: /caller left/ })
  t.equal(guard.isLate, false)
})

test('a pause lets others run', async (t) => {
  const order: string[] = []
  const slice = async (name: string): Promise<void> => {
    const guard = new Guard(Infinity, () => 0)
    for (let step = 1; step <= 2; step++) {
      order.push(name + step)
      await guard.pause()
    }
  }

  await Promise.all([slice('a'), slice('b')])

  t.same(order, ['a1', 'b1', 'a2', 'b2'])
})

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

const WRITER = new URL('../../../src/store/hot/writer-thread.ts', import.meta.url)
const READER = new URL('../../../src/store/hot/reader-thread.ts', import.meta.url)
const on = { death: (error: Error) => { throw error } }
const COUNT = { where: { kind: 'words', words: ['x'], prefix: false }, received: { from: 0, to: 1 }, groupBy: [], most: 1 }

/** Readers of a store that is there, and each thread that they started. */
async function openReaders (t: Test): Promise<{ readers: Readers, threads: Thread[], failNext: () => void }> {
  const options: WriterOptions = { file: join(testFolder(t), 'bellwether.db'), durability: 'fast', partitionBytes: 1e9, minFreeBytes: 1 }
  const writer = await Thread.start(WRITER, options, on)
  const threads: Thread[] = []
  let fails = false
  const start = async (): Promise<Thread> => {
    if (fails) {
      fails = false
      throw new Error('no memory')
    }
    const thread = await Thread.start(READER, { file: options.file }, on)
    threads.push(thread)
    return thread
  }
  const readers = new Readers(await start(), start)
  t.teardown(async () => {
    await readers.close()
    await writer.close()
  })
  return { readers, threads, failNext: () => { fails = true } }
}

function search (readers: Readers): Promise<unknown> {
  return readers.search('countEvents', COUNT, {})
}

test('searches have one thread, which comes with the first and goes when none has come for a while; what is quick needs none', async (t) => {
  const { readers, threads } = await openReaders(t)
  t.same(await readers.look('partitions', undefined, {}), [])
  t.equal(threads.length, 1)

  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  t.same(await Promise.all([search(readers), search(readers)]), [{ rows: [], other: 0 }, { rows: [], other: 0 }])
  mock.timers.tick(29_999)
  await search(readers)
  t.equal(threads.length, 2)
  mock.timers.tick(30_000)
  t.same(await search(readers), { rows: [], other: 0 }, 'while the old one goes, another comes')

  t.equal(threads.length, 3)
  await until(() => isGone(threads[1]))
  t.same(await readers.look('partitions', undefined, {}), [], 'what is quick stays')
})

test('who leaves while the thread starts is answered so, and the search is not begun', async (t) => {
  const { readers } = await openReaders(t)
  const leaving = new AbortController()

  const searching = readers.search('countEvents', COUNT, { signal: leaving.signal })
  leaving.abort()

  await t.rejects(searching, { code: 'timeout', message: 'the caller left' })
})

test('a thread that cannot be started fails who waits for it, and the next search has another', async (t) => {
  const { readers, threads, failNext } = await openReaders(t)
  failNext()

  const failed = await Promise.allSettled([search(readers), search(readers)])

  t.match(failed, [{ reason: { message: 'no memory' } }, { reason: { message: 'no memory' } }])
  t.same(await search(readers), { rows: [], other: 0 })
  t.equal(threads.length, 2)
})

async function isGone (thread: Thread | undefined): Promise<boolean> {
  return await thread?.call('partitions', undefined).then(() => false, () => true) ?? false
}

test('who has no time to wait for the thread of searches is answered by the one that is there', async (t) => {
  const { readers, threads } = await openReaders(t)
  t.same(await readers.search('countEvents', COUNT, { deadline: Date.now() + 1_000 }), { rows: [], other: 0 })
  t.equal(threads.length, 1)
})

test('a search that comes after the end is refused, and starts nothing', async (t) => {
  const { readers, threads } = await openReaders(t)
  await readers.close()
  await t.rejects(search(readers), { code: 'overloaded', message: 'the store is closed' })
  t.equal(threads.length, 1)
})

function writerOptions (dataDir: string): WriterOptions {
  return { file: join(dataDir, 'bellwether.db'), durability: 'fast', partitionBytes: 1e9, minFreeBytes: 1 }
}

test('the death of a thread is told, and all who wait for it or call it later get the reason', async (t) => {
  const deaths: Error[] = []
  const writer = await Thread.start(WRITER, writerOptions(testFolder(t)), { death: (error) => deaths.push(error) })
  t.match(await writer.call('space', undefined), { isLow: false })

  // No caller sends that: it stands for a bug in the thread.
  const fatal = writer.call('append', {}).catch((error: unknown) => error)
  const waiting = writer.call('space', undefined).catch((error: unknown) => error)

  const reason = await fatal
  t.match(reason, TypeError)
  t.equal(await waiting, reason)
  t.same(deaths, [reason])
  await t.rejects(writer.call('space', undefined), TypeError)
  await writer.close()
})

test('an unknown call and a failing one are answered as errors, and the thread lives on', async (t) => {
  const on = { death: (error: Error) => { throw error } }
  const options = writerOptions(testFolder(t))
  const writer = await Thread.start(WRITER, options, on)
  const reader = await Thread.start(READER, { file: options.file }, on)

  await t.rejects(writer.call('nonsense', undefined), { message: 'no write is called nonsense' })
  await t.rejects(reader.call('nonsense', undefined), { message: 'no read is called nonsense' })
  await t.rejects(reader.call('pageEvents', undefined), Error)

  t.match(await writer.call('space', undefined), { isLow: false })
  t.same(await reader.call('partitions', undefined), [])
  await reader.close()
  await writer.close()
})

test('a thread that cannot start says why', async (t) => {
  const on = { death: (error: Error) => { throw error } }

  await t.rejects(Thread.start(READER, { file: join(testFolder(t), 'none.db') }, on), { code: 'overloaded' })
  await t.rejects(Thread.start(WRITER, writerOptions(join(testFolder(t), 'nowhere')), on), { message: /directory does not exist/ })
})

test('many calls to one thread are each answered with their own answer', async (t) => {
  const on = { death: (error: Error) => { throw error } }
  const options = writerOptions(testFolder(t))
  const writer = await Thread.start(WRITER, options, on)
  const token = { name: '', scopes: ['read'], createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null }
  for (let at = 0; at < 5; at++) await writer.call('insertToken', { ...token, id: String(at), hash: String(at) })
  const reader = await Thread.start(READER, { file: options.file }, on)

  const calls = Array.from({ length: 200 }, (_, at) => reader.call('findToken', String(at % 5)))
  const answers = await Promise.all(calls)

  t.match(answers, calls.map((_, at) => ({ id: String(at % 5), scopes: ['read'] })))
  await reader.close()
  await writer.close()
})
