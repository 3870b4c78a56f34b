import { statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import { LEVELS } from '../../../../schemas/words.ts'
import { binOf } from '../../../../src/core/time-bins.ts'
import { CommitTimes } from '../../../../src/store/hot/commit-times.ts'
import { keepBudget } from '../../../../src/store/hot/days/budget.ts'
import { listPartitions } from '../../../../src/store/hot/days/partitions.ts'
import { retain } from '../../../../src/store/hot/days/retention.ts'
import { closeHours } from '../../../../src/store/hot/days/rollups.ts'
import { stripsOf } from '../../../../src/store/hot/days/strips.ts'
import { partitionToThin, thin } from '../../../../src/store/hot/days/thinning.ts'
import { type Order, type Range, type Window, windows, within } from '../../../../src/store/hot/days/windows.ts'
import { budgetOf, FreeSpace, type Space } from '../../../../src/store/hot/files/free-space.ts'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { countBy, DAY_MS, HOUR_MS, MINUTE_MS, newEvent, newEvents, type StoredEvent } from '../../../contract/given.ts'
import { testFolder } from '../../../support/test-folder.ts'
import { NOON, openParts, type Parts, patient, ticking } from '../../support.ts'

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

test('a partition goes when its newest event was received longer ago than the age', async (t) => {
  const parts = await openParts(t)
  for (let day = 0; day < 5; day++) {
    parts.clock.ms = NOON + day * DAY_MS
    parts.store([newEvent({ time: NOON + 100 * DAY_MS })])
  }
  const space = new FreeSpace(parts.writer.raw, { file: parts.file, minFreeBytes: 1, now: () => NOON })
  const retainAt = async (now: number): Promise<number[]> =>
    (await retain({ ...parts.writer, appender: parts.appender, space, commits: new CommitTimes() }, { now, maxAgeMs: 3 * DAY_MS })).dropped

  t.same(await retainAt(NOON + 3 * DAY_MS), [])
  t.same(await retainAt(NOON + 3 * DAY_MS + 1), [1])
  t.same(await retainAt(NOON + 6 * DAY_MS - HOUR_MS), [2, 3])
  t.same(await retainAt(NOON + 99 * DAY_MS), [4])
})

test('events are stored on when retention fails half-way', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  // The last is empty, so that its partition stays open.
  parts.store(...['a', 'b', 'c', ''].map((clientId) => [newEvent({ clientId, message: clientId })]))
  const space = new FailingSpace(parts.writer.raw, { file: parts.file, minFreeBytes: 1, now: () => NOON })

  await t.rejects(keepBudget({ ...parts.writer, appender: parts.appender, space, commits: new CommitTimes() }, { maxBytes: 0 }), { message: 'the disk is gone' })
  const [answer] = parts.store([newEvent({ clientId: 'a', message: 'a' }), newEvent({ clientId: 'b', message: 'b' })])

  t.same(answer?.duplicates, [1], 'the first partition was dropped, the second not')
})

test('what is deleted row by row leaves a word index and a catalogue that are whole', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  parts.store(Array.from({ length: 1_500 }, (_, at) => newEvent({ level: at % 2 === 0 ? 'DEBUG' : 'INFO', message: messageAt(at), meta: '{}' })), [newEvent()])

  t.equal(await partitionToThin(parts.writer.db, { level: 'DEBUG', before: NOON }), undefined, 'received just now')
  const n = await partitionToThin(parts.writer.db, { level: 'DEBUG', before: NOON + 2 }) ?? 0
  const first = await thin(parts.writer, { n, after: 0, level: 'DEBUG' })
  t.equal(parts.writer.raw.prepare('SELECT rows FROM partitions WHERE n = ?').pluck().get(n), 1_000, 'a thousand rows were looked at')
  t.equal(await thin(parts.writer, { n, after: await thin(parts.writer, { n, after: first ?? 0, level: 'DEBUG' }) ?? 0, level: 'DEBUG' }), undefined)

  const held = parts.writer.raw.prepare(`SELECT count(*) FROM words_${n} WHERE words_${n} MATCH ?`).pluck()
  t.same(['größe', 'colour', '"超 时"'].map((match) => held.get(match)), [250, 250, 250], 'the index holds the words of what is left, and no others')
  t.doesNotThrow(() => parts.writer.raw.exec(`INSERT INTO words_${n} (words_${n}) VALUES ('integrity-check')`))
  t.equal(parts.writer.raw.pragma('quick_check(1)', { simple: true }), 'ok')
  const bytes = Array.from({ length: 750 }, (_, at) => `${messageAt(2 * at + 1)}{}`.length).reduce((sum, length) => sum + length)
  t.match(parts.writer.raw.prepare('SELECT rows, bytes FROM partitions WHERE n = ?').get(n), { rows: 750, bytes })
  t.equal(parts.writer.raw.prepare(`SELECT sum(count) FROM minutes_${n}`).pluck().get(), 750)
})

function messageAt (at: number): string {
  return [`größe ${at}`, `größe ${at}`, `\u001b[31mcolour\u001b[0m ${at}`, `\u001b[31mcolour\u001b[0m ${at}`, `连接超时 ${at}`, `连接超时 ${at}`][at % 6] ?? ''
}

test('the size of partitions follows the budget that retention is given', async (t) => {
  const parts = await openParts(t)
  const space = new FreeSpace(parts.writer.raw, { file: parts.file, minFreeBytes: 1, now: () => NOON })
  const partitions = () => parts.writer.raw.prepare('SELECT count(*) FROM partitions').pluck().get()
  parts.store([newEvent()], [newEvent()])
  t.equal(partitions(), 1)

  await keepBudget({ ...parts.writer, appender: parts.appender, space, commits: new CommitTimes() }, { maxBytes: 1e9, partitionBytes: 1 })
  parts.store([newEvent()], [newEvent()])

  t.equal(partitions(), 3)
})

/** A disk that answers once. */
class FailingSpace extends FreeSpace {
  #looks = 0

  override look (): Space {
    if (++this.#looks > 1) throw new Error('the disk is gone')
    return super.look()
  }
}

test('minutes count every event of every commit once, by level and service; hours too when the partition is closed', async (t) => {
  const parts = await openParts(t)
  const event = fc.record({
    time: fc.oneof(fc.integer({ min: NOON - 2 * HOUR_MS, max: NOON + HOUR_MS }), fc.constantFrom(0, NOON - 1, NOON, NOON + MINUTE_MS - 1)),
    level: fc.constantFrom(...LEVELS),
    service: fc.constantFrom(null, 'a', 'b', 'c')
  }).map(newEvent)
  parts.store(...fc.sample(fc.array(event, { minLength: 1, maxLength: 40 }), { numRuns: 30, seed: 1 }))
  const all: StoredEvent[] = parts.writer.raw.prepare<[], StoredEvent>('SELECT time, level, service_id AS service FROM events_1').all()

  closeHours(parts.writer.raw, 1)

  for (const [table, width] of [['minutes_1', MINUTE_MS], ['hours_1', HOUR_MS]] as const) {
    const expected = countBy(all, ({ time, level, service }) => `${time - time % width} ${level} ${service ?? 0}`)
    t.same(rollup(parts, table), expected, table)
  }
  t.ok(all.length > 100, `${all.length} events`)
})

function rollup ({ writer }: Parts, table: string): Record<string, number> {
  return Object.fromEntries(writer.raw.prepare<[], [string, number]>(`SELECT bucket || ' ' || level || ' ' || service_id, count FROM ${table}`).raw().all())
}

const WIDTHS = { hours: HOUR_MS, minutes: MINUTE_MS, rows: 1 }
const ms = fc.oneof(fc.nat(6 * HOUR_MS), fc.nat(360).map((minute) => minute * MINUTE_MS), fc.nat(6).map((hour) => hour * HOUR_MS))
const binMs = fc.oneof(fc.constantFrom(1_000, 90_000, MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS), fc.integer({ min: 1_000, max: 9 * HOUR_MS }))

test('strips tile a range, newest first, in whole units of which each lies in one bin', async (t) => {
  fc.assert(fc.property(ms, ms, ms, binMs, (a, b, c, binMs) => {
    const [offset = 0, from = 0, to = 0] = [a, b, c].sort((a, b) => a - b)
    const range = { from: NOON + from, to: NOON + to }
    const grid = { origin: NOON + offset, binMs }
    const strips = stripsOf(range, grid)

    const isTiled = strips[0]?.to === range.to && strips.at(-1)?.from === range.from && strips.every((strip, at) => at === 0 || strip.to + 1 === strips[at - 1]?.from)
    const isWhole = strips.every(({ kind, from, to }) => from % WIDTHS[kind] === 0 && (to + 1) % WIDTHS[kind] === 0 && from <= to)
    const isInBins = strips.every(({ kind, from, to }) => edges(grid, from, to).every((edge) => edge % WIDTHS[kind] === 0))
    return isTiled && isWhole && isInBins
  }), { numRuns: 300 })
  t.same(stripsOf({ from: NOON, to: NOON - 1 }, { origin: NOON, binMs: 1_000 }), [], 'an empty range has none')
})

test('rows are counted in the minutes alone that an edge cuts, minutes in the hours alone', async (t) => {
  const cut = { from: NOON + HOUR_MS - 90_000, to: NOON + 3 * HOUR_MS + 90_000 - 1 }

  t.same(stripsOf(cut, { origin: NOON, binMs: HOUR_MS }), [
    { kind: 'rows', from: NOON + 3 * HOUR_MS + MINUTE_MS, to: cut.to },
    { kind: 'minutes', from: NOON + 3 * HOUR_MS, to: NOON + 3 * HOUR_MS + MINUTE_MS - 1 },
    { kind: 'hours', from: NOON + HOUR_MS, to: NOON + 3 * HOUR_MS - 1 },
    { kind: 'minutes', from: NOON + HOUR_MS - MINUTE_MS, to: NOON + HOUR_MS - 1 },
    { kind: 'rows', from: cut.from, to: NOON + HOUR_MS - MINUTE_MS - 1 }
  ])
})

/** The starts of bins within a strip; its own is one of its edges anyway. */
function edges (grid: { origin: number, binMs: number }, from: number, to: number): number[] {
  const found: number[] = []
  for (let edge = binOf(grid, from) + grid.binMs; edge <= to; edge += grid.binMs) found.push(edge)
  return found
}

const ROWS = 9_000
const FEWEST = 4_000
const SLOW_MS = 100

test('windows tile what there is of the range, once and in order, however fast the search is', async (t) => {
  const parts = await openParts(t, { partitionBytes: 1 })
  const groups = [
    newEvents(ROWS, (index) => ({ time: NOON + Math.floor(index / 7) })),
    newEvents(ROWS, (index) => ({ time: NOON + 500 + (index % 3) * 400 })),
    newEvents(ROWS, (index) => ({ time: NOON + 1_000 + index }))
  ]
  parts.store(...groups)
  const times = groups.flat().map(({ time }) => time)
  const held = { from: Math.min(...times), to: Math.max(...times) }
  const bound = fc.oneof(fc.integer({ min: -10, max: 10_100 }).map((at) => NOON + at), fc.constantFrom(0, held.from, held.to, held.to + 1e9))

  await fc.assert(fc.asyncProperty(bound, bound, fc.constantFrom('asc', 'desc'), fc.boolean(), async (a, b, order, isSlow) => {
    const range = { from: Math.min(a, b), to: Math.max(a, b) }
    const found = await tile(parts, range, { order, isSlow })
    const ordered = order === 'asc' ? found : found.toReversed()
    const counts = found.map((window) => countIn(times, window))

    const isWhole = countIn(times, range) === counts.reduce((sum, count) => sum + count, 0)
    const isSeamless = ordered.every(({ from, to }, at) => from <= to && (at === 0 || from === (ordered[at - 1]?.to ?? 0) + 1))
    const isInside = ordered.every(({ from, to }) => from >= Math.max(range.from, held.from) && to <= Math.min(range.to, held.to))
    const namesAll = found.every((window) => groups.every((group, at) => countIn(group.map(({ time }) => time), window) === 0 || window.partitions.some(({ n }) => n === at + 1)))
    return isWhole && isSeamless && isInside && namesAll
  }), { numRuns: 40 })
})

test('a window holds the fewest rows while the search is slow, and more and more while it is quick', async (t) => {
  const parts = await openParts(t)
  const times = newEvents(10 * FEWEST, (index) => ({ time: NOON + index }))
  parts.store(times)
  const range = { from: 0, to: NOON + 1e9 }
  const sizes = async (isSlow: boolean): Promise<number[]> => (await tile(parts, range, { order: 'desc', isSlow })).map(({ from, to }) => to - from + 1)

  t.same(await sizes(true), [...Array.from({ length: 9 }, () => FEWEST + 1), 10 * FEWEST - 9 * (FEWEST + 1)])
  t.same(await sizes(false), [FEWEST + 1, 8 * FEWEST + 1, FEWEST - 2])
})

test('all events of one time are in one window', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(3 * FEWEST, () => ({ time: NOON })), newEvents(1, () => ({ time: NOON - 5 })))

  const found = await tile(parts, { from: 0, to: NOON + 5 }, { order: 'desc', isSlow: true })

  t.same(found.map(({ from, to }) => [from, to]), [[NOON, NOON], [NOON - 5, NOON - 1]])
})

test('without a partition in the range there is no window', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(3, () => ({ time: NOON })))

  for (const range of [{ from: NOON + 1, to: NOON + 2 }, { from: 0, to: NOON - 1 }, { from: NOON, to: NOON - 1 }]) {
    t.same(await tile(parts, range, { order: 'asc', isSlow: false }), [])
  }
})

test('a search that is late is cut between two windows, but not behind the last', async (t) => {
  const parts = await openParts(t)
  parts.store(newEvents(FEWEST + 2, (index) => ({ time: NOON + index })))
  const { db } = parts.reading()
  const partitions = await listPartitions(db)
  const take = async (range: Range): Promise<number> => {
    let count = 0
    for await (const window of windows({ db, guard: ticking(1, 0), partitions, range, order: 'asc' })) count += window.partitions.length
    return count
  }

  await t.rejects(take({ from: NOON, to: NOON + FEWEST + 1 }), { code: 'timeout' })
  t.equal(await take({ from: NOON, to: NOON + FEWEST }), 1)
})

async function tile ({ reading }: Parts, range: Range, { order, isSlow }: { order: Order, isSlow: boolean }): Promise<Window[]> {
  const { db } = reading()
  const partitions = within(await listPartitions(db), range)
  const found: Window[] = []
  for await (const window of windows({ db, guard: isSlow ? ticking(SLOW_MS) : patient(), partitions, range, order })) found.push(window)
  return found
}

function countIn (times: readonly number[], { from, to }: Range): number {
  return times.filter((time) => time >= from && time <= to).length
}
