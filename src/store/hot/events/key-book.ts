import type SqliteDatabase from 'better-sqlite3'
import { LEVELS } from '../../../../schemas/words.ts'
import { looksLikeRow } from './kept-id.ts'
import { parseTable } from '../days/partitions.ts'
import { digestOf, type Content } from './submission.ts'

/** The id that a sender gave an event, with what it is judged by. `token` is a number of the name book. */
export interface SentKey {
  clientId: string
  token: number
  digest: string
  /** The sender promised that the id is unique. */
  isStrict: boolean
}

/** Stored before under the row `id`; or in conflict with what was; or new. `isNamed`: it is answered by the sender's id. */
export type Verdict = { kind: 'duplicate', id: number, isNamed: boolean } | { kind: 'conflict' } | { kind: 'new', isNamed: boolean }

/** Of a partition that is older than tokens and digests of keys. */
const UNKNOWN_TOKEN = 0

/**
 * Knows the ids that senders gave, in all partitions. A token has its own; the same token, id and content is the same event. Whoever
 * comes first with an id, of whatever token, is answered by it.
 */
export class KeyBook {
  readonly #raw: SqliteDatabase.Database
  /** Newest partition first; the statements are kept. */
  #shelves: Shelf[] | undefined

  constructor (raw: SqliteDatabase.Database) {
    this.#raw = raw
  }

  judge (key: SentKey): Verdict {
    const known = this.#all().filter((shelf) => shelf.has(key.clientId))
    for (const shelf of known) {
      const stored = shelf.find(key)
      if (stored !== undefined) return { kind: 'duplicate', ...stored }
    }
    if (key.isStrict && known.some((shelf) => shelf.hasOfToken(key))) return { kind: 'conflict' }
    return { kind: 'new', isNamed: known.length === 0 && !looksLikeRow(key.clientId) }
  }

  /** Keeps the key of an event that was stored in the newest partition. */
  add (key: SentKey, id: number, isNamed: boolean): void {
    this.#all()[0]?.add(key, id, isNamed)
  }

  forgetPartitions (): void {
    this.#shelves = undefined
  }

  #all (): Shelf[] {
    this.#shelves ??= this.#raw.prepare<[], number>('SELECT n FROM partitions ORDER BY n DESC').pluck().all().map((n) => new Shelf(this.#raw, n))
    return this.#shelves
  }
}

/** The keys of one partition. Nearly every event asks `has` alone; all else is prepared when it is first needed. */
class Shelf {
  readonly #raw: SqliteDatabase.Database
  readonly #n: number
  readonly #has: SqliteDatabase.Statement<[string], number>
  #find: SqliteDatabase.Statement<[string, number, string], { id: number, isOther: number }> | undefined
  #findOld: SqliteDatabase.Statement<[string, number], number> | undefined
  #hasOfToken: SqliteDatabase.Statement<[string, number], number> | undefined
  #add: SqliteDatabase.Statement<[string, number, number, string, number]> | undefined

  constructor (raw: SqliteDatabase.Database, n: number) {
    this.#raw = raw
    this.#n = n
    this.#has = raw.prepare<[string], number>(`SELECT 1 FROM ${this.#table} WHERE client_id = ? LIMIT 1`).pluck()
  }

  get #table (): string {
    return parseTable('keys', this.#n)
  }

  has (clientId: string): boolean {
    return this.#has.get(clientId) !== undefined
  }

  find (key: SentKey): { id: number, isNamed: boolean } | undefined {
    this.#find ??= this.#raw.prepare<[string, number, string], { id: number, isOther: number }>(
      `SELECT id, is_other AS isOther FROM ${this.#table} WHERE client_id = ? AND is_other IN (0, 1) AND token = ? AND digest = ?`)
    const found = this.#find.get(key.clientId, key.token, key.digest)
    return found === undefined ? this.#findByContent(key) : { id: found.id, isNamed: found.isOther === 0 }
  }

  hasOfToken ({ clientId, token }: SentKey): boolean {
    this.#hasOfToken ??= this.#raw.prepare<[string, number], number>(
      `SELECT 1 FROM ${this.#table} WHERE client_id = ? AND is_other IN (0, 1) AND token = ? LIMIT 1`).pluck()
    return this.#hasOfToken.get(clientId, token) !== undefined
  }

  add ({ clientId, token, digest }: SentKey, id: number, isNamed: boolean): void {
    this.#add ??= this.#raw.prepare<[string, number, number, string, number]>(
      `INSERT INTO ${this.#table} (client_id, is_other, token, digest, id) VALUES (?, ?, ?, ?, ?)`)
    this.#add.run(clientId, isNamed ? 0 : 1, token, digest, id)
  }

  /** A sender that tries again over an upgrade is recognised by the event itself. */
  #findByContent ({ clientId, digest }: SentKey): { id: number, isNamed: boolean } | undefined {
    this.#findOld ??= this.#raw.prepare<[string, number], number>(
      `SELECT id FROM ${this.#table} WHERE client_id = ? AND is_other = 0 AND token = ?`).pluck()
    const id = this.#findOld.get(clientId, UNKNOWN_TOKEN)
    return id !== undefined && this.#digestsOf(id).includes(digest) ? { id, isNamed: true } : undefined
  }

  #digestsOf (id: number): string[] {
    const row = this.#raw.prepare<[number], Row>(`
      SELECT time, level, trace_id AS traceId, message, meta, (SELECT name FROM names WHERE id = service_id) AS service,
        (SELECT name FROM names WHERE id = type_id) AS type, (SELECT name FROM names WHERE id = host_id) AS host
      FROM ${parseTable('events', this.#n)} WHERE id = ?`).get(id)
    if (row === undefined) return []
    const content: Content = { ...row, level: LEVELS[row.level - 1] ?? 'INFO' }
    return [digestOf(content, row.time), digestOf(content, null)]
  }
}

interface Row extends Omit<Content, 'level'> {
  time: number
  level: number
}
