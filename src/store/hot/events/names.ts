import type SqliteDatabase from 'better-sqlite3'

const MAX_CACHED = 20_000

/** Gives each service, type and host name, and each token that sends ids, its number: one look-up in memory for nearly all. */
export class NameBook {
  readonly #known = new Map<string, number>()
  readonly #find: SqliteDatabase.Statement<[string], number>
  readonly #add: SqliteDatabase.Statement<[string]>

  constructor (raw: SqliteDatabase.Database) {
    this.#find = raw.prepare<[string], number>('SELECT id FROM names WHERE name = ?').pluck()
    this.#add = raw.prepare<[string]>('INSERT INTO names (name) VALUES (?)')
  }

  /** Must run inside the transaction that uses the number. */
  idOf<N extends string | null> (name: N): N extends string ? number : number | null
  idOf (name: string | null): number | null {
    if (name === null) return null
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const id = this.#find.get(name) ?? Number(this.#add.run(name).lastInsertRowid)
    if (this.#known.size >= MAX_CACHED) this.#known.clear()
    this.#known.set(name, id)
    return id
  }

  /** After a rollback: the numbers given in it do not exist. */
  forget (): void {
    this.#known.clear()
  }
}
