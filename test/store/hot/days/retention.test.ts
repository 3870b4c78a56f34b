import { test } from 'tap'
import { keepBudget } from '../../../../src/store/hot/days/budget.ts'
import { CommitTimes } from '../../../../src/store/hot/commit-times.ts'
import { FreeSpace, type Space } from '../../../../src/store/hot/files/free-space.ts'
import { retain } from '../../../../src/store/hot/days/retention.ts'
import { partitionToThin, thin } from '../../../../src/store/hot/days/thinning.ts'
import { DAY_MS, HOUR_MS, newEvent } from '../../../contract/given.ts'
import { NOON, openParts } from '../../support.ts'

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
