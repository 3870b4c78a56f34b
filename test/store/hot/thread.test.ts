import { join } from 'node:path'
import { test } from 'tap'
import { Thread } from '../../../src/store/hot/thread.ts'
import type { WriterOptions } from '../../../src/store/hot/writer-thread.ts'
import { testFolder } from '../../support/test-folder.ts'

const WRITER = new URL('../../../src/store/hot/writer-thread.ts', import.meta.url)
const READER = new URL('../../../src/store/hot/reader-thread.ts', import.meta.url)

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
