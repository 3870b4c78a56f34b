import type SqliteDatabase from 'better-sqlite3'
import type { Appended } from '../../../../schemas/submission.ts'
import { Imports } from '../days/imports.ts'
import { NameBook } from './names.ts'
import { OpenPartition } from '../days/open-partition.ts'
import { IDS_PER_MS, receivedAt } from '../../../core/row-ids.ts'
import { KeyBook, type SentKey } from './key-book.ts'
import { metaWithId } from './kept-id.ts'
import { dayOf, LAYOUT, partitionSchema, type Partition } from '../days/partitions.ts'
import { answerOf, Journal } from './journal.ts'
import { closeHours } from '../days/rollups.ts'
import { isOfOne } from '../store-fault.ts'
import { CELLS, CLIENT_ID, DIGEST, ID_HINT, META, pack, textOf, type Cells, type Outcome, type PackedSubmission } from './submission.ts'

export interface AppenderOptions {
  /** A partition that takes more than this many bytes of the disk is closed and another one begun on the same day. */
  partitionBytes: number
  now: () => number
}

interface KeyedEvent {
  cells: Cells
  at: number
  partition: OpenPartition
  now: number
  /** Takes what became of it. */
  appended: Appended
}

const PARTITION_ROWS = 4_000_000
/** Ids that lead the clock by less are those of many events in a ms, or of a clock that is held right. */
const MOST_LEAD_MS = 1_000

const REHEARSED = pack({
  tokenId: '',
  indexes: [0],
  rejections: [],
  events: [{ time: 0, level: 'ERROR', severity: 'LOW', service: null, type: null, host: null, traceId: 'rehearsal', clientId: 'rehearsal', idHint: null, isTimed: false, message: 'rehearsal', meta: '{}' }]
})

/**
 * Stores submissions in groups, one transaction a group: the disk is synced once for all of them.
 * Owns the newest partition and the sequence of row ids, so there is one of it a file.
 */
export class Appender {
  /** See the option; it may change at run time. */
  partitionBytes: number
  readonly #raw: SqliteDatabase.Database
  readonly #now: () => number
  readonly #names: NameBook
  readonly #journal: Journal
  readonly #imports: Imports
  readonly #keys: KeyBook
  #partition: OpenPartition | undefined
  #lastId: number

  constructor (raw: SqliteDatabase.Database, { partitionBytes, now }: AppenderOptions) {
    this.partitionBytes = partitionBytes
    this.#raw = raw
    this.#now = now
    this.#names = new NameBook(raw)
    this.#journal = new Journal(raw)
    this.#imports = new Imports(raw)
    this.#keys = new KeyBook(raw)
    const newest = newestPartition(raw)
    this.#lastId = Math.max(newest?.last_id ?? 0, lastJournalId(raw))
    if (newest !== undefined) this.#partition = new OpenPartition(raw, newest)
  }

  /** Returns one outcome a submission. A group that cannot be stored whole is tried again one by one, unless each would wait for the same fault. */
  commit (group: readonly PackedSubmission[]): Outcome[] {
    try {
      return this.#transaction(group)
    } catch (error) {
      if (group.length === 1 || !isOfOne(error)) return group.map(() => ({ failed: error }))
      return group.flatMap((submission) => this.commit([submission]))
    }
  }

  /** Goes all the way of an event but its commit, so that what would fail does. */
  rehearse (): void {
    this.#raw.exec('BEGIN IMMEDIATE')
    try {
      const now = this.#now()
      const partition = this.#partitionFor(now)
      this.#append(REHEARSED, partition, now)
      partition.finish()
      // Has the word index written out, which keeps back what is new until then.
      this.#raw.exec('SAVEPOINT rehearsed')
    } finally {
      this.#rollback()
    }
  }

  /** Must be called after partitions were dropped. */
  reopen (): void {
    this.#keys.forgetPartitions()
    const newest = newestPartition(this.#raw)
    this.#partition = newest === undefined ? undefined : new OpenPartition(this.#raw, newest)
  }

  #transaction (group: readonly PackedSubmission[]): Outcome[] {
    this.#raw.exec('BEGIN IMMEDIATE')
    try {
      const now = this.#now()
      const partition = this.#partitionFor(now)
      const outcomes = group.map((submission) => this.#append(submission, partition, now))
      partition.finish()
      this.#raw.exec('COMMIT')
      return outcomes
    } catch (error) {
      this.#rollback()
      throw error
    }
  }

  #rollback (): void {
    if (this.#raw.inTransaction) this.#raw.exec('ROLLBACK')
    this.#names.forget()
    this.reopen()
  }

  #append (submission: PackedSubmission, partition: OpenPartition, now: number): Outcome {
    const earlier = this.#journal.earlierAnswer(submission)
    if (earlier !== undefined) return earlier
    const appended = this.#appendEvents(submission, partition, now)
    if (submission.isImport === true) this.#imports.add(appended)
    const receiptId = submission.receipt === undefined ? null : this.#nextId(now)
    const { leadMs } = partition
    const answer = answerOf(submission, appended, receiptId)
    this.#journal.record({ submission, answer, receiptId, now, leadMs, nextId: () => this.#nextId(now) })
    return { appended: answer }
  }

  #appendEvents ({ tokenId, cells }: PackedSubmission, partition: OpenPartition, now: number): Appended {
    const appended: Appended = { ids: [], duplicates: [], conflicts: [], renamed: [] }
    for (let at = 0; at < cells.length; at += CELLS) {
      const key = this.#keyOf(tokenId, cells, at)
      const id = key === undefined ? partition.insert(this.#nextId(now), cells, at, this.#names) : this.#appendKeyed(key, { cells, at, partition, now, appended })
      appended.ids.push(id)
    }
    return partition.leadMs > 0 ? { ...appended, leadMs: partition.leadMs } : appended
  }

  /** Returns the row, 0 for none. */
  #appendKeyed (key: SentKey, { cells, at, partition, now, appended }: KeyedEvent): number {
    const verdict = this.#keys.judge(key)
    const place = at / CELLS
    if (verdict.kind === 'conflict') {
      appended.conflicts.push(place)
      return 0
    }
    if (!verdict.isNamed) appended.renamed.push(place)
    if (verdict.kind === 'duplicate') {
      appended.duplicates.push(place)
      return verdict.id
    }
    const id = this.#nextId(now)
    if (verdict.isNamed) partition.insert(id, cells, at, this.#names)
    else partition.insert(id, withoutName(cells, at), 0, this.#names)
    this.#keys.add(key, id, verdict.isNamed)
    return id
  }

  #keyOf (tokenId: string, cells: Cells, at: number): SentKey | undefined {
    const clientId = textOf(cells[at + CLIENT_ID])
    if (clientId === null) return undefined
    return { clientId, token: this.#names.idOf(tokenId), digest: String(cells[at + DIGEST]), isStrict: cells[at + ID_HINT] === null }
  }

  #nextId (now: number): number {
    this.#lastId = Math.max(this.#lastId + 1, (now + (this.#partition?.leadMs ?? 0)) * IDS_PER_MS)
    return this.#lastId
  }

  #partitionFor (now: number): OpenPartition {
    const current = this.#partition
    const isOpen = current !== undefined && current.layout === LAYOUT && current.day >= dayOf(now) &&
      current.rows < PARTITION_ROWS && current.sizeBytes < this.partitionBytes && receivedAt(this.#lastId, current.leadMs) - now <= MOST_LEAD_MS
    if (isOpen) return current
    if (current !== undefined) closeHours(this.#raw, current.n)
    const firstId = Math.max(this.#lastId + 1, now * IDS_PER_MS)
    const behind = receivedAt(firstId, now)
    const leadMs = behind > MOST_LEAD_MS ? behind : 0
    const n = Number(this.#raw.prepare(
      'INSERT INTO partitions (day, first_id, last_id, rows, bytes, min_time, max_time, lead_ms, layout) VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?)'
    ).run(dayOf(now), firstId, firstId - 1, now, now, leadMs, LAYOUT).lastInsertRowid)
    this.#raw.exec(partitionSchema(n, leadMs))
    this.reopen()
    if (this.#partition === undefined) throw new Error(`partition ${n} vanished`)
    return this.#partition
  }
}

/** The cells alone of an event that cannot be answered by its own id. A copy: a group that fails is tried again. */
function withoutName (cells: Cells, at: number): Cells {
  const event = cells.slice(at, at + CELLS)
  event[META] = metaWithId({ clientId: textOf(event[CLIENT_ID]), idHint: textOf(event[ID_HINT]), meta: textOf(event[META]) })
  event[CLIENT_ID] = null
  return event
}

/** Receipts and rejected items take their ids from the same sequence, and may be younger than every event. */
function lastJournalId (raw: SqliteDatabase.Database): number {
  return raw.prepare<[], number>('SELECT max(coalesce((SELECT max(id) FROM receipts), 0), coalesce((SELECT max(id) FROM rejected), 0))').pluck().get() ?? 0
}

function newestPartition (raw: SqliteDatabase.Database): Partition | undefined {
  return raw.prepare<[], Partition>('SELECT * FROM partitions ORDER BY n DESC LIMIT 1').get()
}
