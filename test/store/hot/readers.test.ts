import { mock } from 'node:test'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { Readers } from '../../../src/store/hot/readers.ts'
import { Thread } from '../../../src/store/hot/thread.ts'
import type { WriterOptions } from '../../../src/store/hot/writer-thread.ts'
import { until } from '../../support/until.ts'
import { testFolder } from '../../support/test-folder.ts'

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
  const readers = await Readers.open(async () => {
    if (fails) {
      fails = false
      throw new Error('no memory')
    }
    const thread = await Thread.start(READER, { file: options.file }, on)
    threads.push(thread)
    return thread
  })
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
