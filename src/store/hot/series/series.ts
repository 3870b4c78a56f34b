import { sql } from 'kysely'
import type { Labels } from '../../../../schemas/sample.ts'
import { parseJsonText } from '../../../core/text/json-text.ts'
import type { ReadContext } from '../contexts.ts'
import { labelsKey } from './samples.ts'
import { chooseTier, type Tier } from './tiers.ts'
import type { Range } from '../days/windows.ts'

/** A series that exists; times in ms since the epoch. */
export interface KnownSeries {
  name: string
  labels: Labels
  first: number
  last: number
}

export interface NumberedSeries extends KnownSeries {
  id: number
  /** Its place among all of its name. */
  order: number
}

export interface PointsRequest {
  name: string
  labels: Labels
  range: Range
  /** Points begin at multiples of it. */
  binMs: number
}

export interface Point {
  time: number
  count: number
  min: number
  max: number
  sum: number
}

/** `binMs` is wider than what was asked for where only coarser sums are left. */
export interface Points {
  binMs: number
  points: Point[]
}

/** SQLite binds some thousands of values to one statement. */
const NAMES_AT_ONCE = 1_000
/** A block costs some 5 us. */
const BLOCKS_IN_SLICE = 500

/** Lists the series, of one name or of all, in the order of names and labels. */
export async function listSeries ({ db }: ReadContext, { name }: { name?: string }): Promise<KnownSeries[]> {
  const all = db.selectFrom('series').selectAll().orderBy('name').orderBy('labels')
  const rows = await (name === undefined ? all : all.where('name', '=', name)).execute()
  return rows.map((row) => ({ name: row.name, labels: parseJsonText(row.labels), first: row.first_seen, last: row.last_seen }))
}

/** Lists the series of several names, each in the order of its labels. */
export async function namedSeries ({ db }: ReadContext, names: ReadonlySet<string>): Promise<Map<string, NumberedSeries[]>> {
  const byName = new Map<string, NumberedSeries[]>()
  const all = [...names]
  for (let at = 0; at < all.length; at += NAMES_AT_ONCE) {
    const rows = await db.selectFrom('series').selectAll().where('name', 'in', all.slice(at, at + NAMES_AT_ONCE)).orderBy('name').orderBy('labels').execute()
    for (const row of rows) {
      const list = byName.get(row.name) ?? []
      list.push({ id: row.id, order: list.length, name: row.name, labels: parseJsonText(row.labels), first: row.first_seen, last: row.last_seen })
      byName.set(row.name, list)
    }
  }
  return byName
}

/** Sums the samples of a series up by bins; a bin without a sample is left out. Undefined when there is no such series. */
export async function seriesPoints (context: ReadContext, { name, labels, range, binMs }: PointsRequest): Promise<Points | undefined> {
  const { db, guard } = context
  const series = await db.selectFrom('series').select('id').where('name', '=', name).where('labels', '=', labelsKey(labels)).executeTakeFirst()
  if (series === undefined) return undefined
  const tier = await chooseTier(context, { from: range.from, binMs })
  const widthMs = Math.max(binMs, tier.widthMs)
  const whole = { from: range.from - range.from % widthMs, to: range.to }
  const bins = new Map<number, Point>()
  for (const blocks of slices(whole, tier)) {
    const rows = await sumsIn(context, { seriesId: series.id, range: whole, tier, blocks, widthMs })
    for (const row of rows) bins.set(row.time, merged(bins.get(row.time), row))
    await guard.pause()
  }
  return { binMs: widthMs, points: [...bins.values()] }
}

interface Blocks {
  first: number
  last: number
}

/** The blocks that may hold rows of the range, so many at a time. */
function * slices ({ from, to }: Range, { blockMs, extent }: Tier & { extent: Blocks }): Generator<Blocks> {
  const last = Math.min(to - to % blockMs, extent.last)
  const sliceMs = BLOCKS_IN_SLICE * blockMs
  for (let first = Math.max(from - from % blockMs, extent.first); first <= last; first += sliceMs) {
    yield { first, last: Math.min(last, first + sliceMs - blockMs) }
  }
}

async function sumsIn (
  { db }: ReadContext, { seriesId, range, tier, blocks, widthMs }: { seriesId: number, range: Range, tier: Tier, blocks: Blocks, widthMs: number }
): Promise<Point[]> {
  const sums = tier.table === 'samples'
    ? sql`count(*) AS count, min(s.value) AS min, max(s.value) AS max, sum(s.value) AS sum`
    : sql`sum(s.count) AS count, min(s.min) AS min, max(s.max) AS max, sum(s.sum) AS sum`
  const { rows } = await sql<Point>`
    WITH RECURSIVE blocks (block) AS (
      SELECT ${blocks.first} UNION ALL SELECT block + ${tier.blockMs} FROM blocks WHERE block < ${blocks.last}
    )
    SELECT s.time - s.time % ${sql.lit(widthMs)} AS time, ${sums}
    FROM blocks CROSS JOIN ${sql.table(tier.table)} AS s
      ON s.block = blocks.block AND s.series_id = ${seriesId} AND s.time BETWEEN ${range.from} AND ${range.to}
    GROUP BY 1 ORDER BY 1`.execute(db)
  return rows
}

/** A bin may lie in two slices. */
function merged (before: Point | undefined, { time, count, min, max, sum }: Point): Point {
  if (before === undefined) return { time, count, min, max, sum }
  return { time, count: before.count + count, min: Math.min(before.min, min), max: Math.max(before.max, max), sum: before.sum + sum }
}
