import type SqliteDatabase from 'better-sqlite3'
import { indexText } from '../../../query/index-text.ts'
import type { NameBook } from '../events/names.ts'
import type { Partition } from './partitions.ts'
import { RollupCounter } from './rollups.ts'
import { CLIENT_ID, META, textOf, type Cells } from '../events/submission.ts'

/** Measured with dbstat: a row with its ids and its places in the indexes, and a letter with its share of the word index. */
const ROW_BYTES = 150
const BYTES_PER_LETTER = 1.6

/** The partition that takes the new events: prepared statements, and the counts of the commit under way. */
export class OpenPartition {
  readonly n: number
  readonly day: number
  /** Its ids lead the clock by so much. */
  readonly leadMs: number
  readonly layout: number
  rows: number
  bytes: number
  readonly #insert: SqliteDatabase.Statement
  readonly #index: SqliteDatabase.Statement
  readonly #indexOne: SqliteDatabase.Statement
  readonly #catalogue: SqliteDatabase.Statement
  readonly #rollups: RollupCounter
  /** What the word index takes instead of the message, of those events of this commit where that is another text. */
  #reshaped: Array<{ id: number, text: string }> = []
  #first = 0
  #last = 0
  #minTime: number
  #maxTime: number

  constructor (raw: SqliteDatabase.Database, { n, day, rows, bytes, layout, min_time: minTime, max_time: maxTime, lead_ms: leadMs }: Partition) {
    this.n = n
    this.day = day
    this.leadMs = leadMs
    this.layout = layout
    this.rows = rows
    this.bytes = bytes
    this.#minTime = rows === 0 ? Infinity : minTime
    this.#maxTime = rows === 0 ? -Infinity : maxTime
    this.#insert = raw.prepare(`INSERT INTO events_${n} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)`)
    this.#index = raw.prepare(
      `INSERT INTO words_${n} (rowid, message) SELECT id, message FROM events_${n} WHERE id BETWEEN ? AND ?`)
    this.#indexOne = raw.prepare(`INSERT INTO words_${n} (rowid, message) VALUES (?, ?)`)
    this.#catalogue = raw.prepare(
      'UPDATE partitions SET rows = ?, bytes = ?, min_time = ?, max_time = ?, last_id = ? WHERE n = ?')
    this.#rollups = new RollupCounter(raw, n)
  }

  /** What it takes of the disk, roughly: with words and indexes some two to five times the text. */
  get sizeBytes (): number {
    return this.rows * ROW_BYTES + this.bytes * BYTES_PER_LETTER
  }

  /** Stores the event whose cells begin at `at` (order: submission.ts `pack`) and returns its id. */
  insert (id: number, cells: Cells, at: number, names: NameBook): number {
    const time = Number(cells[at])
    const level = Number(cells[at + 1])
    const message = textOf(cells[at + 8])
    const meta = textOf(cells[at + META])
    const serviceId = names.idOf(textOf(cells[at + 3]))
    this.#insert.run(id, time, level, cells[at + 2], serviceId, names.idOf(textOf(cells[at + 4])),
      names.idOf(textOf(cells[at + 5])), cells[at + 6], textOf(cells[at + CLIENT_ID]), message, meta)
    this.#rollups.add(time, level, serviceId)
    this.#noteText(id, message ?? '')
    if (this.#first === 0) this.#first = id
    this.#last = id
    this.rows++
    this.bytes += (message?.length ?? 0) + (meta?.length ?? 0)
    if (time < this.#minTime) this.#minTime = time
    if (time > this.#maxTime) this.#maxTime = time
    return id
  }

  /** Makes the events of this commit findable: words, counts and the catalogue, each in one go. */
  finish (): void {
    if (this.#first === 0) return
    this.#indexWords()
    this.#rollups.flush()
    this.#catalogue.run(this.rows, this.bytes, this.#minTime, this.#maxTime, this.#last, this.n)
    this.#first = 0
  }

  #noteText (id: number, message: string): void {
    const text = indexText(message)
    if (text !== message) this.#reshaped.push({ id, text })
  }

  /** In order of their ids, as FTS5 likes it: the messages between two that are reshaped in one go. */
  #indexWords (): void {
    let from = this.#first
    for (const { id, text } of this.#reshaped) {
      if (id > from) this.#index.run(from, id - 1)
      this.#indexOne.run(id, text)
      from = id + 1
    }
    if (from <= this.#last) this.#index.run(from, this.#last)
    this.#reshaped = []
  }
}
