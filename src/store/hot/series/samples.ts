import type SqliteDatabase from 'better-sqlite3'
import type { Labels, Sample } from '../../../../schemas/sample.ts'
import { toJsonText, type JsonText } from '../../../core/text/json-text.ts'
import type { WriteContext } from '../contexts.ts'
import { TIERS, type Tier } from './tiers.ts'

export interface SamplesToStore {
  samples: readonly Sample[]
  /** No series is begun beyond so many. Absent for what the service measures itself, which is not counted either. */
  maxSeries?: number
}

/** What became of samples, as places in the list; all others were stored. */
export interface StoredSamples {
  /** The series had a sample of this ms already: it stays as it was. */
  duplicates: number[]
  /** They would have begun a series beyond the cap. */
  refused: number[]
}

type Cells = [block: number, seriesId: number, time: number, count: number, min: number, max: number, sum: number]

/** The labels as one text that is the same whatever their order. */
export function labelsKey (labels: Labels): JsonText<Labels> {
  return toJsonText(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1)))
}

/**
 * Stores samples and adds them to their minutes and hours, in one transaction: there is nothing to sum up later, and
 * nothing to catch up with after a crash. Throws `no_space` when the disk has too little room.
 */
export async function appendSamples ({ raw, space }: WriteContext, { samples, maxSeries }: SamplesToStore): Promise<StoredSamples> {
  const refusal = space.refusal()
  if (refusal !== undefined) throw refusal
  return raw.transaction(() => {
    const series = new SeriesBook(raw, maxSeries)
    const tiers = [TIERS.minutes, TIERS.hours].map((tier) => new TierSums(raw, tier))
    const insert = raw.prepare('INSERT INTO samples (block, series_id, time, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
    const outcome: StoredSamples = { duplicates: [], refused: [] }
    for (const [at, sample] of samples.entries()) {
      const id = series.idOf(sample)
      if (id === undefined) outcome.refused.push(at)
      else if (insert.run(blockOf(TIERS.samples, sample.time), id, sample.time, sample.value).changes === 0) outcome.duplicates.push(at)
      else for (const tier of tiers) tier.add(id, sample)
    }
    for (const part of [series, ...tiers]) part.flush()
    return outcome
  }).immediate()
}

function blockOf ({ blockMs }: Tier, time: number): number {
  return time - time % blockMs
}

interface Seen {
  id: number
  first: number
  last: number
}

/** Gives each series its number, and a new one while there is room. */
class SeriesBook {
  readonly #raw: SqliteDatabase.Database
  readonly #find: SqliteDatabase.Statement<[string, string], number>
  readonly #seen = new Map<string, Seen | undefined>()
  readonly #maxSeries: number | undefined
  /** Counted when the first new series asks for it. */
  #room: number | undefined

  constructor (raw: SqliteDatabase.Database, maxSeries: number | undefined) {
    this.#raw = raw
    this.#find = raw.prepare<[string, string], number>('SELECT id FROM series WHERE name = ? AND labels = ?').pluck()
    this.#maxSeries = maxSeries
  }

  idOf ({ name, labels, time }: Sample): number | undefined {
    const text = labelsKey(labels)
    const key = `${name}${text}`
    if (!this.#seen.has(key)) this.#seen.set(key, this.#open(name, text, time))
    const seen = this.#seen.get(key)
    if (seen === undefined) return undefined
    seen.first = Math.min(seen.first, time)
    seen.last = Math.max(seen.last, time)
    return seen.id
  }

  flush (): void {
    const update = this.#raw.prepare('UPDATE series SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) WHERE id = ?')
    for (const seen of this.#seen.values()) {
      if (seen !== undefined) update.run(seen.first, seen.last, seen.id)
    }
  }

  #open (name: string, labels: string, time: number): Seen | undefined {
    const id = this.#find.get(name, labels) ?? this.#begin(name, labels, time)
    return id === undefined ? undefined : { id, first: time, last: time }
  }

  #begin (name: string, labels: string, time: number): number | undefined {
    const isOwn = this.#maxSeries === undefined
    if (this.#maxSeries !== undefined && !this.#takeRoom(this.#maxSeries)) return undefined
    return Number(this.#raw.prepare('INSERT INTO series (name, labels, is_own, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)')
      .run(name, labels, isOwn ? 1 : 0, time, time).lastInsertRowid)
  }

  #takeRoom (maxSeries: number): boolean {
    this.#room ??= maxSeries - (this.#raw.prepare<[], number>('SELECT count(*) FROM series WHERE is_own = 0').pluck().get() ?? 0)
    return this.#room-- > 0
  }
}

/** Sums samples up by the width of a tier, then adds the sums to its table. */
class TierSums {
  readonly #raw: SqliteDatabase.Database
  readonly #tier: Tier
  readonly #sums = new Map<string, Cells>()

  constructor (raw: SqliteDatabase.Database, tier: Tier) {
    this.#raw = raw
    this.#tier = tier
  }

  add (seriesId: number, { time, value }: Sample): void {
    const start = time - time % this.#tier.widthMs
    const key = `${seriesId} ${start}`
    const [, , , count, min, max, sum] = this.#sums.get(key) ?? [0, 0, 0, 0, Infinity, -Infinity, 0]
    this.#sums.set(key, [blockOf(this.#tier, start), seriesId, start, count + 1, Math.min(min, value), Math.max(max, value), sum + value])
  }

  flush (): void {
    const add = this.#raw.prepare<Cells>(`
      INSERT INTO ${this.#tier.table} (block, series_id, time, count, min, max, sum) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (block, series_id, time) DO UPDATE SET
        count = count + excluded.count, min = min(min, excluded.min), max = max(max, excluded.max), sum = sum + excluded.sum`)
    for (const cells of this.#sums.values()) add.run(...cells)
  }
}
