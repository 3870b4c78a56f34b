import { statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { test, type Test } from 'tap'
import { keepBudget } from '../../../../src/store/hot/days/budget.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { CommitTimes } from '../../../../src/store/hot/commit-times.ts'
import { budgetOf, FreeSpace, type Space } from '../../../../src/store/hot/files/free-space.ts'
import { newEvent, newEvents } from '../../../contract/given.ts'
import { NOON, openParts, type Parts } from '../../support.ts'
import { testFolder } from '../../../support/test-folder.ts'

const MEGABYTE = 1_000_000

/** Fills a store with some 7 MB, in partitions of some 1 MB. */
async function filled (t: Test, dataDir = testFolder(t)): Promise<Parts & { keep: (maxBytes: number) => Promise<{ dropped: number[], space: Space }> }> {
  const parts = await openParts(t, { dataDir, partitionBytes: MEGABYTE })
  for (let commit = 0; commit < 12; commit++) parts.store(newEvents(1_000, (at) => ({ message: `number ${at * 7919 + commit} ${'x'.repeat(300)}` })))
  const space = new FreeSpace(parts.writer.raw, { file: parts.file, minFreeBytes: 1, now: () => NOON })
  return { ...parts, keep: async (maxBytes) => keptTo({ ...parts.writer, appender: parts.appender, space, commits: new CommitTimes() }, maxBytes) }
}

async function keptTo (context: Parameters<typeof keepBudget>[0], maxBytes: number): Promise<{ dropped: number[], space: Space }> {
  const dropped: number[] = []
  for (;;) {
    const step = await keepBudget(context, { maxBytes })
    if (step.dropped !== undefined) dropped.push(step.dropped)
    if (step.isDone) return { dropped, space: step.space }
  }
}

function bytesOnDisk (file: string): number {
  return statSync(file).size + statSync(`${file}-wal`).size
}

test('the file and its log are within the budget on the disk, and what is left is whole', async (t) => {
  const { file, writer, store, keep } = await filled(t)
  const before = bytesOnDisk(file)

  const { dropped, space } = await keep(4 * MEGABYTE)

  t.ok(before > 6 * MEGABYTE)
  t.ok(bytesOnDisk(file) <= 4 * MEGABYTE, `${bytesOnDisk(file)} bytes`)
  t.equal(space.storeBytes, bytesOnDisk(file))
  t.same(dropped, dropped.map((_, at) => at + 1), 'the oldest first')
  t.equal(writer.raw.pragma('quick_check', { simple: true }), 'ok')
  t.equal(store([newEvent()])[0]?.ids.length, 1)
})

test('within the budget nothing is given back, since free pages take what comes', async (t) => {
  const { file, keep } = await filled(t)
  const { storeBytes } = (await keep(100 * MEGABYTE)).space

  t.equal(bytesOnDisk(file), storeBytes)
  t.same((await keep(storeBytes)).dropped, [])
})

test('a file of before, which could not shrink, is written anew and shrinks', async (t) => {
  const dataDir = testFolder(t)
  const old = new SqliteDatabase(join(dataDir, FILE_NAME))
  old.exec('PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL; CREATE TABLE old (n)')
  old.close()
  const { file, writer, keep } = await filled(t, dataDir)
  t.equal(writer.raw.pragma('auto_vacuum', { simple: true }), 0)

  await keep(4 * MEGABYTE)

  t.ok(bytesOnDisk(file) <= 4 * MEGABYTE, `${bytesOnDisk(file)} bytes`)
  t.equal(writer.raw.pragma('auto_vacuum', { simple: true }), 2)
})

const disks: Array<[what: string, given: { maxBytes: number, storeBytes: number, minFreeBytes: number, total: number, free: number }, budget: number]> = [
  ['a large disk', { maxBytes: 10, storeBytes: 5, minFreeBytes: 1, total: 1_000, free: 900 }, 10],
  ['a small one, of the store alone', { maxBytes: 10_000, storeBytes: 100, minFreeBytes: 100, total: 300, free: 200 }, 160],
  ['one that others fill in part', { maxBytes: 10_000, storeBytes: 100, minFreeBytes: 100, total: 300, free: 100 }, 80],
  ['one that others fill', { maxBytes: 10_000, storeBytes: 100, minFreeBytes: 100, total: 300, free: 0 }, 50],
  ['a floor above the disk', { maxBytes: 10_000, storeBytes: 100, minFreeBytes: 400, total: 300, free: 100 }, 10_000]
]
for (const [what, { total, free, ...rest }, budget] of disks) {
  test(`the budget on ${what} is ${budget}`, async (t) => {
    t.equal(budgetOf({ ...rest, disk: { totalBytes: total, freeBytes: free } }), budget)
  })
}

test('free pages count as room above the floor', async (t) => {
  const { file, writer } = await filled(t)
  writer.raw.exec('DROP TABLE events_1')
  const options = { file, minFreeBytes: 0, now: () => NOON }
  const space = new FreeSpace(writer.raw, options)
  const { diskFreeBytes, reusableBytes } = space.look()

  for (const [share, isLow] of [[0.5, false], [1_000, true]] as const) {
    options.minFreeBytes = diskFreeBytes + share * reusableBytes
    t.equal(space.look().isLow, isLow, `a floor of the disk and ${share} of the free pages`)
  }
})
